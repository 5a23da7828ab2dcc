import type { ReactNode } from 'react';

/** Own line drawings on a grid of 16. */
const shapes = {
  overview: 'M2 13h12M4 13V8m4 5V3m4 10V6',
  devices: 'M3 3h10v10H3zM6 6h4v4H6zM1 6h2M1 10h2m10-4h2m-2 4h2M6 1v2m4-2v2m-4 10v2m4-2v2',
  firmware: 'M8 2v8m-3-3 3 3 3-3M3 13h10',
  bootstrap: 'M3 13V9a5 5 0 0 1 10 0v4M3 13h10M8 4V1',
  credentials: 'M6 10a3 3 0 1 1 2.6-1.5L14 14m-3-3 1.5-1.5',
  definitions: 'M3 2h8l2 2v10H3zM6 6h4M6 9h4M6 12h2',
  sms: 'M2 3h12v8H7l-3 3v-3H2zM5 6h6M5 8.5h4',
  users: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14a5.5 5.5 0 0 1 11 0',
  tokens: 'M2 5h12v6H2zM5 8h2m2 0h2',
  audit: 'M4 2h8v12H4zM6 5h4M6 8h4M6 11h2',
  help: 'M5.5 6a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .8-1 1.7m0 2.5v.1',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zm3.5-1.5L14 14',
  close: 'm4 4 8 8m0-8-8 8',
  chevron: 'm6 4 4 4-4 4',
} as const;
export type IconName = keyof typeof shapes;

/** A drawing beside a text that says the same; hidden from those who do not see it. */
export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={shapes[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

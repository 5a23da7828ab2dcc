import { plainPages, type PlainPage, type Route } from './route.ts';

/** Where `g` and another key lead. */
export const goKeys: Readonly<Record<string, Route>> = {
  o: { page: 'overview' },
  d: { page: 'devices', filter: '' },
  f: plain('firmware'),
  b: plain('bootstrap'),
  c: plain('credentials'),
  m: plain('definitions'),
  s: plain('sms'),
  u: plain('users'),
  t: plain('tokens'),
  a: plain('audit'),
  h: plain('help'),
};

/** What keys do everywhere, unless one types. */
export type Shortcut =
  | { readonly kind: 'palette' }
  | { readonly kind: 'filter' }
  | { readonly kind: 'go'; readonly to: Route }
  /** The next key says where to. */
  | { readonly kind: 'going' };

/** A key that was pressed, and what was before. */
export interface Press {
  readonly key: string;
  /** Control, or Command on a Mac. */
  readonly isCommand: boolean;
  /** True in a field, where letters are letters. */
  readonly isTyping: boolean;
  /** True after `g`. */
  readonly isGoing: boolean;
}

/** What a key does; `undefined` for nothing. */
export function shortcutOf({ key, isCommand, isTyping, isGoing }: Press): Shortcut | undefined {
  if (isCommand) return key.toLowerCase() === 'k' ? { kind: 'palette' } : undefined;
  if (isTyping) return undefined;
  if (isGoing) {
    const to = goKeys[key];
    return to === undefined ? undefined : { kind: 'go', to };
  }
  if (key === 'g') return { kind: 'going' };
  if (key === '/') return { kind: 'filter' };
  return key === '?' ? { kind: 'go', to: plain('help') } : undefined;
}

function plain(page: PlainPage): Route {
  return { page: plainPages.find((each) => each === page) ?? 'help', query: '' };
}

/** Why a modem refused a command. */
export type AtError =
  /** `+CMS ERROR`, of the short message service (3GPP TS 27.005 §3.2.5). */
  | { readonly kind: 'cms'; readonly code: number }
  /** `+CME ERROR`, of the modem itself (3GPP TS 27.007 §9.2). */
  | { readonly kind: 'cme'; readonly code: number }
  /** No number was given. */
  | { readonly kind: 'plain' };

/** How a command ended: what the last line of each answer says. */
export type FinalResult = { readonly kind: 'ok' } | { readonly kind: 'error'; readonly error: AtError };

const numbered = /^\+(CM[ES]) ERROR: *(\d{1,5})$/;

/** What a line says about the end of a command; `undefined` when it is none of the last lines. */
export function finalResultOf(line: string): FinalResult | undefined {
  if (line === 'OK') return { kind: 'ok' };
  if (line === 'ERROR' || line === 'COMMAND NOT SUPPORT') return { kind: 'error', error: { kind: 'plain' } };
  const [, service, code] = numbered.exec(line) ?? [];
  if (service !== undefined)
    return { kind: 'error', error: { kind: service === 'CMS' ? 'cms' : 'cme', code: Number(code) } };
  return /^\+CM[ES] ERROR/.test(line) ? { kind: 'error', error: { kind: 'plain' } } : undefined;
}

/** The error as the modem said it. */
export function describeAtError(error: AtError): string {
  return error.kind === 'plain' ? 'ERROR' : `+${error.kind.toUpperCase()} ERROR: ${error.code}`;
}

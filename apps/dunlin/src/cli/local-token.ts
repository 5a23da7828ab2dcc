/** What the server leaves for commands on its machine. */
export interface LocalToken {
  /** Where the server is. */
  readonly url: string;
  readonly token: string;
}

/** The content of the file; `undefined` for what is none. */
export function readLocalToken(bytes: Uint8Array): LocalToken | undefined {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof document !== 'object' || document === null) return undefined;
  const { url, token } = Object.fromEntries(Object.entries(document));
  if (typeof url !== 'string' || typeof token !== 'string') return undefined;
  return URL.canParse(url) && /^\S{32,}$/.test(token) ? { url, token } : undefined;
}

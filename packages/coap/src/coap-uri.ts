/** A `coap` or `coaps` URI, taken apart (RFC 7252 §6.4). */
export interface CoapUri {
  readonly kind: 'coap-uri';
  /** True for `coaps`: it is reached over DTLS (RFC 7252 §6.2). */
  readonly isSecure: boolean;
  /** A name or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Decoded segments, an empty one at the end for a slash there. */
  readonly path: readonly string[];
  /** Decoded arguments. */
  readonly query: readonly string[];
}

/** Why a text is no such URI. */
export interface CoapUriFailure {
  readonly kind: 'failure';
  readonly problem: 'no-uri' | 'other-scheme' | 'fragment-or-user' | 'percent-encoding';
}

/** By the scheme (RFC 7252 §6.1, §6.2). */
const defaultPorts: Readonly<Record<string, number>> = { 'coap:': 5683, 'coaps:': 5684 };

/** Takes a URI apart (RFC 7252 §6.4). What it names may still be too long for a message. */
export function parseCoapUri(text: string): CoapUri | CoapUriFailure {
  const url = URL.parse(text);
  if (url === null) return failure('no-uri');
  const defaultPort = defaultPorts[url.protocol];
  if (defaultPort === undefined) return failure('other-scheme');
  if (url.hostname === '') return failure('no-uri');
  if (url.hash !== '' || url.username !== '' || url.password !== '') return failure('fragment-or-user');
  const { pathname, search } = url;
  try {
    return {
      kind: 'coap-uri',
      isSecure: url.protocol === 'coaps:',
      host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? defaultPort : Number(url.port),
      path: pathname === '' || pathname === '/' ? [] : pathname.slice(1).split('/').map(decodeURIComponent),
      query: search === '' ? [] : search.slice(1).split('&').map(decodeURIComponent),
    };
  } catch {
    return failure('percent-encoding');
  }
}

function failure(problem: CoapUriFailure['problem']): CoapUriFailure {
  return { kind: 'failure', problem };
}

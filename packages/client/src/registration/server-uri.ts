import { UsageError } from '@dunlin/base';

/** A Server URI, taken apart (RFC 7252 §6.4). */
export interface ServerUri {
  /** True for `coaps`: it is reached over DTLS (RFC 7252 §6.2). */
  readonly isSecure: boolean;
  /** A name or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Decoded path segments that go before `rd` in Register. */
  readonly path: readonly string[];
  /** Decoded query arguments that go before those of Register. */
  readonly query: readonly string[];
}

/** Which schemes of Server URIs a client can reach. */
export interface ReachableSchemes {
  readonly coap: boolean;
  readonly coaps: boolean;
}

/** By the scheme (RFC 7252 §6.1, §6.2, R-901). */
const defaultPorts: Readonly<Record<string, number>> = { 'coap:': 5683, 'coaps:': 5684 };

/** Takes a `coap` or `coaps` URI apart. Throws `UsageError` on anything else: this client has no other transport yet. */
export function parseServerUri(text: string): ServerUri {
  const url = URL.parse(text);
  const defaultPort = defaultPorts[url?.protocol ?? ''];
  if (url === null || defaultPort === undefined || url.hostname === '') {
    throw new UsageError(
      `A Server URI is of the form coap://host[:port] or coaps://host[:port], not '${text}'.`,
    );
  }
  if (url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new UsageError(`A Server URI has neither a fragment nor a user: '${text}'.`);
  }
  try {
    return {
      isSecure: url.protocol === 'coaps:',
      host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? defaultPort : Number(url.port),
      path: partsOf(url.pathname, '/'),
      query: partsOf(url.search.slice(1), '&'),
    };
  } catch (cause) {
    throw new UsageError(`A Server URI has a percent sign only before two hexadecimal digits: '${text}'.`, {
      cause,
    });
  }
}

function partsOf(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .filter((part) => part !== '')
    .map((part) => decodeURIComponent(part));
}

import { UsageError } from '@dunlin/base';

/** A Server URI, taken apart (RFC 7252 §6.4). */
export interface ServerUri {
  /** A name or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Decoded path segments that go before `rd` in Register. */
  readonly path: readonly string[];
  /** Decoded query arguments that go before those of Register. */
  readonly query: readonly string[];
}

/** The default port of `coap` (RFC 7252 §6.1). */
const defaultPort = 5683;

/** Takes a `coap` URI apart. Throws `UsageError` on anything else: this client has no other transport yet. */
export function parseServerUri(text: string): ServerUri {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'coap:' || url.hostname === '') {
    throw new UsageError(`A Server URI is of the form coap://host[:port], not '${text}'.`);
  }
  if (url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new UsageError(`A Server URI has neither a fragment nor a user: '${text}'.`);
  }
  try {
    return {
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

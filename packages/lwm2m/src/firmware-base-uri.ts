import { UsageError, utf8Encode } from '@dunlin/base';

/** With what a device fetches an image. */
export type FirmwareProtocol = 'coap' | 'coaps' | 'http' | 'https';

/** Under what images are: such as `coap://server.example:5683` or `https://proxy.example/images`. */
export interface FirmwareBaseUri {
  readonly protocol: FirmwareProtocol;
  /** Without slashes at its end. */
  readonly base: string;
}

/** A URI has up to 255 bytes (1.0 E.6), of which the path takes `/fw/` and a token of 24 letters. */
const longestBase = 255 - 28;

/** Throws `UsageError` for a text that is no base URI of images. */
export function parseFirmwareBaseUri(uri: string): FirmwareBaseUri {
  const base = uri.replace(/\/+$/, '');
  const protocol = firmwareProtocolOf(base);
  const isBase = /^[a-z]+:\/\/(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?(\/[\w.~%/-]*)?$/i.test(base);
  if (protocol === undefined || !isBase) {
    throw new UsageError(
      `${JSON.stringify(uri)} is no base URI for images: coap, coaps, http or https, a host and perhaps a port and a path`,
    );
  }
  if (utf8Encode(base).length > longestBase)
    throw new UsageError(`a base URI for images has up to ${longestBase} bytes`);
  return { protocol, base };
}

/** The protocol of a URI, if images can be fetched with it. */
export function firmwareProtocolOf(uri: string): FirmwareProtocol | undefined {
  const scheme = uri.slice(0, Math.max(uri.indexOf('://'), 0)).toLowerCase();
  switch (scheme) {
    case 'coap':
    case 'coaps':
    case 'http':
    case 'https':
      return scheme;
  }
  return undefined;
}

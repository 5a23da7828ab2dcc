import { UsageError } from '@dunlin/base';

/** Where a device waits for a bootstrap that the server begins. */
export interface DeviceUri {
  readonly isSecure: boolean;
  /** A name or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Takes `coap://host[:port]` or `coaps://host[:port]` apart; throws a `UsageError` on anything else. */
export function parseDeviceUri(text: string): DeviceUri {
  const url = URL.parse(text);
  const isOnlyPlace =
    url !== null &&
    /^coaps?:\/\//i.test(text) &&
    url.hostname !== '' &&
    (url.pathname === '' || url.pathname === '/') &&
    url.search + url.hash + url.username + url.password === '';
  if (!isOnlyPlace) {
    throw new UsageError(
      `where a device is must be of the form coap://host[:port] or coaps://host[:port], not ${JSON.stringify(text)}`,
    );
  }
  const isSecure = url.protocol === 'coaps:';
  return {
    isSecure,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    // The ports of CoAP (RFC 7252 §6.1, §6.2); a device may listen anywhere.
    port: url.port === '' ? (isSecure ? 5684 : 5683) : Number(url.port),
  };
}

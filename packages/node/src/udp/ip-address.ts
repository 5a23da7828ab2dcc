/** `host:port` as URIs write it: an IPv6 address goes into brackets. */
export function formatHostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const mappedPrefix = '::ffff:';

/** An IPv4 address that a dual-stack socket shows as IPv4-mapped IPv6, in its IPv4 form; others as they are. */
export function normaliseAddress(address: string): string {
  return address.startsWith(mappedPrefix) && address.includes('.')
    ? address.slice(mappedPrefix.length)
    : address;
}

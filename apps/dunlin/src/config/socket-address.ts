import { isIP } from 'node:net';

/** Where to listen. */
export interface SocketAddress {
  /** An IP address without brackets, or `localhost`. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

/** The address that `127.0.0.1:5683`, `[::1]:5683`, `localhost:5683` or `:5683` (every address) names, or `undefined`. */
export function parseSocketAddress(text: string): SocketAddress | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text.trim());
  if (match === null) return undefined;
  const [, bracketed, plain, portText] = match;
  const port = Number(portText);
  if (port > 65_535) return undefined;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined;
  if (plain === '' || plain === undefined) return { host: '0.0.0.0', port };
  if (plain === 'localhost') return { host: '127.0.0.1', port };
  return isIP(plain) === 4 ? { host: plain, port } : undefined;
}

/** True when only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.') || host === 'localhost';
}

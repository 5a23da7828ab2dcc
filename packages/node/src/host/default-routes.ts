import { endianness } from 'node:os';

/** A way out of the networks that a host is in. */
export interface DefaultRoute {
  readonly interfaceName: string;
  readonly family: 'IPv4' | 'IPv6';
  /** The address of the router. */
  readonly gateway: string;
  /** Of several the least is taken. */
  readonly metric: number;
}

/** RTF_GATEWAY of the kernel: the next hop is a router. */
const isByGateway = 0x2;

/** The default routes in the text of `/proc/net/route`; lines that are none are passed over. */
export function parseIpv4Routes(text: string): readonly DefaultRoute[] {
  return lines(text).flatMap(([interfaceName = '', destination, gateway = '', flags, , , metric, mask]) => {
    const isDefault = destination === '00000000' && mask === '00000000';
    const address = ipv4From(gateway);
    if (!isDefault || address === undefined || (hexNumber(flags) & isByGateway) === 0) return [];
    return [{ interfaceName, family: 'IPv4', gateway: address, metric: Number(metric) }];
  });
}

/** The default routes in the text of `/proc/net/ipv6_route`; lines that are none are passed over. */
export function parseIpv6Routes(text: string): readonly DefaultRoute[] {
  return lines(text).flatMap((columns) => {
    const [destination = '', prefixLength, , , gateway = '', metric, , , flags, interfaceName = ''] = columns;
    const address = ipv6From(gateway);
    const isDefault = /^0{32}$/.test(destination) && prefixLength === '00';
    if (!isDefault || address === undefined || (hexNumber(flags) & isByGateway) === 0) return [];
    return [{ interfaceName, family: 'IPv6', gateway: address, metric: hexNumber(metric) }];
  });
}

function lines(text: string): readonly (readonly string[])[] {
  return text.split('\n').map((line) => line.trim().split(/\s+/));
}

function hexNumber(digits: string | undefined): number {
  return Number.parseInt(digits ?? '', 16) || 0;
}

/** The kernel prints the four bytes as the number that they are in memory. */
function ipv4From(digits: string): string | undefined {
  if (!/^[0-9A-Fa-f]{8}$/.test(digits)) return undefined;
  const bytes = digits.match(/../g) ?? [];
  if (endianness() === 'LE') bytes.reverse();
  return bytes.map(hexNumber).join('.');
}

function ipv6From(digits: string): string | undefined {
  if (!/^[0-9A-Fa-f]{32}$/.test(digits)) return undefined;
  const groups = digits.match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

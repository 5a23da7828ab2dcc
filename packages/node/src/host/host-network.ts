import { existsSync, readFileSync } from 'node:fs';
import type { NetworkInterfaceInfo, networkInterfaces } from 'node:os';

import { type DefaultRoute, parseIpv4Routes, parseIpv6Routes } from './default-routes.ts';
import { NetworkBearer, networkBearerOf } from './network-bearer.ts';
import { parseWirelessLinks, type WirelessLink } from './wireless-links.ts';

/** Where the network of a host is looked up. */
export interface HostNetworkSource {
  /** The interface in the centre; default that of the default route. */
  readonly interfaceName: string | undefined;
  /** What Linux does not tell, by the names of interfaces. */
  readonly bearers: Readonly<Record<string, number>>;
  readonly interfaces: typeof networkInterfaces;
  /** The folder that has `proc` and `sys` in it, without a slash at the end. */
  readonly root: string;
}

/** What a host is connected by at one moment. */
export interface HostNetwork {
  /** That of the interface in the centre. */
  readonly bearer: number;
  /** Of all interfaces with an address, each once. */
  readonly bearers: readonly number[];
  /** The radio of the interface in the centre, if it is one. */
  readonly link: WirelessLink | undefined;
  readonly addresses: readonly HostAddress[];
}

/** An address that others can reach the host at, and the router behind which they are. */
interface HostAddress {
  readonly address: string;
  readonly router: string | undefined;
}

/** What the system says now. What it does not say, or has no files for, is not there. */
export function hostNetwork(source: HostNetworkSource): HostNetwork {
  const { root } = source;
  const routes = defaultRoutes(root);
  const found = reachableAddresses(source.interfaces());
  const names = [...new Set(found.map(({ interfaceName }) => interfaceName))];
  const routed = routes.find(({ interfaceName }) => names.includes(interfaceName))?.interfaceName;
  const main = source.interfaceName ?? routed ?? names[0];
  const bearerOf = (name: string): number => source.bearers[name] ?? networkBearerOf(factsOf(root, name));
  return {
    bearer: main === undefined ? NetworkBearer.ethernet : bearerOf(main),
    bearers: [...new Set(names.map(bearerOf))],
    link: main === undefined ? undefined : parseWirelessLinks(readText(root, 'proc/net/wireless')).get(main),
    addresses: found.map(({ interfaceName, address, family }) => ({
      address,
      router: routes.find((route) => route.interfaceName === interfaceName && route.family === family)
        ?.gateway,
    })),
  };
}

/** Those that only reach the host itself or its neighbours are of no use to a Server. */
function reachableAddresses(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
): readonly (Pick<NetworkInterfaceInfo, 'address' | 'family'> & { readonly interfaceName: string })[] {
  return Object.entries(interfaces).flatMap(([interfaceName, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
      .map(({ address, family }) => ({ interfaceName, address, family })),
  );
}

/** The best first. */
function defaultRoutes(root: string): readonly DefaultRoute[] {
  const routes = [
    ...parseIpv4Routes(readText(root, 'proc/net/route')),
    ...parseIpv6Routes(readText(root, 'proc/net/ipv6_route')),
  ];
  return routes.sort((a, b) => a.metric - b.metric);
}

function factsOf(root: string, name: string): Parameters<typeof networkBearerOf>[0] {
  const folder = `sys/class/net/${name}`;
  return {
    isWireless: ['wireless', 'phy80211'].some((entry) => existsSync(`${root}/${folder}/${entry}`)),
    type: readText(root, `${folder}/type`),
    uevent: readText(root, `${folder}/uevent`),
  };
}

/** Other systems have no such files, and a kernel without radios not all of them. */
function readText(root: string, path: string): string {
  try {
    return readFileSync(`${root}/${path}`, 'utf8');
  } catch {
    return '';
  }
}

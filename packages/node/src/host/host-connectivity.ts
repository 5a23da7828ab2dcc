import { networkInterfaces } from 'node:os';

import type { Instant } from '@dunlin/base';
import type { ConnectivityMonitoringValues } from '@dunlin/client';

import { type HostNetwork, hostNetwork, type HostNetworkSource } from './host-network.ts';

/** Which connection of the host is shown, and how. */
export interface HostConnectivityOptions {
  /** The interface that Network Bearer and the radio are of; default that of the default route. */
  readonly interfaceName?: string;
  /** Bearers (1.0 E.5) by the names of interfaces, where Linux does not tell them: the generation of a modem. */
  readonly bearers?: Readonly<Record<string, number>>;
  /** What tells the interfaces; default `networkInterfaces` of `node:os`. */
  readonly interfaces?: typeof networkInterfaces;
  /** The folder in which `proc` and `sys` are looked for; default `/`. */
  readonly root?: string;
}

/** In milliseconds: what one Read asks for is of one moment. */
const networkLifetime = 1000;

/**
 * The values of the Connectivity Monitoring Object as this machine has them, looked up when they are asked for:
 * addresses with their routers, bearers (modems are taken for LTE, what is unknown for Ethernet), and the signal and
 * quality of a radio. The signal of what is no radio is 0. Without Linux only the addresses are known.
 */
export function hostConnectivity(
  options: Readonly<HostConnectivityOptions> = {},
): ConnectivityMonitoringValues {
  const source: HostNetworkSource = {
    interfaceName: options.interfaceName,
    bearers: options.bearers ?? {},
    interfaces: options.interfaces ?? networkInterfaces,
    root: options.root?.replace(/\/$/, '') ?? '',
  };
  const atStart = hostNetwork(source);
  let latest = { at: Number.NEGATIVE_INFINITY, network: atStart };
  const network = (now: Instant): HostNetwork => {
    if (Math.abs(now - latest.at) >= networkLifetime) latest = { at: now, network: hostNetwork(source) };
    return latest.network;
  };
  return {
    networkBearer: (now) => network(now).bearer,
    availableNetworkBearer: (now) => new Map(network(now).bearers.entries()),
    radioSignalStrength: (now) => network(now).link?.signal ?? 0,
    linkQuality: atStart.link === undefined ? undefined : (now) => network(now).link?.quality ?? 0,
    ipAddresses: (now) => new Map(network(now).addresses.map(({ address }, id) => [id, address])),
    routerIpAddresses: (now) => routersOf(network(now)),
  };
}

/** The router of an address has its Resource Instance id (1.0 E.5). */
function routersOf({ addresses }: HostNetwork): ReadonlyMap<number, string> {
  const routers = new Map<number, string>();
  for (const [id, { router }] of addresses.entries()) if (router !== undefined) routers.set(id, router);
  return routers;
}

import type { Contender } from '../contest.ts';
import { driveLinks } from '../load.ts';
import type { ServerProcess } from '../server-process.ts';
import { DeviceSource, echoSource, getSource, NotifyingSource, UpdateSource } from '../sources.ts';
import type { Lane } from './lane.ts';

/** What a socket of `node:dgram` serves that only sends back what it hears, as it comes. */
export async function bareEcho(lane: Lane): Promise<Contender> {
  const server = await lane.server('echo.ts', ['bare']);
  return { name: 'bare dgram echo', server, run: await lane.load(server, echoSource) };
}

/** The same with the settings of our UDP shell, which spare it the resolver: the limit of what is above the shell. */
export async function shellEcho(lane: Lane): Promise<Contender> {
  const server = await lane.server('echo.ts', ['as-the-shell']);
  return { name: 'dgram echo, as the shell', server, run: await lane.load(server, echoSource) };
}

export async function coapGet(lane: Lane): Promise<Contender> {
  const server = await lane.server('coap.ts', ['none']);
  return { name: 'CoAP GET', server, run: await lane.load(server, getSource) };
}

/** Register under ever new names, and Updates of all that were registered so far, in turn. */
export async function registration(
  lane: Lane,
  store: 'memory' | 'sqlite',
  names: { readonly register: string; readonly update: string },
): Promise<readonly Contender[]> {
  const server = await lane.server('lwm2m.ts', [store]);
  const devices: DeviceSource[] = [];
  const register = await lane.load(server, (index) => {
    const device = new DeviceSource(index, (count) => `urn:dev:bench-${index}-${count}`, Infinity);
    devices.push(device);
    return device;
  });
  const update = await lane.load(server, (index) => new UpdateSource(index, devices[index]?.locations ?? []));
  return [
    { name: names.register, server, run: register },
    { name: names.update, server, run: update },
  ];
}

/** Confirmable notifications of observed devices, counted when they are acknowledged and the application has them. */
export async function notifications(lane: Lane): Promise<Contender> {
  const server = await lane.server('lwm2m.ts', ['memory']);
  const devices: NotifyingSource[] = [];
  const links = await lane.links(server, (index) => {
    const device = new NotifyingSource(index);
    devices.push(device);
    return device;
  });
  await driveLinks(links, 30);
  await until(() => devices.every(({ isObserved }) => isObserved));
  return {
    name: 'LwM2M notification (CON)',
    server,
    run: async (seconds) => {
      const heardBefore = await heard(server);
      const result = await driveLinks(links, seconds);
      const heardNow = (await heard(server)) - heardBefore;
      if (heardNow >= result.answers) return result;
      throw new Error(`${result.answers} notifications were acknowledged, the application heard ${heardNow}`);
    },
  };
}

function heard(server: ServerProcess): Promise<number> {
  return server.ask<number>('notifications');
}

async function until(isSo: () => boolean): Promise<void> {
  const patience = performance.now() + 30_000;
  while (!isSo()) {
    if (performance.now() > patience) throw new Error('not every device was observed');
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

// Feeds registrations of many devices into a server without a socket, each from an address of its own.
import { type Instant, instantFrom } from '@dunlin/base';
import { type Binding, type Driven, type Shell, udpPeer } from '@dunlin/coap';
import { systemRandom } from '@dunlin/node';
import { LwM2mServer } from '@dunlin/server';

import { serveCommands } from '../server-process.ts';
import { DeviceSource } from '../sources.ts';
import { usedBytes } from '../used-bytes.ts';

const count = Number(process.argv[2]);
let time = Date.now();
let core: Driven | undefined;

const shell: Shell = {
  local: { address: '127.0.0.1', port: 0, uri: 'coap://127.0.0.1' },
  random: systemRandom(),
  now: (): Instant => instantFrom(time),
  flush: () => undefined,
  peer: udpPeer,
  resolve: (host, port) => Promise.resolve(udpPeer(host, port)),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
const binding: Binding = {
  open: (driven) => {
    core = driven;
    return Promise.resolve(shell);
  },
};

const server = await LwM2mServer.open({ listen: [binding] });
// What is needed once, and what the collector keeps in reserve, does not count.
await register(0, count);
const before = usedBytes();
await register(count, count);
const after = usedBytes();
if (server.local.length !== 1) throw new Error('the server is gone');
const added = { objects: after.objects - before.objects, resident: after.resident - before.resident };
serveCommands(0, { added: () => added });

async function register(first: number, many: number): Promise<void> {
  let registered = 0;
  for (let index = first; index < first + many; index += 1) {
    const device = new DeviceSource(index, () => `urn:dev:ops:32473-bench-${index}`, 1);
    const peer = udpPeer(`10.${(index >> 16) & 0xff}.${(index >> 8) & 0xff}.${index & 0xff}`, 5683);
    core?.handle(device.next() ?? new Uint8Array(), peer, instantFrom(time));
    await Promise.resolve();
    for (let out = core?.poll(); out !== undefined; out = core?.poll()) {
      if (device.take(out.datagram) === 'answer') registered += 1;
    }
    // As a shell does after each datagram: cores set their timers when they are asked for the next one.
    if (core?.deadline === undefined) throw new Error('nothing will ever expire');
    time += 0.5;
  }
  if (registered !== many) throw new Error(`only ${registered} of ${many} devices could register`);
}

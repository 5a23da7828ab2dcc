import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { addDuration, milliseconds, seededRandom } from '@dunlin/base';
import { type FirmwareUpdate, isOver } from '@dunlin/server';
import { perfectConditions, roughConditions, SimulatedNetwork } from '@dunlin/simulation';

import { blobOf } from './support/bytes.ts';
import type { SecureTerms } from './support/secure-channel.ts';
import { forEachSeed, note, traceWhenAsked } from './support/seeds.ts';
import { SimulatedServer } from './support/simulated-server.ts';
import { UpdatableDevice } from './support/updatable-device.ts';

/** What a life is drawn for. */
interface Circumstances {
  readonly isSecure: boolean;
  readonly method: 'push' | 'pull' | 'both';
  /** Nothing goes wrong but what is done on purpose; default false. */
  readonly isCalm?: boolean;
}

/** A server, a device, an image, and whatever happens to them. */
class UpdateLife {
  readonly network: SimulatedNetwork;
  readonly server: SimulatedServer;
  readonly device: UpdatableDevice;
  readonly #draw: () => number;
  readonly #image: Uint8Array;

  constructor(seed: number, { isSecure, method, isCalm = false }: Circumstances) {
    const random = seededRandom(seed ^ 0xf1a);
    this.#draw = () => random.fraction();
    this.network = new SimulatedNetwork(seed, {
      ...roughConditions,
      loss: this.pick([0, 0.05, 0.2]),
      rebinding: this.pick([0, 0, 0.01]),
      ...(isCalm && perfectConditions),
    });
    traceWhenAsked(this.network);
    const start = this.network.clock.now;
    const terms: SecureTerms = {
      connectionIdLength: this.pick<8 | 'none'>([8, 'none']),
      isServerSaved: this.pick([true, false]),
      nextSeed: () => random.uint32(),
      note: (text) => note(this.network, start, text),
    };
    const secure = isSecure ? terms : undefined;
    this.server = new SimulatedServer(this.network, this.pick([0, 0, 10]), secure);
    this.#image = blobOf(seed, isCalm ? 3000 : this.pick([100, 3000, 8000]));
    this.device = new UpdatableDevice(this.network, {
      binding: this.pick(['U', 'U', 'UQ']),
      takesPush: method !== 'pull',
      takesPull: method !== 'push',
      secure,
      storageDelay: isCalm ? 50 : this.pick([0, 5, 50, 500]),
      installationTime: isCalm ? 3000 : this.pick([0, 3000, 60_000]),
      image: this.#image,
      random,
    });
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.#draw() * choices.length)] ?? choices[0];
  }

  /** Both sides are on. */
  async open(): Promise<void> {
    await this.#settled(this.server.start());
    await this.#settled(this.device.start());
    const isHere = (): boolean => this.device.client?.servers[0]?.location !== undefined;
    await this.network.runUntil(isHere, milliseconds(600_000));
  }

  /** The server begins an update. */
  async begin(method: 'automatic' | 'pull'): Promise<void> {
    const { server: open } = this.server;
    const image = await this.#settled(
      open.firmware.add(inPieces(this.#image), { name: 'valve.bin', version: '2.0' }),
    );
    const firmware = open.device(this.device.name).firmware;
    await this.#settled(firmware.start(image, { method, blockSize: this.pick([undefined, 256]) }));
  }

  /** Something happens to one side or to what is between them. */
  async disturb(): Promise<void> {
    await this.network.run(milliseconds(this.#draw() ** 3 * 40_000));
    switch (this.pick(['device', 'device', 'server', 'server', 'network', 'network', 'address'])) {
      case 'device':
        this.device.note('the power of the device fails');
        this.device.kill();
        await this.network.run(milliseconds(this.pick([100, 5000, 60_000])));
        await this.#settled(this.device.start());
        return;
      case 'server':
        this.device.note('the server ends');
        if (this.#draw() < 0.5) this.server.crash();
        else await this.#settled(this.server.close());
        await this.network.run(milliseconds(this.pick([100, 20_000, 200_000])));
        await this.#settled(this.server.start());
        return;
      case 'network':
        this.device.note('the network fails');
        this.network.setConditionsAt('10.0.0.1', { loss: 1 });
        await this.network.run(milliseconds(this.pick([5000, 60_000, 200_000])));
        this.network.setConditionsAt('10.0.0.1', undefined);
        return;
      case 'address':
        this.device.note('the device gets another address');
        await this.#settled(this.device.client?.networkChanged() ?? Promise.resolve());
        return;
    }
  }

  /** One side is gone after so many datagrams from now, and comes back soon; false when so many are never sent. */
  async cutAfter(datagrams: number, side: 'device' | 'server'): Promise<boolean> {
    let sent = 0;
    using _watcher = this.network.watch(() => {
      sent += 1;
      if (sent !== datagrams) return;
      if (side === 'device') this.device.kill();
      else this.server.crash();
    });
    await this.network.run(milliseconds(120_000));
    if (sent < datagrams) return false;
    await this.#settled(side === 'device' ? this.device.start() : this.server.start());
    return true;
  }

  /** From now on all goes well, and what goes well comes to its end. */
  async end(): Promise<FirmwareUpdate> {
    this.device.note('peace');
    this.network.setConditions({ loss: 0, duplication: 0, reordering: 0, rebinding: 0 });
    const end = addDuration(this.network.clock.now, milliseconds(6 * 3_600_000));
    for (;;) {
      const update = await this.#settled(this.server.server.device(this.device.name).firmware.status());
      assert.ok(update);
      if (isOver(update) || this.network.clock.now > end) return update;
      await this.network.run(milliseconds(60_000));
    }
  }

  /** Lets time pass until the promise has settled. */
  async #settled<T>(promise: Promise<T>): Promise<T> {
    const state = { isSettled: false };
    const settled = promise.finally(() => {
      state.isSettled = true;
    });
    // Whoever waits for it below is told what it rejects with.
    settled.catch(() => undefined);
    await this.network.runUntil(() => state.isSettled, milliseconds(60_000));
    return await settled;
  }
}

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 5000) {
    yield bytes.subarray(at, at + 5000);
    await Promise.resolve();
  }
}

async function live(seed: number, circumstances: Circumstances): Promise<void> {
  const life = new UpdateLife(seed, circumstances);
  await life.open();
  await life.begin(circumstances.method === 'both' ? life.pick(['automatic', 'pull']) : 'automatic');
  for (let times = life.pick([0, 1, 2, 3, 4]); times > 0; times -= 1) await life.disturb();
  await assertSuccess(life);
}

async function assertSuccess(life: UpdateLife): Promise<void> {
  let { state, log } = await life.end();
  const { device } = life;
  if (device.interrupted > 0 && state.kind === 'failed' && state.failure.result === 8) {
    // Whoever sees that the device could not install it begins another update.
    await life.begin('automatic');
    ({ state, log } = await life.end());
  }
  assert.deepEqual(device.violations, []);
  assert.equal(
    state.kind,
    'succeeded',
    `${JSON.stringify(state)}:\n${log.map(({ message }) => message).join('\n')}`,
  );
  assert.equal(device.version, '2.0');
  await life.network.run(milliseconds(5000));
  const { state: shown, result } = device.firmware?.status ?? assert.fail('the device is off');
  assert.deepEqual([shown, result, await device.stored()], [0, 1, 0]);
}

describe('our server updates the firmware of our client, whatever happens to either', () => {
  for (const isSecure of [false, true]) {
    for (const method of ['push', 'pull', 'both'] as const) {
      const over = isSecure ? 'DTLS' : 'CoAP';
      it(`over ${over}, with a device that takes ${method}`, async () => {
        await forEachSeed(40, 'firmware.test.ts', (seed) => live(seed, { isSecure, method }));
      });
    }
  }
});

describe('our server updates the firmware of our client, cut after any datagram', () => {
  for (const isSecure of [false, true]) {
    for (const method of ['push', 'pull'] as const) {
      for (const side of ['device', 'server'] as const) {
        it(`at the ${side}, with a ${method} over ${isSecure ? 'DTLS' : 'CoAP'}`, async () => {
          let cuts = 0;
          for (let datagrams = 1; ; datagrams += 1) {
            const life = new UpdateLife(7, { isSecure, method, isCalm: true });
            await life.open();
            await life.begin('automatic');
            if (!(await life.cutAfter(datagrams, side))) break;
            cuts += 1;
            await assertSuccess(life);
          }
          assert.ok(cuts > 30, `only ${cuts} datagrams were sent`);
        });
      }
    }
  }
});

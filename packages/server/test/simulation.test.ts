import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, seededRandom } from '@dunlin/base';
import { type IncomingResponse, Method, type Request } from '@dunlin/coap';
import { roughConditions, SimulatedNetwork } from '@dunlin/simulation';

import type { RawDevice } from './support/raw-device.ts';
import { contentResponse, openTestServer, single, type TestServer } from './support/test-server.ts';

/** How many networks are tried; each device does some forty things on each. */
const seeds = 40;
const steps = 40;

/** Sends a request as a device does, and lets it take as long as it takes. */
async function ask(
  bench: TestServer,
  device: RawDevice,
  request: Request,
): Promise<IncomingResponse | undefined> {
  const outcome = await bench.finish(device.request(request));
  return typeof outcome === 'string' ? undefined : outcome;
}

/** One device that registers, updates, moves, leaves, and is read and observed, on a bad radio. */
async function live(bench: TestServer, device: RawDevice, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const name = `node-${seed}`;
  const handle = bench.server.device(name);
  device.behaviour = () => contentResponse('/6/0/0', single('float', random.fraction()));
  let location: readonly string[] | undefined;
  for (let step = 0; step < steps; step += 1) {
    switch (random.uint32() % 8) {
      case 0:
      case 1: {
        const uriQuery = [`ep=${name}`, 'lt=600', 'lwm2m=1.0'];
        const payload = new TextEncoder().encode('</1/0>,</3/0>,</6/0>');
        const response = await ask(bench, device, {
          method: Method.post,
          uriPath: ['rd'],
          uriQuery,
          payload,
        });
        location = response?.locationPath;
        break;
      }
      case 2:
      case 3:
        if (location !== undefined) await ask(bench, device, { method: Method.post, uriPath: location });
        break;
      case 4:
        if (location !== undefined) await ask(bench, device, { method: Method.delete, uriPath: location });
        location = undefined;
        break;
      case 5:
        await bench.finish(handle.read('/6/0/0').catch(() => undefined));
        break;
      case 6:
        await bench.finish(
          handle
            .observe('/6/0/0')
            .started()
            .catch(() => undefined),
        );
        break;
      case 7:
        if (random.uint32() % 4 === 0) await device.shell.rebind();
        else
          for (const relation of device.relations.slice(-2))
            device.notify(relation, contentResponse('/6/0/0', single('float', step)));
        await bench.network.run(milliseconds(20_000));
        break;
      default:
    }
  }
}

describe('On a network that loses, repeats and reorders', () => {
  test(`no registration, observation or request is orphaned, and events keep their order (${seeds} seeds)`, async () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const network = new SimulatedNetwork(seed, roughConditions);
      await using bench = await openTestServer({}, network);
      const problem = (what: string): string => `seed ${seed}: ${what}; ${bench.events.join(', ')}`;
      await live(bench, bench.device, seed);

      // A device that is there, is there once, and knows as much as the server told it.
      const lives = bench.events.filter(
        (event) => !event.startsWith('observation') && !event.startsWith('updated'),
      );
      let isRegistered = false;
      for (const event of lives) {
        assert.equal(
          isRegistered,
          !event.startsWith('registered') || event.endsWith('anew'),
          problem('events out of order'),
        );
        isRegistered = event.startsWith('registered');
      }
      assert.equal(
        (await bench.server.registrations()).registrations.length,
        isRegistered ? 1 : 0,
        problem('registrations'),
      );
      const observed = await bench.server.device(`node-${seed}`).observations();
      assert.ok(observed.length <= 1, problem('more than one observation of a path'));

      // When the device is silent, nothing of it stays.
      bench.device.shell.kill();
      await bench.network.run(milliseconds(1_200_000));
      assert.equal(bench.server.coapSizes[0]?.observations, 0, problem('orphaned observations'));
      assert.equal(bench.server.coapSizes[0]?.requests, 0, problem('orphaned requests'));
      assert.deepEqual(
        (await bench.server.registrations()).registrations,
        [],
        problem('registrations that stay'),
      );
      assert.ok(
        !bench.diagnostics.some(({ kind }) => kind === 'store-failed'),
        problem('a store that failed'),
      );
    }
  });
});

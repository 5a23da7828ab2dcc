import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds, seconds, seededRandom } from '@dunlin/base';
import { decodeMessage, isResponseCode, MessageType, OptionNumber } from '@dunlin/coap';
import { LwM2mServer } from '@dunlin/server';
import { SimulatedNetwork } from '@dunlin/simulation';

import { Counters, definitions } from './support/counter-object.ts';
import { forEachSeed, traceWhenAsked } from './support/seeds.ts';
import { SimulatedDevice } from './support/simulated-device.ts';

/** How long a scenario watches, in seconds. */
const duration = 300;

/** In milliseconds: so long a confirmable notification may hold up the next one (RFC 7641 §4.5). */
const roundTrip = 10;

/** When a device must have notified: at a change unless that is within pmin, then at its end; at pmax at the latest. */
function expectedTimes(
  first: number,
  changes: readonly number[],
  periods: { readonly pmin: number; readonly pmax: number },
  end: number,
): readonly number[] {
  const times: number[] = [];
  const pending = changes.filter((at) => at > first);
  let last = first;
  for (;;) {
    const change = pending[0] ?? Infinity;
    const next = Math.min(last + periods.pmax, Math.max(change, last + periods.pmin));
    if (next > end) return times;
    times.push(next);
    last = next;
    while ((pending[0] ?? Infinity) <= next) pending.shift();
  }
}

/** Notes when a notification leaves an address for the first time. */
function watchNotifications(network: SimulatedNetwork, address: string): number[] {
  const times: number[] = [];
  const seen = new Set<string>();
  network.watch(({ at, from, datagram }) => {
    const message = decodeMessage(datagram);
    if (from.address !== address || message.kind === 'malformed' || !isResponseCode(message.code)) return;
    const numbers = Array.from({ length: message.options.size }, (_, index) =>
      message.options.numberAt(index),
    );
    // The first content goes in an acknowledgement, which has a message id of the other side.
    const id = `${message.type === MessageType.acknowledgement} ${message.messageId}`;
    if (!numbers.includes(OptionNumber.observe) || seen.has(id)) return;
    seen.add(id);
    times.push(at);
  });
  return times;
}

async function scenario(seed: number): Promise<void> {
  const random = seededRandom(seed ^ 0x9e10d5);
  const network = new SimulatedNetwork(seed);
  traceWhenAsked(network);
  await using server = await LwM2mServer.open({ listen: [network.binding('10.0.0.1', 5683)], definitions });
  let value = 0;
  const device = new SimulatedDevice(network, {
    name: 'device',
    address: '10.0.1.1',
    port: 0,
    lifetime: 86_400,
    nextValue: () => (value += 1),
  });
  if (seed % 2 === 0) device.life = 1;
  await device.start();
  await network.run(milliseconds(1000));
  const times = watchNotifications(network, '10.0.1.1');
  const pmin = Math.floor(random.fraction() * 10);
  const pmax = pmin + 1 + Math.floor(random.fraction() * 40);
  const observation = server.device('device').observe(Counters(0).reading, {
    attributes: { pmin: seconds(pmin), pmax: seconds(pmax) },
  });
  await network.run(milliseconds(1000));
  await observation.started();
  const changes: number[] = [];
  const end = network.clock.now + duration * 1000;
  while (network.clock.now < end) {
    await network.run(milliseconds(50 + random.fraction() ** 3 * 20_000));
    changes.push(network.clock.now);
    device.grow();
  }
  const [first = 0, ...later] = times;
  const expected = expectedTimes(
    first,
    changes,
    { pmin: pmin * 1000, pmax: pmax * 1000 },
    network.clock.now - 1,
  );
  const actual = later.filter((at) => at < network.clock.now);
  const isAsExpected =
    actual.length === expected.length &&
    actual.every((at, index) => at >= (expected[index] ?? 0) && at - (expected[index] ?? 0) <= roundTrip);
  const relative = (list: readonly number[]): readonly string[] =>
    list.map((at) => ((at - first) / 1000).toFixed(3));
  if (!isAsExpected) assert.deepEqual(relative(actual), relative(expected));
}

describe('notifications of a client', () => {
  it('leave at a change, never within pmin of the one before and never later than pmax after it (1.0 §5.1.2)', async () => {
    await forEachSeed(200, 'reporting-periods.test.ts', scenario);
  });
});

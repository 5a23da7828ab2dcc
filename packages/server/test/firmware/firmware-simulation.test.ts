import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { equalBytes, milliseconds, seededRandom } from '@dunlin/base';
import { isOver } from '@dunlin/server';
import { perfectConditions, roughConditions, SimulatedNetwork } from '@dunlin/simulation';

import { type FirmwareBench, openFirmwareBench } from '../support/firmware-bench.ts';
import { imageBytes } from '../support/firmware-image-store-contract.ts';

/** How many lives are tried, 60 unless `DUNLIN_SEEDS` says otherwise; `DUNLIN_SEED` plays one of them. */
const only = Number(process.env['DUNLIN_SEED'] ?? 0);
const count = Number(process.env['DUNLIN_SEEDS'] ?? 60);
const seeds = only > 0 ? [only] : Array.from({ length: count }, (_, index) => index + 1);

const bytes = imageBytes(6000, 9);

/** One disturbance: either side starts again, wherever it is. */
async function disturb(bench: FirmwareBench, draw: () => number): Promise<void> {
  const { device } = bench;
  const { state, result } = device.resources;
  switch (draw() % 4) {
    case 0:
      await bench.restart(draw() % 20_000, 'close');
      return;
    case 1:
      await bench.restart(draw() % 20_000, 'kill');
      return;
    case 2:
      // It comes back with what it had, or with nothing; an installation goes on.
      await device.restart(draw() % 2 === 0 || state === 3 ? { state, result } : undefined);
      return;
    default:
      await device.update();
  }
}

/** A device that is updated over a bad radio while either side starts again now and then. */
async function live(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const draw = (): number => random.uint32();
  const network = new SimulatedNetwork(seed, roughConditions);
  await using bench = await openFirmwareBench({
    network,
    image: { bytes },
    device: { binding: draw() % 2 === 0 ? 'U' : 'UQ', blockSize: 128 },
  });
  const { device } = bench;
  device.resources.deliveryMethod = draw() % 3;
  device.quirks.onExecute = () =>
    assert.ok(equalBytes(device.image, bytes), 'an image was installed in part');
  await bench.start();
  for (let times = 0; times < 3; times += 1) {
    await bench.pass(draw() % 60_000);
    await disturb(bench, draw);
  }
  // From now on all goes well, and what goes well comes to its end.
  network.setConditions(perfectConditions);
  const end = network.clock.now + 6 * 3_600_000;
  for (;;) {
    const update = await bench.status();
    if (update.state.kind === 'succeeded') break;
    const log = update.log.map(({ message }) => message).join('\n');
    assert.ok(!isOver(update) && network.clock.now < end, `it is ${JSON.stringify(update.state)}:\n${log}`);
    await network.run(milliseconds(60_000));
    if (device.resources.state === 3) await device.installed();
    else await device.update();
  }
  assert.ok(device.installations >= 1);
  assert.equal(device.version, '2.0');
}

describe('Updates over a bad radio, with restarts of either side', () => {
  test(`come to their end, and no image is installed in part, over ${seeds.length} seeds`, async () => {
    const failed: string[] = [];
    for (const seed of seeds) {
      try {
        await live(seed);
      } catch (error) {
        failed.push(`DUNLIN_SEED=${seed}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
    assert.equal(failed.length, 0, failed.join('\n\n'));
  });
});

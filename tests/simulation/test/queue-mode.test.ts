import { describe, it } from 'node:test';

import { checkAttributes, checkQueueMode } from './support/queue-invariants.ts';
import { QueueWorkload } from './support/queue-workload.ts';
import { forEachSeed } from './support/seeds.ts';

const file = 'queue-mode.test.ts';

describe('devices in queue mode and a server on a rough network', () => {
  it('lose and repeat nothing that was accepted, whatever sleeps, moves or dies in between (all invariants)', () =>
    forEachSeed(300, file, (seed) => runAndCheck(new QueueWorkload(seed, false))));

  it('do so over DTLS too (all invariants)', () =>
    forEachSeed(100, file, (seed) => runAndCheck(new QueueWorkload(seed, true))));
});

async function runAndCheck(workload: QueueWorkload): Promise<void> {
  await workload.run();
  await checkQueueMode(workload);
  await checkAttributes(workload);
}

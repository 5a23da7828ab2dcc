import { describe, it } from 'node:test';

import { usualActions } from './support/actions.ts';
import { checkEverything } from './support/invariants.ts';
import { forEachSeed } from './support/seeds.ts';
import { Workload } from './support/workload.ts';

describe('clients and a server on a rough network', () => {
  it('agree on everything after quiet time, whatever happened before (all invariants)', async () => {
    await forEachSeed(2000, 'client-and-server.test.ts', async (seed) => {
      const workload = new Workload(seed, 2);
      await workload.start();
      await workload.run(40, usualActions);
      await workload.quiet(1_200_000);
      await checkEverything(workload);
    });
  });
});

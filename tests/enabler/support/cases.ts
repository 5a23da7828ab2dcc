import { describe, it } from 'node:test';

import type { Configuration } from './configurations.ts';
import { EnablerWorld, type ManagerKind } from './enabler-world.ts';

/** One case of the enabler tests. */
export interface EnablerCase {
  /** Begins with the id: `1.0-int-102: …`. */
  readonly name: string;
  readonly configuration: Configuration;
  readonly lifetime?: number;
  readonly disableTimeout?: number;
  readonly notifications?: 'confirmable' | 'non-confirmable';
  readonly run: (world: EnablerWorld) => Promise<void>;
}

const managers: readonly (readonly [kind: ManagerKind, name: string])[] = [
  ['platform', 'our client and our server'],
  ['raw', 'our client and a Server of plain CoAP'],
];

/** Runs each case twice: with our server through its public interface, and with a Server of plain CoAP. */
export function runCases(title: string, cases: readonly EnablerCase[]): void {
  for (const [kind, name] of managers) runWith(kind, `${title}: ${name}`, cases);
}

/** Runs cases that ask what our server has no way to ask. */
export function runRawCases(title: string, cases: readonly EnablerCase[]): void {
  runWith('raw', title, cases);
}

function runWith(manager: ManagerKind, title: string, cases: readonly EnablerCase[]): void {
  describe(title, () => {
    for (const { name, run, ...options } of cases) {
      it(name, async () => {
        await using world = await EnablerWorld.open({ ...options, manager });
        await run(world);
      });
    }
  });
}

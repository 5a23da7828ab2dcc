// The gate: every check and every tier of tests, in the order in which they fail fastest. `npm test` runs it.
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

import { root } from './checks/repository.ts';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

const node = [process.execPath, '--conditions=dunlin:source'];
const seeded = [...node, '--import=./tools/fixed-seed.ts', '--test'];
const test = [...seeded, '--test-isolation=none'];
/** For tests that wait for programs most of the time: two files at once, each in a process of its own. */
const testSideBySide = [...seeded, '--test-concurrency=2'];

const steps: readonly Step[] = [
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'layers', command: [...node, 'tools/checks/layers.ts'] },
  { name: 'documents', command: [...node, 'tools/checks/documents.ts'] },
  { name: 'types', command: ['tsc', '-b', '--force'] },
  { name: 'dead code', command: ['knip'] },
  { name: 'console', command: [...node, 'apps/console/build/main.ts'] },
  { name: 'console size', command: [...node, 'tools/checks/console-size.ts'] },
  {
    name: 'unit tests',
    command: [...test, '{packages,apps}/*/test/**/*.test.ts', 'tools/test/**/*.test.ts'],
  },
  { name: 'simulation tests', command: [...test, 'tests/simulation/**/*.test.ts'] },
  { name: 'enabler tests', command: [...test, 'tests/enabler/**/*.test.ts'] },
  { name: 'conformance tests', command: [...test, 'tests/conformance/**/*.test.ts'] },
  { name: 'socket tests', command: [...test, 'tests/sockets/**/*.test.ts'] },
  { name: 'program tests', command: [...testSideBySide, 'tests/program/**/*.test.ts'] },
  { name: 'short message tests', command: [...test, 'tests/sms/**/*.test.ts'] },
  { name: 'interoperation tests', command: [...testSideBySide, 'tests/interoperation/**/*.test.ts'] },
  { name: 'browser tests', command: [...test, 'tests/browser/**/*.test.ts'] },
];

for (const { name, command } of steps) {
  const started = performance.now();
  console.log(`── ${name}`);
  const [file = '', ...args] = command;
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const took = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(`── ${name} failed after ${took} s${error === undefined ? '' : `: ${error.message}`}`);
    process.exit(1);
  }
  console.log(`── ${name} passed in ${took} s`);
}

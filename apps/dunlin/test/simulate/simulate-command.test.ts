import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runProgram } from '../../src/program/run-program.ts';
import { testContext } from '../support/test-context.ts';

describe('dunlin simulate', () => {
  for (const [args, reason] of [
    [[], /--devices/],
    [['--devices', '0'], /at least 1/],
    [['--devices', '5', '--server', 'coaps://host'], /without security/],
    [['--devices', '5', '--server', 'host:5683'], /no URI such as coap:/],
    [['--devices', '5', '--queue-share', '2'], /0 to 1/],
    [['--devices', '5', '--rate', '-1'], /above 0/],
  ] as const)
    it(`refuses ${args.join(' ') || 'to run without a count'}`, async () => {
      const context = testContext();
      assert.equal(await runProgram(['simulate', ...args], context), 2);
      assert.match(context.err(), reason);
    });
});

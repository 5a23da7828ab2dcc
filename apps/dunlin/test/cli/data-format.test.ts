import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ContentDocument } from '@dunlin/api';

import { runProgram } from '../../src/program/run-program.ts';
import { testContext } from '../support/test-context.ts';

const battery: ContentDocument = { path: '/3/0/9', kind: 'resource', type: 'integer', value: 80 };

describe('--format', () => {
  for (const [name, args, json] of [
    ['read', ['/3/0/9'], battery],
    ['write', ['/3/0/14', '+01:00'], {}],
    ['create', ['/3303', '5700=21.5'], { path: '/3303/1' }],
  ] as const) {
    it(`has dunlin ${name} ask for a data format, or leaves it to the server`, async () => {
      const context = testContext(() => ({ json }));
      assert.equal(await runProgram([name, 'lamp', ...args, '--format', 'json'], context), 0, context.err());
      assert.equal(await runProgram([name, 'lamp', ...args], context), 0, context.err());
      assert.deepEqual(
        context.requests.map(({ url }) => new URL(url).searchParams.get('format')),
        ['json', null],
      );
    });
  }

  it('is refused for a format that 1.0 does not have', async () => {
    const context = testContext(() => ({ json: battery }));
    assert.equal(await runProgram(['read', 'lamp', '/3/0/9', '--format', 'senml'], context), 2);
    assert.match(context.err(), /Allowed choices are tlv, json, text, opaque/);
    assert.deepEqual(context.requests, []);
  });
});

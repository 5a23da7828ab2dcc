import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runProgram } from '../../src/program/run-program.ts';
import { type MadeRequest, testContext } from '../support/test-context.ts';

const definition = (id: number) => ({ id, name: `Object ${id}`, version: '1.0', source: 'built-in' });

describe('commands that list', () => {
  it('go on with definitions where the page before ended, and say where there are more', async () => {
    const answer = ({ url }: MadeRequest) => {
      const after = Number(new URL(url).searchParams.get('after')?.split('/')[0] ?? 0);
      const limit = Number(new URL(url).searchParams.get('limit'));
      const definitions = Array.from({ length: Math.min(limit, 3000 - after) }, (_, index) =>
        definition(after + index + 1),
      );
      const last = definitions.at(-1);
      const next = last === undefined || last.id === 3000 ? null : `${last.id}/1.0`;
      return { json: { definitions, next, total: 3000 } };
    };
    const some = testContext(answer);
    assert.equal(await runProgram(['definitions', '--after', '40/1.0', '--limit', '2'], some), 0);
    assert.match(some.out(), /\/41 .*\n\/42 .*\n$/);
    assert.equal(some.err(), 'There are more: dunlin definitions --after 42/1.0\n');
    const many = testContext(answer);
    assert.equal(await runProgram(['definitions', '--limit', '2500', '--json'], many), 0);
    const page = JSON.parse(many.out()) as { definitions: { id: number }[]; next: string; total: number };
    assert.deepEqual([page.definitions.length, page.next, page.total], [2500, '2500/1.0', 3000]);
    assert.equal(many.requests.length, 3);
  });

  for (const [command, list] of [
    ['observations lamp', 'observations'],
    ['attributes lamp', 'attributes'],
    ['values lamp /3303', 'values'],
    ['history lamp', 'series'],
    ['operations lamp', 'operations'],
  ] as const) {
    it(`pass on what ${command} shall contain`, async () => {
      const context = testContext(() => ({ json: { [list]: [], next: null } }));
      assert.equal(
        await runProgram([...command.split(' '), '--contains', 'Volt'], context),
        0,
        context.err(),
      );
      assert.match(context.requests[0]?.url ?? '', /[?&]contains=Volt/);
    });
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World, text } from './support/world.ts';

test('registers and answers a Read', async () => {
  const world = await World.registered();
  console.log(world.server.received[0]?.request.uriQuery, world.server.received[0]?.payload);
  const answer = await world.read('/3/0/0', text);
  assert.equal(answer.code, '2.05');
  assert.equal(answer.text, 'Open Mobile Alliance');
  console.log(await world.discover('/3'));
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ContentFormat, ResponseCode } from '@dunlin/coap';
import { type ExecuteArguments, refusal } from '@dunlin/lwm2m';
import { afterAnswer, type ExecuteHandler, objectInstances } from '@dunlin/client';

import { completeDevice, Probe } from '../support/reference-device.ts';
import { bytes, World } from '../support/world.ts';

const open = (run: ExecuteHandler) =>
  World.registered({
    objects: [completeDevice(), objectInstances(Probe, { 0: { level: 0, count: 0, run } })],
  });

describe('Execute (1.0 §5.4.5)', () => {
  test('the handler learns path, arguments and who asks; the answer is 2.04', async () => {
    const seen: unknown[] = [];
    const world = await open(
      ({ path, arguments: args, origin }) => void seen.push([path.resourceId, [...args], origin]),
    );
    assert.equal((await world.execute('/26241/0/4', "2='10.3',5")).code, '2.04');
    assert.deepEqual(seen, [
      [
        4,
        [
          [2, '10.3'],
          [5, undefined],
        ],
        { kind: 'server', shortServerId: 101 },
      ],
    ]);
  });

  for (const [args, expected] of [
    ['', []],
    ['5', [[5, undefined]]],
    ["2='10.3'", [[2, '10.3']]],
    [
      '0,1,2,3,4',
      [
        [0, undefined],
        [1, undefined],
        [2, undefined],
        [3, undefined],
        [4, undefined],
      ],
    ],
    [
      "7, 0='https://www.example.com'",
      [
        [7, undefined],
        [0, 'https://www.example.com'],
      ],
    ],
  ] as const) {
    test(`X-DM-2: arguments by the grammar: ${args} (R-461)`, async () => {
      let seen: ExecuteArguments | undefined;
      const world = await open(({ arguments: given }) => {
        seen = given;
      });
      assert.equal((await world.execute('/26241/0/4', args)).code, '2.04');
      assert.deepEqual([...(seen ?? [])], expected);
    });
  }

  for (const args of ['a', '10', "1='a b'", "1='a", '1=a', ',1', '1,', '1,1', "1='é'", '1;2', ' 1']) {
    test(`X-DM-2: arguments outside of the grammar are 4.00, and nothing is executed: ${args} (R-461, R-462)`, async () => {
      let count = 0;
      const world = await open(() => void (count += 1));
      assert.equal((await world.execute('/26241/0/4', args)).code, '4.00');
      assert.equal(count, 0);
    });
  }

  test('a payload without Content-Format is plain text, another format is 4.15 (R-460)', async () => {
    const world = await open(() => undefined);
    assert.equal((await world.post('/26241/0/4', undefined, bytes('5'))).code, '2.04');
    assert.equal((await world.post('/26241/0/4', ContentFormat.tlv, bytes('5'))).code, '4.15');
    assert.equal((await world.post('/26241/0/4', ContentFormat.opaque, bytes('5'))).code, '4.15');
  });

  test('a Resource that is not executable is 4.05 (R-460)', async () => {
    const world = await open(() => undefined);
    assert.equal((await world.execute('/26241/0/0')).code, '4.05');
    assert.equal((await world.execute('/3/0/0')).code, '4.05');
  });

  test('an executable that the device does not have is 4.04', async () => {
    const world = await open(() => undefined);
    assert.equal((await world.execute('/3/0/5')).code, '4.04');
  });

  test('the handler may refuse with a code and a reason', async () => {
    const world = await open(() => refusal(ResponseCode.badRequest, 'only argument 1 is understood'));
    const answer = await world.execute('/26241/0/4', '2');
    assert.deepEqual([answer.code, answer.text], ['4.00', 'only argument 1 is understood']);
  });

  test('a handler that throws is answered with 5.00', async () => {
    const world = await open(() => {
      throw new Error('jammed');
    });
    assert.equal((await world.execute('/26241/0/4')).code, '5.00');
    assert.ok(world.diagnostics.some(({ kind }) => kind === 'device-error'));
  });

  test('what must wait for the answer runs when the answer has left (R-463)', async () => {
    let sentBefore = -1;
    let sent = 0;
    const world = await open(() => afterAnswer(() => void (sentBefore = sent)));
    world.network.watch(({ from }) => {
      if (from.address === '192.0.2.7') sent += 1;
    });
    assert.equal((await world.execute('/26241/0/4')).code, '2.04');
    assert.equal(sentBefore, 1, 'the 2.04 was on the wire');
  });

  test('a repeated Execute message is executed once (CR-4.2)', async () => {
    let count = 0;
    const world = await open(() => void (count += 1));
    world.network.setConditions({ duplication: 1 });
    assert.equal((await world.execute('/26241/0/4')).code, '2.04');
    await world.pass(5);
    assert.equal(count, 1);
  });
});

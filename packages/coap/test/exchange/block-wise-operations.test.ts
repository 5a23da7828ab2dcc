import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds } from '@dunlin/base';
import { Method, OptionNumber, ResponseCode } from '@dunlin/coap';

import { LockStep } from '../support/lock-step.ts';
import { Pair } from '../support/pair.ts';

describe('Whole operations of many blocks (CR-9.4, CR-9.14)', () => {
  test('the time that the caller sets is that of all blocks together (CR-9.14)', () => {
    for (const method of [Method.get, Method.put]) {
      const pair = new Pair({ server: { behaviour: { amplificationLimit: false } } });
      pair.delay = 500;
      pair.handler = () => ({ response: { code: ResponseCode.content, payload: new Uint8Array(8000) } });
      const payload = method === Method.put ? new Uint8Array(8000) : undefined;
      const request = { method, uriPath: ['large'], payload };
      const options = { timeout: milliseconds(4500) };
      pair.ask((client, now) => client.request(pair.serverPeer, request, now, options));
      pair.advance(4499);
      assert.deepEqual(pair.clientResults, []);
      pair.advance(1);
      assert.equal(pair.result('request-failed').reason, 'no-answer');
      const sent = pair.sentBy('client').length;
      assert.ok(sent > 3, `${sent} blocks`);
      pair.advance(20_000);
      assert.equal(pair.sentBy('client').length, sent);
      pair.assertEmptyInTheEnd();
    }
  });

  test('each block is an exchange with retransmissions of its own (CR-9.14)', () => {
    const step = new LockStep();
    const payload = new Uint8Array(2048);
    step.run((endpoint, now) =>
      endpoint.request(step.peer, { method: Method.put, uriPath: ['x'], payload }, now),
    );
    for (const [num, code] of [
      [0, '2.31'],
      [1, '2.04'],
    ] as const) {
      const block1 = (num << 4) | (num === 0 ? 8 : 0) | 6;
      const has = { [OptionNumber.block1]: block1 };
      step.expect({ type: 'con', code: '0.03', mid: `m${num}`, token: `t${num}`, has });
      step.advance(14_000);
      assert.equal(step.take().length, 3);
      const options = [{ number: OptionNumber.block1, value: block1 }];
      step.send({ type: 'ack', code, mid: `m${num}`, token: `t${num}`, options });
    }
    assert.equal(step.output('response').response.code, ResponseCode.changed);
    step.expectEmptyInTheEnd();
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { hexEncode, milliseconds } from '@dunlin/base';
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

  test('bodies under way to one resource at a time have a Request-Tag each but the first, and are not mixed (CR-9.7, RFC 9175 §3.4)', () => {
    const pair = new Pair({
      client: { transmission: { nstart: 4 } },
      server: { behaviour: { amplificationLimit: false } },
    });
    pair.handler = () => ({ response: { code: ResponseCode.changed } });
    const put = (path: string, fill: number, length = 3000): void => {
      const payload = new Uint8Array(length).fill(fill);
      const request = { method: Method.put, uriPath: [path], payload };
      pair.ask((client, now) => client.request(pair.serverPeer, request, now));
    };
    const tagsOf = (from: number): ReadonlySet<string> => {
      const tags = pair
        .sentBy('client')
        .slice(from)
        .map(({ options }) => options.bytes(OptionNumber.requestTag));
      return new Set(tags.map((tag) => (tag === undefined ? 'none' : hexEncode(tag))));
    };
    for (const fill of [1, 2, 3]) put('x', fill);
    put('y', 4);
    put('x', 5, 100);
    pair.advance(10_000);
    for (let count = 0; count < 5; count += 1)
      assert.equal(pair.result('response').response.code, ResponseCode.changed);
    const bodies = pair.requests.map(({ payload }) => [payload.length, new Set(payload).size, payload[0]]);
    assert.deepEqual(
      bodies.sort((a, b) => (a[2] ?? 0) - (b[2] ?? 0)),
      [
        [3000, 1, 1],
        [3000, 1, 2],
        [3000, 1, 3],
        [3000, 1, 4],
        [100, 1, 5],
      ],
    );
    assert.deepEqual(tagsOf(0), new Set(['none', '01', '02']));
    const before = pair.sentBy('client').length;
    put('x', 6);
    pair.advance(10_000);
    assert.deepEqual(tagsOf(before), new Set(['none']));
    pair.assertEmptyInTheEnd();
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

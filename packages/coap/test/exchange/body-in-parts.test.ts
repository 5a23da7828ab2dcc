import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { concatBytes } from '@dunlin/base';
import {
  type IncomingRequest,
  Method,
  OptionNumber,
  type OutgoingOption,
  type Request,
  ResponseCode,
} from '@dunlin/coap';

import { LockStep } from '../support/lock-step.ts';
import { type Answer, Pair } from '../support/pair.ts';

/** A body whose every byte tells its place. */
function body(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

const takesBodyInParts = (_: unknown, { uriPath }: IncomingRequest): boolean => uriPath[0] === 'parts';

const limits = { blockwise: { blockSize: 64, maxRequestBodySize: 100 }, takesBodyInParts };

/** A server that takes parts and small bodies, and answers at once unless `answer` says something else. */
function newPair(answer: (request: IncomingRequest) => Answer | undefined = () => undefined): Pair {
  const pair = new Pair({ client: { blockwise: { blockSize: 64 } }, server: limits });
  pair.handler = (request) => {
    const isOver = request.part?.isLast ?? true;
    const code = isOver ? ResponseCode.changed : ResponseCode.continue;
    return answer(request) ?? { response: { code } };
  };
  return pair;
}

const put = (payload: Uint8Array, uriPath = ['parts']): Request => ({
  method: Method.put,
  uriPath,
  contentFormat: 42,
  payload,
});

function ask(pair: Pair, request: Request): string {
  pair.ask((client, now) => client.request(pair.serverPeer, request, now));
  for (let second = 0; second < 3000 && pair.clientResults.length === 0; second += 1) pair.advance(1000);
  const [result] = pair.clientResults.splice(0);
  if (result?.kind === 'request-failed') return result.reason;
  assert.ok(result?.kind === 'response');
  return String(result.response.code);
}

/** What the parts of the requests so far come to, as a role would put them together. */
function assembled(pair: Pair): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const { part, payload } of pair.requests) {
    assert.ok(part !== undefined);
    if (part.offset === 0) {
      parts.length = 0;
      length = 0;
    }
    assert.equal(part.offset, length);
    parts.push(payload);
    length += payload.length;
  }
  return concatBytes(parts);
}

describe('a body that is taken in parts (RFC 7959 §2.5)', () => {
  test('comes block by block, far above the limit of whole bodies', () => {
    const pair = newPair();
    assert.equal(ask(pair, put(body(1000))), String(ResponseCode.changed));
    assert.deepEqual(assembled(pair), body(1000));
    assert.equal(pair.requests.length, 16);
    assert.deepEqual(pair.requests[0]?.part, { offset: 0, isLast: false, size: 1000 });
    assert.deepEqual(pair.requests.at(-1)?.part, { offset: 960, isLast: true, size: undefined });
    assert.ok(pair.requests.every(({ isBlockwise, contentFormat }) => isBlockwise && contentFormat === 42));
    pair.assertEmptyInTheEnd();
  });

  test('a body of one message, and one of another resource, comes whole', () => {
    const pair = newPair();
    ask(pair, put(body(64)));
    ask(pair, put(body(90), ['other']));
    assert.deepEqual(
      pair.requests.map(({ part, payload }) => [part, payload.length]),
      [
        [undefined, 64],
        [undefined, 90],
      ],
    );
    assert.equal(ask(pair, put(body(101), ['other'])), String(ResponseCode.requestEntityTooLarge));
  });

  test('all parts come once and in order over a lossy path', () => {
    for (const period of [2, 3, 4, 7]) {
      const pair = newPair();
      pair.lose = (_, count) => count % period === period - 1;
      assert.equal(ask(pair, put(body(2000))), String(ResponseCode.changed));
      assert.deepEqual(assembled(pair), body(2000));
      assert.equal(pair.requests.length, 32);
      pair.assertRepetitionsAreIdentical();
      pair.assertEmptyInTheEnd();
    }
  });

  test('the role may take its time for each part: the peer waits', () => {
    const pair = newPair(({ part }) => ({
      response: { code: part?.isLast === true ? ResponseCode.changed : ResponseCode.continue },
      after: 5000,
    }));
    assert.equal(ask(pair, put(body(200))), String(ResponseCode.changed));
    assert.deepEqual(assembled(pair), body(200));
    assert.equal(pair.requests.length, 4);
    assert.ok(pair.now >= 5_000_000 + 20_000);
    pair.assertEmptyInTheEnd();
  });

  test('another answer than 2.31 ends it, and is the answer', () => {
    const pair = newPair(({ part }) =>
      part?.offset === 128 ? { response: { code: ResponseCode.requestEntityTooLarge } } : undefined,
    );
    assert.equal(ask(pair, put(body(1000))), String(ResponseCode.requestEntityTooLarge));
    assert.equal(pair.requests.length, 3);
    const last = pair.sentBy('server').at(-1);
    assert.equal(last?.options.uint(OptionNumber.block1), (2 << 4) | 2, 'no more is asked for');
  });

  test('what was refused may be sent once more, and is judged anew', () => {
    let isReady = false;
    const pair = newPair(() => (isReady ? undefined : { response: { code: ResponseCode.methodNotAllowed } }));
    assert.equal(ask(pair, put(body(300))), String(ResponseCode.methodNotAllowed));
    isReady = true;
    assert.equal(ask(pair, put(body(300))), String(ResponseCode.changed));
    pair.requests.shift();
    assert.deepEqual(assembled(pair), body(300));
  });

  test('a part whose role never answers ends in 5.03', () => {
    const pair = newPair(({ part }) =>
      part?.offset === 64 ? { response: { code: ResponseCode.continue }, after: 400_000 } : undefined,
    );
    assert.equal(ask(pair, put(body(300))), String(ResponseCode.serviceUnavailable));
    assert.equal(pair.requests.length, 2);
    pair.assertEmptyInTheEnd();
  });

  const block = (num: number, hasMore: boolean): OutgoingOption => ({
    number: OptionNumber.block1,
    value: (num << 4) | (hasMore ? 8 : 0) | 2,
  });
  const part = (num: number, hasMore: boolean, mid: number) => ({
    type: 'con' as const,
    code: '0.03',
    mid,
    token: '#01',
    path: 'parts',
    options: [block(num, hasMore)],
    payload: body(64),
  });

  test('a part that is ignored is taken when it comes again, under its message id or another', () => {
    const step = new LockStep(limits);
    let isIgnoring = false;
    const ids: number[] = [];
    step.handler = ({ exchange, request }) => {
      ids.push(request.part?.offset ?? -1);
      if (!isIgnoring) return { code: ResponseCode.continue };
      step.endpoint.ignore(exchange, step.now);
      return 'wait';
    };
    step.send(part(0, true, 1));
    step.expect({ type: 'ack', mid: 1, code: '2.31', has: { [OptionNumber.block1]: 8 | 2 } });
    isIgnoring = true;
    step.send(part(1, true, 2));
    step.expectSilence();
    isIgnoring = false;
    step.send(part(1, true, 2));
    step.expect({ type: 'ack', mid: 2, code: '2.31' });
    step.send(part(1, true, 3));
    step.expect({ type: 'ack', mid: 3, code: '2.31', has: { [OptionNumber.block1]: (1 << 4) | 8 | 2 } });
    assert.deepEqual(ids, [0, 64, 64], 'the repetition was answered without the role');
  });

  test('a repetition under another message id waits for the answer of the first', () => {
    const step = new LockStep(limits);
    const waiting: Parameters<typeof step.handler>[0]['exchange'][] = [];
    step.handler = ({ exchange }) => {
      waiting.push(exchange);
      return 'wait';
    };
    step.send(part(0, true, 1));
    step.send(part(0, true, 2));
    assert.equal(waiting.length, 1);
    const [exchange] = waiting;
    assert.ok(exchange !== undefined);
    step.endpoint.respond(exchange, { code: ResponseCode.continue }, step.now);
    step.drain();
    step.expect({ type: 'ack', mid: 1, code: '2.31', has: { [OptionNumber.block1]: 8 | 2 } });
    step.expect({ type: 'ack', mid: 2, code: '2.31', has: { [OptionNumber.block1]: 8 | 2 } });
  });

  test('a part out of turn is answered with 4.08 without the role', () => {
    const step = new LockStep(limits);
    step.send(part(1, true, 1));
    step.expect({ type: 'ack', mid: 1, code: '4.08' });
    assert.equal(step.handled, 0);
  });
});

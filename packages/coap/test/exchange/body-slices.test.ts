import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { UsageError } from '@dunlin/base';
import {
  type BodySlice,
  type BodySource,
  type IncomingResponse,
  Method,
  OptionNumber,
  type Request,
  type RequestOptions,
  type Response,
  ResponseCode,
} from '@dunlin/coap';

import { LockStep } from '../support/lock-step.ts';
import { type Answer, Pair } from '../support/pair.ts';

const total = 10_000;
const whole = Uint8Array.from({ length: total }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
const target = { method: Method.put, uriPath: ['5', '0', '0'], contentFormat: 42 } as const;

function slice(
  offset: number,
  length: number,
): [Request, RequestOptions & { readonly bodySlice: BodySlice }] {
  const payload = whole.subarray(offset, offset + length);
  return [{ ...target, payload }, { bodySlice: { offset, total } }];
}

function pairFor(blockSize?: number): Pair {
  const blockwise = { maxRequestBodySize: 100_000, ...(blockSize === undefined ? {} : { blockSize }) };
  const pair = new Pair({ server: { blockwise } });
  pair.handler = () => ({ response: { code: ResponseCode.changed } });
  return pair;
}

function send(pair: Pair, [request, options]: readonly [Request, RequestOptions?]): IncomingResponse {
  pair.ask((client, now) => client.request(pair.serverPeer, request, now, options));
  for (let second = 0; second < 300 && pair.clientResults.length === 0; second += 1) pair.advance(1000);
  return pair.result('response').response;
}

/** The Block1 of what the client sent, such as `0/1/1024`. */
function blocksOf(pair: Pair, number: OptionNumber = OptionNumber.block1): readonly string[] {
  return pair.sentBy('client').flatMap(({ options }) => {
    const value = options.uint(number);
    return value === undefined ? [] : [`${value >> 4}/${(value >> 3) & 1}/${16 << (value & 7)}`];
  });
}

describe('A request body in slices (RFC 7959 §2.5)', () => {
  test('goes in several requests, of which all but the last are answered with 2.31', () => {
    const pair = pairFor();
    assert.equal(send(pair, slice(0, 4096)).code, ResponseCode.continue);
    assert.equal(send(pair, slice(4096, 4096)).code, ResponseCode.continue);
    assert.equal(pair.requests.length, 0);
    assert.equal(send(pair, slice(8192, 1808)).code, ResponseCode.changed);
    assert.deepEqual(pair.requests[0]?.payload, whole);
    assert.deepEqual(
      blocksOf(pair),
      Array.from({ length: 10 }, (_, num) => `${num}/${num < 9 ? 1 : 0}/1024`),
    );
    const sizes = pair.sentBy('client').map(({ options }) => options.uint(OptionNumber.size1));
    assert.deepEqual(sizes, [total, ...Array.from({ length: 9 }, () => undefined)]);
    pair.assertEmptyInTheEnd();
  });

  test('goes with one token when told so, the one that it began with (CR-6.3)', () => {
    const pair = pairFor();
    const ask = ([request, options]: ReturnType<typeof slice>): IncomingResponse =>
      send(pair, [request, { ...options, reuseToken: true }]);
    ask(slice(0, 4096));
    ask(slice(4096, 5904));
    assert.deepEqual(pair.requests[0]?.payload, whole);
    const tokens = pair.sentBy('client').map(({ tokenKey }) => tokenKey);
    assert.equal(tokens.length, 10);
    assert.equal(new Set(tokens).size, 1);
    ask(slice(0, 4096));
    assert.notEqual(pair.sentBy('client').at(-1)?.tokenKey, tokens[0], 'another body has another token');
  });

  test('goes on with the blocks that the peer would rather have', () => {
    const pair = pairFor(64);
    send(pair, slice(0, 4096));
    send(pair, slice(4096, 5904));
    assert.deepEqual(pair.requests[0]?.payload, whole);
    assert.deepEqual(blocksOf(pair).slice(0, 2), ['0/1/1024', '16/1/64']);
    assert.ok(
      blocksOf(pair)
        .slice(1)
        .every((block) => block.endsWith('/64')),
    );
  });

  test('goes in the blocks that were asked for', () => {
    const pair = pairFor();
    const [request, options] = slice(0, 4096);
    send(pair, [request, { ...options, uploadBlockSize: 256 }]);
    assert.deepEqual(blocksOf(pair).slice(0, 2), ['0/1/256', '1/1/256']);
  });

  test('goes on where it was left, in blocks that can begin there', () => {
    const pair = pairFor(256);
    let acknowledged = 0;
    const payload: BodySource = {
      length: 4096,
      read: (offset, length) => {
        acknowledged = offset;
        return whole.subarray(offset, offset + length);
      },
    };
    pair.lose = (from, count) => from === 'server' && count >= 4;
    pair.ask((client, now) =>
      client.request(pair.serverPeer, { ...target, payload }, now, { bodySlice: { offset: 0, total } }),
    );
    pair.advance(120_000);
    assert.equal(pair.result('request-failed').reason, 'no-answer');
    assert.equal(acknowledged, 1792);
    pair.lose = () => false;
    // A sign of life of the peer ends the pause after a request that was given up.
    pair.tell((server, now) => server.ping(pair.clientPeer, now));
    const blockCount = blocksOf(pair).length;
    assert.equal(send(pair, slice(acknowledged, total - acknowledged)).code, ResponseCode.changed);
    assert.equal(blocksOf(pair).at(blockCount), '7/1/256');
    assert.deepEqual(pair.requests[0]?.payload, whole);
  });

  test('leaves it to the role to begin anew when the peer has lost what came before', () => {
    const pair = pairFor();
    send(pair, slice(0, 4096));
    pair.tell((server, now) => server.forgetPeer(pair.clientPeer, now));
    assert.equal(send(pair, slice(4096, 4096)).code, ResponseCode.requestEntityIncomplete);
    assert.equal(send(pair, slice(0, 4096)).code, ResponseCode.continue);
    assert.equal(send(pair, slice(4096, 5904)).code, ResponseCode.changed);
    assert.deepEqual(pair.requests[0]?.payload, whole);
  });

  test('is one request like any other when it is small', () => {
    const pair = pairFor();
    const payload = whole.subarray(0, 100);
    send(pair, [{ ...target, payload }, { bodySlice: { offset: 0, total: 100 } }]);
    assert.deepEqual(blocksOf(pair), []);
    assert.deepEqual(pair.requests[0]?.payload, payload);
  });

  test('throws for what is no slice of a body, and remembers nothing of it', () => {
    const step = new LockStep();
    const bad: readonly (readonly [offset: number, length: number, total: number])[] = [
      [8, 1024, total],
      [-1024, 1024, total],
      [0.5, 1024, total],
      [Number.NaN, 1024, total],
      [0, 1000, total],
      [1024, 1024, 2000],
      [64, 100, total],
    ];
    for (const [offset, length, all] of bad) {
      const request = { ...target, payload: new Uint8Array(length) };
      assert.throws(
        () =>
          step.run((endpoint, now) =>
            endpoint.request(step.peer, request, now, { bodySlice: { offset, total: all } }),
          ),
        UsageError,
        `${offset}+${length}/${all}`,
      );
    }
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });
});

describe('A response body in slices (RFC 7959 §2.4)', () => {
  /** Answers each request with the slice that it asks for and nothing else. */
  function served(bytes = whole, etag = Uint8Array.of(1)): (request: { askedSlice?: Slice }) => Answer {
    return ({ askedSlice }) => {
      const { offset, length } = askedSlice ?? { offset: 0, length: 1024 };
      const payload = bytes.subarray(offset, offset + length);
      const bodySlice = { offset, total: bytes.length };
      return { response: { code: ResponseCode.content, contentFormat: 42, payload, etag, bodySlice } };
    };
  }
  type Slice = { readonly offset: number; readonly length: number } | undefined;

  function get(pair: Pair, options: RequestOptions = {}): Response & { readonly payload: Uint8Array } {
    return send(pair, [{ method: Method.get, uriPath: ['fw'] }, options]);
  }

  function newPair(): Pair {
    const pair = new Pair({ server: { behaviour: { amplificationLimit: false } } });
    pair.handler = served();
    return pair;
  }

  test('is put together from as many requests as it has blocks, and nothing of it is kept', () => {
    const pair = newPair();
    let kept = 0;
    pair.handler = (request) => {
      kept = Math.max(kept, pair.server.sizes.transfers);
      return served()(request);
    };
    const response = get(pair);
    assert.deepEqual(response.payload, whole);
    assert.equal(response.contentFormat, 42);
    assert.equal(pair.requests.length, 10);
    assert.equal(kept, 0);
    pair.assertEmptyInTheEnd();
  });

  test('comes in the blocks that the peer asks for, and from where it asks', () => {
    const pair = newPair();
    assert.deepEqual(get(pair, { preferredBlockSize: 64 }).payload, whole);
    assert.equal(pair.requests.length, Math.ceil(total / 64));
    const rest = get(pair, { preferredBlockSize: 256, bodyOffset: 2560 });
    assert.deepEqual(rest.payload, whole.subarray(2560));
  });

  test('is cut to the blocks of the endpoint', () => {
    const pair = new Pair({
      server: { blockwise: { blockSize: 128 }, behaviour: { amplificationLimit: false } },
    });
    pair.handler = served();
    assert.deepEqual(get(pair, { preferredBlockSize: 512 }).payload, whole);
    assert.ok(pair.requests.every(({ askedSlice }) => askedSlice?.length === 128));
  });

  test('goes on over a restart of the side that has it', () => {
    const pair = newPair();
    pair.lose = (from, count) => {
      if (from === 'client' && count === 5) pair.server.forgetPeer(pair.clientPeer, pair.now);
      return false;
    };
    assert.deepEqual(get(pair).payload, whole);
    assert.equal(pair.requests.length, 10);
  });

  test('begins anew when it is another one by its ETag', () => {
    const pair = newPair();
    const other = whole.map((byte) => byte ^ 0xff);
    pair.handler = (request) =>
      pair.requests.length > 5 ? served(other, Uint8Array.of(2))(request) : served()(request);
    assert.deepEqual(get(pair).payload, other);
  });

  test('comes without Block2 when it is small and nobody asked for blocks', () => {
    const pair = newPair();
    pair.handler = served(whole.subarray(0, 100));
    assert.deepEqual(get(pair).payload, whole.subarray(0, 100));
    assert.equal(pair.sentBy('server')[0]?.options.uint(OptionNumber.block2), undefined);
  });

  test('tells its length with the first block', () => {
    const pair = newPair();
    get(pair);
    const sizes = pair.sentBy('server').map(({ options }) => options.uint(OptionNumber.size2));
    assert.deepEqual(sizes, [total, ...Array.from({ length: 9 }, () => undefined)]);
  });

  test('throws for a slice that is no block, and answers 5.00', () => {
    const step = new LockStep();
    step.handler = () => ({
      code: ResponseCode.content,
      payload: whole.subarray(0, 100),
      bodySlice: { offset: 0, total },
    });
    assert.throws(() => step.send({ type: 'con', code: '0.01', mid: 1, path: 'fw' }), UsageError);
    step.drain();
    step.expect({ type: 'ack', code: '5.00', mid: 1 });
  });
});

describe('An address that the role vouches for (RFC 9175 §2.4)', () => {
  test('gets large answers without a challenge from then on', () => {
    const step = new LockStep();
    step.handler = () => ({ code: ResponseCode.content, payload: new Uint8Array(500) });
    step.delivery = { isAddressVerified: true };
    step.send({ type: 'con', code: '0.01', mid: 1, path: 'big' });
    step.expect({ type: 'ack', code: '2.05', mid: 1 });
    step.delivery = {};
    step.send({ type: 'con', code: '0.01', mid: 2, path: 'big' });
    step.expect({ type: 'ack', code: '2.05', mid: 2 });
    assert.equal(step.endpoint.statistics.challenges, 0);
  });
});

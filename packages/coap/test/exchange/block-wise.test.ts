import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { DunlinError } from '@dunlin/base';
import {
  type BodySource,
  type CoapEndpointOptions,
  type IncomingResponse,
  Method,
  MessageType,
  OptionNumber,
  type OutgoingOption,
  type Request,
  type RequestOptions,
  type Response,
  ResponseCode,
} from '@dunlin/coap';

import { bytes, LockStep } from '../support/lock-step.ts';
import { Pair } from '../support/pair.ts';

/** A body whose every byte tells its place. */
function body(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

function block(number: 23 | 27, num: number, hasMore: boolean, size: number): OutgoingOption {
  return { number, value: (num << 4) | (hasMore ? 8 : 0) | (Math.log2(size) - 4) };
}

/** A pair whose peers are sure of each other, with resources that are read, written and executed whole. */
function newPair(download: number, client: Partial<CoapEndpointOptions> = {}): Pair {
  const pair = new Pair({
    client,
    server: { blockwise: { maxRequestBodySize: 100_000 }, behaviour: { amplificationLimit: false } },
  });
  pair.handler = ({ method, payload }) => {
    const response: Response =
      method === Method.get || method === Method.fetch
        ? { code: ResponseCode.content, contentFormat: 42, payload: body(download) }
        : { code: ResponseCode.changed, payload: payload.length > 5000 ? payload : undefined };
    return { response };
  };
  return pair;
}

function ask(pair: Pair, request: Request, options: RequestOptions = {}): IncomingResponse {
  pair.ask((client, now) => client.request(pair.serverPeer, request, now, options));
  for (let second = 0; second < 2000 && pair.clientResults.length === 0; second += 1) pair.advance(1000);
  return pair.result('response').response;
}

const large = { method: Method.get, uriPath: ['large'] } as const;

describe('ETSI CoAP#4 BLOCK', () => {
  for (const [name, size, requests] of [
    ['BLOCK_01: GET with early negotiation', 64, 24],
    ['BLOCK_02: GET with late negotiation', undefined, 2],
    ['BLOCK_06: GET in blocks of 16 bytes', 16, 94],
  ] as const) {
    test(name, () => {
      const pair = newPair(1500);
      const response = ask(pair, large, size === undefined ? {} : { preferredBlockSize: size });
      assert.deepEqual(response.payload, body(1500));
      assert.equal(response.contentFormat, 42);
      const answers = pair.sentBy('server');
      assert.equal(answers.length, requests);
      assert.ok(
        answers.every(
          ({ payloadLength }, index) => index === requests - 1 || payloadLength === (size ?? 1024),
        ),
      );
      assert.equal(pair.requests.length, 1);
      pair.assertEmptyInTheEnd();
    });
  }

  test('BLOCK_03: PUT in blocks, acted on as a whole', () => {
    const pair = newPair(0);
    const payload = body(3000);
    const response = ask(pair, { method: Method.put, uriPath: ['large-update'], contentFormat: 42, payload });
    assert.equal(response.code, ResponseCode.changed);
    assert.deepEqual(
      pair.requests.map((request) => [request.payload, request.isBlockwise, request.contentFormat]),
      [[payload, true, 42]],
    );
    assert.deepEqual(
      pair.sentBy('server').map(({ code }) => code),
      [ResponseCode.continue, ResponseCode.continue, ResponseCode.changed],
    );
    const [first, second] = pair.sentBy('client');
    assert.equal(first?.options.uint(OptionNumber.size1), 3000);
    assert.equal(second?.options.uint(OptionNumber.size1), undefined);
    pair.assertEmptyInTheEnd();
  });

  test('BLOCK_04: POST in blocks creates', () => {
    const pair = newPair(0);
    pair.handler = () => ({ response: { code: ResponseCode.created, locationPath: ['large-create', '1'] } });
    const response = ask(pair, { method: Method.post, uriPath: ['large-create'], payload: body(2048) });
    assert.deepEqual([response.code, response.locationPath], [ResponseCode.created, ['large-create', '1']]);
    const last = pair.sentBy('server').at(-1);
    assert.equal(last?.options.uint(OptionNumber.block1), (1 << 4) | 6);
  });

  test('BLOCK_05: POST in blocks both ways, the continuation without payload and Block1', () => {
    const pair = newPair(0);
    const payload = body(6000);
    const response = ask(pair, { method: Method.post, uriPath: ['large-post'], payload });
    assert.deepEqual(response.payload, payload);
    const turning = pair
      .sentBy('server')
      .find(({ options }) => options.uint(OptionNumber.block2) !== undefined);
    assert.equal(turning?.options.uint(OptionNumber.block1), (5 << 4) | 6);
    assert.equal(turning.options.uint(OptionNumber.block2), 8 | 6);
    const rest = pair.sentBy('client').slice(6);
    assert.equal(rest.length, 5);
    for (const { options, payloadLength, code } of rest) {
      assert.deepEqual([code, payloadLength, options.uint(OptionNumber.block1)], [Method.post, 0, undefined]);
    }
    assert.equal(pair.requests.length, 1);
  });

  test('all of it over a lossy path', () => {
    for (const period of [2, 3, 4, 7]) {
      const pair = newPair(0);
      pair.lose = (_, count) => count % period === period - 1;
      const payload = body(6000);
      assert.deepEqual(ask(pair, { method: Method.post, uriPath: ['large-post'], payload }).payload, payload);
      assert.equal(pair.requests.length, 1);
      pair.assertRepetitionsAreIdentical();
      pair.assertEmptyInTheEnd();
    }
  });
});

describe('Requests of ours in blocks (CR-6.3, CR-9.7, CR-9.9, CR-9.10)', () => {
  test('has a fresh token for each block, or one for all when told so', () => {
    for (const [byDefault, reuseToken, isReused] of [
      [false, undefined, false],
      [false, true, true],
      [true, undefined, true],
      [true, false, false],
    ] as const) {
      const pair = newPair(0, { behaviour: { reuseToken: byDefault } });
      ask(
        pair,
        { method: Method.post, uriPath: ['x'], payload: body(6000) },
        reuseToken === undefined ? {} : { reuseToken },
      );
      const sent = pair.sentBy('client');
      assert.equal(sent.length, 11);
      assert.equal(new Set(sent.map(({ tokenKey }) => tokenKey)).size, isReused ? 1 : 11);
      assert.equal(new Set(sent.map(({ messageId }) => messageId)).size, 11);
    }
  });

  test('goes on with the smaller blocks that the peer asks for, and begins the next body with them', () => {
    const pair = new Pair({ server: { blockwise: { blockSize: 64, maxRequestBodySize: 100_000 } } });
    pair.handler = () => ({ response: { code: ResponseCode.changed } });
    for (let round = 0; round < 2; round += 1) {
      ask(pair, { method: Method.put, uriPath: ['x'], payload: body(2000) });
      assert.deepEqual(pair.requests.at(-1)?.payload, body(2000));
    }
    const sizes = pair.sentBy('client').map(({ payloadLength }) => payloadLength);
    assert.equal(sizes[0], 1024);
    assert.ok(sizes.slice(1).every((size) => size <= 64));
  });

  test('takes smaller blocks beside long options, and none where all fits into one message', () => {
    const pair = newPair(0);
    const uriQuery = Array.from({ length: 4 }, (_, index) => `q${index}=${'x'.repeat(80)}`);
    ask(pair, { method: Method.post, uriPath: ['rd'], uriQuery, payload: body(1024) });
    assert.deepEqual(pair.requests[0]?.payload, body(1024));
    assert.ok(pair.wire.every(({ datagram }) => datagram.length <= 1152));
    const before = pair.sentBy('client').length;
    ask(pair, { method: Method.post, uriPath: ['rd'], uriQuery: uriQuery.slice(0, 2), payload: body(900) });
    assert.equal(pair.sentBy('client').length, before + 1);
  });

  test('answers with smaller blocks beside long options', () => {
    const pair = newPair(0);
    const locationPath = Array.from({ length: 4 }, () => 'x'.repeat(80));
    pair.handler = () => ({ response: { code: ResponseCode.created, locationPath, payload: body(1024) } });
    assert.deepEqual(ask(pair, { method: Method.post, uriPath: ['rd'] }).payload, body(1024));
    assert.ok(pair.wire.every(({ datagram }) => datagram.length <= 1152));
  });

  test('reads one block at an offset (random access)', () => {
    const pair = newPair(5000);
    const response = ask(pair, large, { preferredBlockSize: 256, bodyOffset: 2560, singleBlock: true });
    assert.deepEqual(response.payload, body(5000).slice(2560, 2816));
    assert.equal(pair.sentBy('client').length, 1);
  });

  test('tells of a single block where it lies, whether it is the last, and the size where the peer says it', () => {
    const pair = newPair(5000);
    const partAt = (bodyOffset: number) =>
      ask(pair, large, { preferredBlockSize: 256, bodyOffset, singleBlock: true }).part;
    assert.deepEqual(partAt(0), { offset: 0, isLast: false, size: 5000 });
    assert.deepEqual(partAt(2560), { offset: 2560, isLast: false, size: undefined });
    assert.deepEqual(partAt(4864), { offset: 4864, isLast: true, size: undefined });
    assert.equal(ask(pair, large).part, undefined);
  });

  test('reads from an offset to the end', () => {
    const pair = newPair(5000);
    const response = ask(pair, large, { preferredBlockSize: 1024, bodyOffset: 3072 });
    assert.deepEqual(response.payload, body(5000).slice(3072));
  });

  test('reads a body source piece by piece and never as a whole', () => {
    const pair = newPair(0);
    const content = body(50_000);
    let longest = 0;
    const payload: BodySource = {
      length: content.length,
      read: (offset, length) => {
        longest = Math.max(longest, length);
        return content.subarray(offset, offset + length);
      },
    };
    ask(pair, { method: Method.put, uriPath: ['5', '0', '0'], payload });
    assert.deepEqual(pair.requests[0]?.payload, content);
    assert.equal(longest, 1024);
  });

  test('begins anew when the body changes under it, and sees it whole', () => {
    const pair = newPair(0);
    let count = 0;
    pair.handler = () => {
      count += 1;
      return {
        response: { code: ResponseCode.content, payload: body(3000).fill(count), etag: bytes(`${count}`) },
      };
    };
    pair.lose = (from, index) => {
      // Between the first and the second block the server restarts: it has to make the body anew.
      if (from === 'client' && index === 1) pair.server.forgetPeer(pair.clientPeer, pair.now);
      return false;
    };
    const response = ask(pair, large);
    assert.equal(new Set(response.payload).size, 1);
    assert.equal(response.payload.length, 3000);
    assert.ok(count > 1);
  });

  test('fails with `body-too-large` beyond its own limit', () => {
    const pair = new Pair({ client: { blockwise: { maxResponseBodySize: 2000 } } });
    pair.handler = () => ({ response: { code: ResponseCode.content, payload: body(5000) } });
    pair.server.handle(new Uint8Array(), pair.clientPeer, pair.now);
    pair.ask((client, now) => client.request(pair.serverPeer, large, now));
    pair.advance(10_000);
    assert.equal(pair.result('request-failed').reason, 'body-too-large');
  });

  test('hands on the 4.13 of a peer that takes less', () => {
    const pair = new Pair({ server: { blockwise: { maxRequestBodySize: 2000 } } });
    const response = ask(pair, { method: Method.put, uriPath: ['x'], payload: body(5000) });
    assert.equal(response.code, ResponseCode.requestEntityTooLarge);
    assert.equal(pair.sentBy('client').length, 1);
    assert.deepEqual(pair.requests, []);
  });

  test('can be cancelled in the middle', () => {
    const pair = newPair(5000);
    pair.delay = 100;
    const id = pair.ask((client, now) => client.request(pair.serverPeer, large, now));
    pair.advance(500);
    pair.ask((client, now) => client.cancelRequest(id, now));
    assert.equal(pair.result('request-failed').reason, 'cancelled');
    const sent = pair.sentBy('client').length;
    pair.advance(10_000);
    assert.equal(pair.sentBy('client').length, sent);
    pair.assertEmptyInTheEnd();
  });

  test('throws for a request that cannot be expressed, and remembers nothing of it', () => {
    const step = new LockStep();
    const wrong: readonly [Request, RequestOptions?][] = [
      [{ method: Method.get, uriPath: ['x'.repeat(256)] }],
      [{ method: Method.get, uriPath: ['..'] }],
      [large, { preferredBlockSize: 64, bodyOffset: 10 }],
    ];
    for (const [request, options] of wrong) {
      assert.throws(
        () => step.run((endpoint, now) => endpoint.request(step.peer, request, now, options)),
        (error) => DunlinError.is(error),
      );
      assert.throws(
        () => step.run((endpoint, now) => endpoint.observe(step.peer, request, now, options)),
        (error) => DunlinError.is(error),
      );
    }
    step.expectSilence();
    step.expectEmptyInTheEnd();
  });

  test('goes on at a lost acknowledgement in mid transfer, and ends when the peer falls silent', () => {
    const pair = newPair(0);
    pair.lose = (_, count) => count >= 4;
    pair.ask((client, now) =>
      client.request(pair.serverPeer, { method: Method.put, uriPath: ['x'], payload: body(9000) }, now),
    );
    pair.advance(400_000);
    assert.equal(pair.result('request-failed').reason, 'no-answer');
    pair.assertEmptyInTheEnd();
  });
});

describe('Requests of peers in blocks (CR-9.4 to CR-9.6, CR-9.8)', () => {
  test('puts an upload together whatever its tokens', () => {
    const step = new LockStep();
    step.handler = () => 'wait';
    for (const [num, token] of ['#01', '#02', '#03'].entries()) {
      const payload = bytes('0123456789abcdef').subarray(0, num === 2 ? 8 : 16);
      step.send({
        type: 'con',
        code: '0.03',
        mid: num,
        token,
        path: '5/0/0',
        options: [block(27, num, num < 2, 16)],
        payload,
      });
      if (num < 2) {
        step.expect({
          type: 'ack',
          code: '2.31',
          mid: num,
          token,
          has: { [OptionNumber.block1]: (num << 4) | 8 },
        });
      }
    }
    const { exchange, request } = step.output('request');
    assert.equal(request.payload.length, 40);
    step.respond(exchange, { code: ResponseCode.changed });
    step.expect({ type: 'ack', code: '2.04', mid: 2, token: '#03', has: { [OptionNumber.block1]: 0x20 } });
    step.expectEmptyInTheEnd();
  });

  test('answers the last block again under a new id, once the role has answered (CR-9.5)', () => {
    for (const isLate of [false, true]) {
      const step = new LockStep();
      step.handler = () => 'wait';
      const path = 'x';
      step.send({
        type: 'con',
        code: '0.03',
        mid: 1,
        path,
        options: [block(27, 0, true, 16)],
        payload: body(16),
      });
      step.expect({ type: 'ack', code: '2.31', mid: 1 });
      const last = {
        type: 'con',
        code: '0.03',
        path,
        options: [block(27, 1, false, 16)],
        payload: body(4),
      } as const;
      step.send({ ...last, mid: 2, token: '#02' });
      const { exchange } = step.output('request');
      if (isLate) step.send({ ...last, mid: 3, token: '#03' });
      step.respond(exchange, { code: ResponseCode.changed });
      step.expect({ type: 'ack', code: '2.04', mid: 2, token: '#02' });
      if (!isLate) step.send({ ...last, mid: 3, token: '#03' });
      step.expect({ type: 'ack', code: '2.04', mid: 3, token: '#03', has: { [OptionNumber.block1]: 0x10 } });
      step.expectNoOutput();
      assert.equal(step.handled, 1);
      step.expectEmptyInTheEnd();
    }
  });

  test('answers 4.08 without the blocks before, 4.13 with Size1 for too much, 4.00 for wrong lengths', () => {
    const step = new LockStep();
    const path = 'x';
    step.send({
      type: 'con',
      code: '0.03',
      mid: 1,
      path,
      options: [block(27, 2, false, 16)],
      payload: body(4),
    });
    step.expect({ type: 'ack', code: '4.08', mid: 1, has: { [OptionNumber.block1]: 0x20 } });
    const tooLarge = [block(27, 0, true, 16), { number: OptionNumber.size1, value: 9000 }];
    step.send({ type: 'con', code: '0.03', mid: 2, path, options: tooLarge, payload: body(16) });
    step.expect({ type: 'ack', code: '4.13', mid: 2, has: { [OptionNumber.size1]: 8192 } });
    step.send({
      type: 'con',
      code: '0.03',
      mid: 3,
      path,
      options: [block(27, 0, true, 32)],
      payload: body(16),
    });
    step.expect({ type: 'ack', code: '4.00', mid: 3 });
    assert.equal(step.handled, 0);
  });

  test('takes as much as the resource does, and 8 KiB else (CR-9.6)', () => {
    const step = new LockStep({
      maxRequestBodySizeFor: (_, { uriPath }) => (uriPath[0] === '5' ? 100_000 : undefined),
    });
    const options = [block(27, 0, true, 1024), { number: OptionNumber.size1, value: 50_000 }];
    step.send({ type: 'con', code: '0.03', mid: 1, path: '5/0/0', options, payload: body(1024) });
    step.expect({ type: 'ack', code: '2.31' });
    step.send({ type: 'con', code: '0.03', mid: 2, path: '3/0/15', options, payload: body(1024) });
    step.expect({ type: 'ack', code: '4.13' });
    step.send({ type: 'con', code: '0.03', mid: 3, path: '3/0/15', payload: body(9000) });
    step.expect({ type: 'ack', code: '4.13' });
    assert.equal(step.handled, 0);
  });

  test('serves a download to blocks of any size and order, of the body as it was', () => {
    const step = new LockStep();
    let generation = 0;
    step.handler = () => {
      generation += 1;
      return { code: ResponseCode.content, payload: body(100).fill(generation) };
    };
    step.peer = { ...step.peer, security: { kind: 'psk', identity: 'a' } };
    step.send({
      type: 'con',
      code: '0.01',
      mid: 1,
      token: '#01',
      path: 'x',
      options: [block(23, 0, false, 32)],
    });
    step.expect({ type: 'ack', code: '2.05', payload: body(32).fill(1), has: { [OptionNumber.block2]: 9 } });
    step.send({
      type: 'con',
      code: '0.01',
      mid: 2,
      token: '#02',
      path: 'x',
      options: [block(23, 2, false, 16)],
    });
    step.expect({
      type: 'ack',
      code: '2.05',
      payload: body(16).fill(1),
      has: { [OptionNumber.block2]: 0x28 },
    });
    step.send({
      type: 'con',
      code: '0.01',
      mid: 3,
      token: '#03',
      path: 'x',
      options: [block(23, 3, false, 32)],
    });
    step.expect({
      type: 'ack',
      code: '2.05',
      payload: body(4).fill(1),
      has: { [OptionNumber.block2]: 0x31 },
    });
    assert.equal(step.handled, 1);
    step.send({ type: 'con', code: '0.01', mid: 4, path: 'x', options: [block(23, 1000, false, 32)] });
    step.expect({ type: 'ack', code: '4.00' });
    // Another resource, first asked for somewhere in the middle.
    step.send({ type: 'con', code: '0.01', mid: 5, path: 'y', options: [block(23, 1, false, 64)] });
    step.expect({
      type: 'ack',
      code: '2.05',
      payload: body(36).fill(2),
      has: { [OptionNumber.block2]: 0x12 },
    });
    step.expectEmptyInTheEnd();
  });

  test('lets another peer have no part in a transfer', () => {
    const step = new LockStep();
    step.send({
      type: 'con',
      code: '0.03',
      mid: 1,
      path: 'x',
      options: [block(27, 0, true, 16)],
      payload: body(16),
    });
    step.expect({ type: 'ack', code: '2.31' });
    const other = { ...step.peer, key: 'udp:192.0.2.8:1', address: '192.0.2.8' };
    step.send(
      { type: 'con', code: '0.03', mid: 2, path: 'x', options: [block(27, 1, false, 16)], payload: body(4) },
      other,
    );
    step.expect({ type: 'ack', code: '4.08', mid: 2 });
  });

  test('takes NON blocks too, and answers them by NON', () => {
    const step = new LockStep();
    step.send({
      type: 'non',
      code: '0.03',
      mid: 1,
      path: 'x',
      options: [block(27, 0, true, 16)],
      payload: body(16),
    });
    assert.equal(step.expect({ type: 'non', code: '2.31' }).type, MessageType.nonConfirmable);
    step.send({
      type: 'non',
      code: '0.03',
      mid: 2,
      path: 'x',
      options: [block(27, 1, false, 16)],
      payload: body(4),
    });
    step.expect({ type: 'non', code: '2.05' });
  });
});

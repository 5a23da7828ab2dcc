import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  Method,
  type IncomingRequest,
  MessageType,
  OptionNumber,
  type Request,
  type RequestOptions,
  type Response,
  ResponseCode,
} from '@dunlin/coap';

import { bytes } from '../support/lock-step.ts';
import { type Answer, Pair } from '../support/pair.ts';

const methods = [
  ['GET', { method: Method.get, uriPath: ['test'] }, ResponseCode.content],
  ['DELETE', { method: Method.delete, uriPath: ['test'] }, ResponseCode.deleted],
  [
    'PUT',
    { method: Method.put, uriPath: ['test'], contentFormat: 0, payload: bytes('put') },
    ResponseCode.changed,
  ],
  [
    'POST',
    { method: Method.post, uriPath: ['test'], contentFormat: 0, payload: bytes('post') },
    ResponseCode.created,
  ],
] as const;

const separate = { method: Method.get, uriPath: ['separate'] } as const;

/** The server of the test descriptions: validators, conditional requests, formats, locations. */
function testServer(): (request: IncomingRequest) => Answer {
  let value = 'v1';
  let isCreated = false;
  const etagOf = (): Uint8Array => bytes(value);
  return (request) => {
    const [name = ''] = request.uriPath;
    const response = ((): Response => {
      switch (name) {
        case 'location':
          return { code: ResponseCode.created, locationPath: ['location1', 'location2', 'location3'] };
        case 'location-query':
          return { code: ResponseCode.created, locationQuery: ['first=1', 'second=2'] };
        case 'multi-format':
          if (request.accept !== undefined && request.accept !== 0 && request.accept !== 41) {
            return { code: ResponseCode.notAcceptable };
          }
          return { code: ResponseCode.content, contentFormat: request.accept ?? 0, payload: bytes('x') };
        case 'create1':
          if (request.ifNoneMatch === true && isCreated) return { code: ResponseCode.preconditionFailed };
          isCreated = true;
          return { code: ResponseCode.created };
        case 'validate': {
          if (request.method === Method.put) {
            const isMatch = request.ifMatch?.some((tag) => tag.join() === etagOf().join()) ?? true;
            if (!isMatch) return { code: ResponseCode.preconditionFailed };
            value = new TextDecoder().decode(request.payload);
            return { code: ResponseCode.changed };
          }
          const isValid = request.etag?.join() === etagOf().join();
          return isValid
            ? { code: ResponseCode.valid, etag: etagOf() }
            : { code: ResponseCode.content, etag: etagOf(), contentFormat: 0, payload: bytes(value) };
        }
        default: {
          const found = methods.find(([, { method }]) => method === request.method);
          const code = found?.[2] ?? ResponseCode.content;
          return {
            code,
            contentFormat: 0,
            payload: bytes([...request.uriPath, ...request.uriQuery].join(' ')),
          };
        }
      }
    })();
    return name === 'separate' ? { response, after: 3000 } : { response };
  };
}

function newPair(): Pair {
  const pair = new Pair({ server: { behaviour: { heedsConditions: true } } });
  pair.handler = testServer();
  return pair;
}

function ask(pair: Pair, request: Request, options: RequestOptions = {}): Response {
  pair.ask((client, now) => client.request(pair.serverPeer, request, now, options));
  pair.advance(250_000);
  return pair.result('response').response;
}

describe('ETSI CoAP#4 CORE: simple requests', () => {
  for (const [index, [name, request, code]] of methods.entries()) {
    test(`CORE_0${index + 1}: confirmable ${name} is answered in the acknowledgement, id and token echoed`, () => {
      const pair = newPair();
      const response = ask(pair, request);
      assert.equal(response.code, code);
      const [sent] = pair.sentBy('client');
      const [answer] = pair.sentBy('server');
      assert.ok(sent !== undefined && answer !== undefined);
      assert.equal(sent.type, MessageType.confirmable);
      assert.equal(answer.type, MessageType.acknowledgement);
      assert.deepEqual([answer.messageId, answer.tokenKey], [sent.messageId, sent.tokenKey]);
      assert.equal(pair.wire.length, 2);
      pair.assertEmptyInTheEnd();
    });

    test(`CORE_0${index + 5}: non-confirmable ${name} is answered by a NON with an id of its own`, () => {
      const pair = newPair();
      const response = ask(pair, request, { isConfirmable: false });
      assert.equal(response.code, code);
      const [sent] = pair.sentBy('client');
      const [answer] = pair.sentBy('server');
      assert.ok(sent !== undefined && answer !== undefined);
      assert.deepEqual([sent.type, answer.type], [MessageType.nonConfirmable, MessageType.nonConfirmable]);
      assert.equal(answer.tokenKey, sent.tokenKey);
      assert.notEqual(answer.messageId, sent.messageId);
      assert.equal(pair.wire.length, 2);
      pair.assertEmptyInTheEnd();
    });
  }
});

describe('ETSI CoAP#4 CORE: separate responses', () => {
  test('CORE_09, CORE_11: empty acknowledgement, later a CON with the token, acknowledged in turn', () => {
    const pair = newPair();
    assert.equal(ask(pair, separate).code, ResponseCode.content);
    const [request, acknowledgement] = pair.sentBy('client');
    const [empty, response] = pair.sentBy('server');
    assert.ok(
      request !== undefined && empty !== undefined && response !== undefined && acknowledgement !== undefined,
    );
    assert.deepEqual([empty.type, empty.code, empty.length, empty.messageId], [2, 0, 4, request.messageId]);
    assert.deepEqual([response.type, response.tokenKey], [MessageType.confirmable, request.tokenKey]);
    assert.deepEqual(
      [acknowledgement.type, acknowledgement.code, acknowledgement.messageId],
      [2, 0, response.messageId],
    );
    assert.equal(pair.wire.length, 4);
  });

  test('CORE_17: a NON request has no acknowledgement, and a NON response later', () => {
    const pair = newPair();
    assert.equal(ask(pair, separate, { isConfirmable: false }).code, ResponseCode.content);
    assert.deepEqual(
      pair.wire.map(({ from, message }) => [from, message.type]),
      [
        ['client', MessageType.nonConfirmable],
        ['server', MessageType.nonConfirmable],
      ],
    );
  });
});

describe('ETSI CoAP#4 CORE: options', () => {
  test('CORE_13, CORE_14: one option for each segment and each argument', () => {
    const pair = newPair();
    const uriPath = ['seg1', 'seg2', 'seg3'];
    const uriQuery = ['first=1', 'second=2', 'third=3'];
    ask(pair, { method: Method.get, uriPath, uriQuery });
    const options = pair.sentBy('client')[0]?.options.all() ?? [];
    assert.equal(options.filter(({ number }) => number === OptionNumber.uriPath).length, 3);
    assert.equal(options.filter(({ number }) => number === OptionNumber.uriQuery).length, 3);
    assert.deepEqual([pair.requests[0]?.uriPath, pair.requests[0]?.uriQuery], [uriPath, uriQuery]);
  });

  test('CORE_18, CORE_19: locations come as segments and arguments', () => {
    const pair = newPair();
    const path = ask(pair, { method: Method.post, uriPath: ['location'] });
    assert.deepEqual(
      [path.code, path.locationPath],
      [ResponseCode.created, ['location1', 'location2', 'location3']],
    );
    const query = ask(pair, { method: Method.post, uriPath: ['location-query'] });
    assert.deepEqual(query.locationQuery, ['first=1', 'second=2']);
  });

  test('CORE_20: Accept chooses the format', () => {
    const pair = newPair();
    for (const accept of [0, 41]) {
      const response = ask(pair, { method: Method.get, uriPath: ['multi-format'], accept });
      assert.equal(response.contentFormat, accept);
    }
    const refused = ask(pair, { method: Method.get, uriPath: ['multi-format'], accept: 9999 });
    assert.equal(refused.code, ResponseCode.notAcceptable);
  });

  test('CORE_21: ETag validates', () => {
    const pair = newPair();
    const read = { method: Method.get, uriPath: ['validate'] } as const;
    const first = ask(pair, read);
    assert.ok(first.etag !== undefined);
    const valid = ask(pair, { ...read, etag: first.etag });
    assert.deepEqual(
      [valid.code, valid.etag, valid.payload],
      [ResponseCode.valid, first.etag, new Uint8Array()],
    );
    ask(pair, { method: Method.put, uriPath: ['validate'], payload: bytes('v2') });
    const changed = ask(pair, { ...read, etag: first.etag });
    assert.equal(changed.code, ResponseCode.content);
    assert.notDeepEqual(changed.etag, first.etag);
  });

  test('CORE_22: If-Match makes a request conditional', () => {
    const pair = newPair();
    const put = { method: Method.put, uriPath: ['validate'] } as const;
    const { etag } = ask(pair, { method: Method.get, uriPath: ['validate'] });
    assert.ok(etag !== undefined);
    assert.equal(ask(pair, { ...put, ifMatch: [etag], payload: bytes('v2') }).code, ResponseCode.changed);
    assert.equal(ask(pair, { ...put, payload: bytes('v3') }).code, ResponseCode.changed);
    assert.equal(
      ask(pair, { ...put, ifMatch: [etag], payload: bytes('v4') }).code,
      ResponseCode.preconditionFailed,
    );
  });

  test('CORE_23: If-None-Match creates once', () => {
    const pair = newPair();
    const put = { method: Method.put, uriPath: ['create1'], ifNoneMatch: true, payload: bytes('x') } as const;
    assert.equal(ask(pair, put).code, ResponseCode.created);
    assert.equal(ask(pair, put).code, ResponseCode.preconditionFailed);
  });
});

describe('ETSI CoAP#4 CORE: lossy paths', () => {
  for (const [name, isLost] of [
    ['the request', (from: string, count: number) => from === 'client' && count === 0],
    ['the response', (from: string, count: number) => from === 'server' && count === 0],
    ['both, twice', (_: string, count: number) => count < 2],
  ] as const) {
    test(`CORE_15: with ${name} lost, the same bytes go again and the handler runs once`, () => {
      const pair = newPair();
      pair.lose = isLost;
      assert.equal(ask(pair, methods[2][1]).code, ResponseCode.changed);
      assert.equal(pair.requests.length, 1);
      pair.assertRepetitionsAreIdentical();
      pair.assertEmptyInTheEnd();
    });
  }

  // Messages of the server: 0 empty acknowledgement, 1 response. Of the client: 0 request, 1 acknowledgement.
  for (const [name, lost] of [
    ['the request', { client: [0], server: [] }],
    ['the empty acknowledgement', { client: [], server: [0] }],
    ['the response', { client: [], server: [1] }],
    ['the acknowledgement of the response', { client: [1], server: [] }],
    ['all acknowledgements of the request', { client: [], server: [0, 1] }],
    ['each once', { client: [0, 2], server: [0, 2] }],
  ] as const) {
    test(`CORE_16: with ${name} lost, the right side repeats and the request stops when the response is there`, () => {
      const pair = newPair();
      pair.lose = (from, count) => (lost[from] as readonly number[]).includes(count);
      assert.equal(ask(pair, separate).code, ResponseCode.content);
      assert.equal(pair.requests.length, 1);
      pair.assertRepetitionsAreIdentical();
      const answeredAt = pair.wire.find(
        ({ from, isLost, message }) => from === 'server' && message.code !== 0 && !isLost,
      )?.at;
      const late = pair.wire.filter(
        ({ from, at, message }) =>
          from === 'client' && message.code !== 0 && at > (answeredAt ?? 0) + pair.delay,
      );
      assert.deepEqual(late, []);
      assert.deepEqual(pair.clientResults, []);
      pair.assertEmptyInTheEnd();
    });
  }

  test('CORE_31: a ping is answered by a Reset', () => {
    const pair = newPair();
    pair.lose = (_, count) => count < 1;
    pair.ask((client, now) => client.ping(pair.serverPeer, now));
    pair.advance(100_000);
    assert.equal(pair.result('pong').isAlive, true);
  });
});

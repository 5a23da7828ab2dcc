import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { UsageError } from '@dunlin/base';
import {
  type DecodedRequest,
  decodeMessage,
  decodeRequest,
  decodeResponse,
  encodeMessage,
  formatCode,
  Message,
  MessageType,
  Method,
  OptionNumber,
  type OutgoingOption,
  type Request,
  requestOptions,
  ResponseCode,
  type Response,
  responseCodeOf,
  responseOptions,
  type TransferOptions,
} from '@dunlin/coap';
import fc from 'fast-check';

function message(code: number, options: readonly OutgoingOption[], payload?: Uint8Array): Message {
  const datagram = encodeMessage({
    type: MessageType.confirmable,
    code,
    messageId: 1,
    token: Uint8Array.of(1),
    options,
    payload,
  });
  const decoded = decodeMessage(datagram);
  assert.ok(decoded instanceof Message);
  return decoded;
}

function request(code: number, ...options: OutgoingOption[]): DecodedRequest {
  const decoded = decodeRequest(message(code, options));
  assert.ok(decoded.kind === 'request');
  return decoded;
}

function refusal(code: number, ...options: OutgoingOption[]): string {
  const decoded = decodeRequest(message(code, options));
  assert.ok(decoded.kind === 'refused');
  return `${formatCode(decoded.code)} ${decoded.reason}`;
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>;
}

function observeOf(code: number, value: number): string | undefined {
  return request(code, { number: OptionNumber.observe, value }).request.observe;
}

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

const plain = { noNullPrototype: true } as const;
const notText = Uint8Array.of(0xc3, 0x28);

describe('CR-10.1 to CR-10.3: requests that are refused before anybody looks at them', () => {
  it('refuses paths and queries that are not UTF-8 with 4.02 (CR-2.5)', () => {
    assert.equal(
      refusal(Method.get, { number: OptionNumber.uriPath, value: notText }),
      '4.02 Uri-Path (11) is not UTF-8',
    );
    assert.match(refusal(Method.get, { number: OptionNumber.uriQuery, value: notText }), /^4\.02/);
  });

  it('refuses to be a proxy with 5.05 (CR-10.2, RFC 7252 §5.10.2)', () => {
    assert.match(refusal(Method.get, { number: OptionNumber.proxyUri, value: 'coap://a' }), /^5\.05/);
    assert.match(refusal(Method.get, { number: OptionNumber.proxyScheme, value: 'coap' }), /^5\.05/);
  });

  it('refuses unknown methods with 4.05 (CR-10.3)', () => {
    for (let code = 0x08; code <= 0x1f; code += 1) assert.match(refusal(code), /^4\.05/);
  });

  it('names the unknown critical option', () => {
    assert.equal(refusal(Method.get, { number: 9999, value: 'x' }), '4.02 option 9999 is not understood');
  });

  it('refuses blocks of the reserved size with 4.00 (CR-9.1)', () => {
    for (const number of [OptionNumber.block1, OptionNumber.block2]) {
      assert.match(refusal(Method.put, { number, value: 0x0f }), /^4\.00/);
    }
  });

  it('refuses a block of a body in methods that have none, unless it says nothing', () => {
    assert.match(refusal(Method.get, { number: OptionNumber.block1, value: 0x19 }), /^4\.02/);
    assert.equal(request(Method.get, { number: OptionNumber.block1, value: 2 }).transfer.block1, undefined);
  });
});

describe('reading requests (RFC 7252 §5.10)', () => {
  it('serves any host name and port (CR-10.2)', () => {
    const { request: read } = request(
      Method.get,
      { number: OptionNumber.uriHost, value: 'other.example' },
      { number: OptionNumber.uriPort, value: 1 },
      { number: OptionNumber.uriPath, value: 'a/b' },
    );
    assert.deepEqual(read.uriPath, ['a/b']);
  });

  it('takes Observe 0 and 1 on GET and FETCH only (CR-8.9)', () => {
    assert.equal(observeOf(Method.get, 0), 'register');
    assert.equal(observeOf(Method.fetch, 1), 'deregister');
    assert.equal(observeOf(Method.get, 2), undefined);
    assert.equal(observeOf(Method.put, 0), undefined);
  });

  it('shares nothing with the datagram', () => {
    const datagram = encodeMessage({
      type: MessageType.nonConfirmable,
      code: Method.post,
      messageId: 1,
      token: new Uint8Array(0),
      options: [{ number: OptionNumber.etag, value: Uint8Array.of(1) }],
      payload: Uint8Array.of(2),
    });
    const decoded = decodeMessage(datagram);
    assert.ok(decoded.kind === 'message');
    const read = decodeRequest(decoded);
    datagram.fill(0xee);
    assert.ok(read.kind === 'request');
    assert.deepEqual([read.request.etag, read.request.payload], [Uint8Array.of(1), Uint8Array.of(2)]);
    assert.equal(read.request.isConfirmable, false);
  });

  it('refuses to send "." and ".." (RFC 7252 §5.10.1)', () => {
    for (const segment of ['.', '..']) {
      assert.throws(() => requestOptions({ method: Method.get, uriPath: [segment] }), UsageError);
    }
  });

  const segment = fc
    .string({ unit: 'binary', maxLength: 40 })
    .filter((text) => text !== '.' && text !== '..');
  const tag = fc.uint8Array({ minLength: 1, maxLength: 8 });
  const block = fc.record(
    {
      num: fc.integer({ min: 0, max: 0xf_ffff }),
      hasMore: fc.boolean(),
      size: fc.constantFrom(16, 32, 64, 128, 256, 512, 1024),
    },
    plain,
  );

  it('reads what it wrote', () => {
    const requests: fc.Arbitrary<Request> = fc.record(
      {
        method: fc.constantFrom(Method.post, Method.put, Method.fetch, Method.patch, Method.ipatch),
        uriPath: fc.array(segment, { maxLength: 3 }),
        uriQuery: fc.array(segment, { maxLength: 3 }),
        contentFormat: optional(fc.integer({ min: 0, max: 65_535 })),
        accept: optional(fc.integer({ min: 0, max: 65_535 })),
        etag: optional(tag),
        ifMatch: optional(fc.array(tag, { minLength: 1, maxLength: 2 })),
        ifNoneMatch: fc.boolean(),
        noResponse: optional(fc.constantFrom(0, 2, 8, 16, 26)),
      },
      plain,
    );
    const transfers: fc.Arbitrary<TransferOptions> = fc.record(
      {
        block1: optional(block),
        block2: optional(block),
        size1: optional(fc.integer({ min: 0, max: 0xffff_ffff })),
        size2: optional(fc.integer({ min: 0, max: 0xffff_ffff })),
        echo: optional(fc.uint8Array({ minLength: 1, maxLength: 40 })),
        requestTag: optional(fc.uint8Array({ maxLength: 8 })),
      },
      plain,
    );
    fc.assert(
      fc.property(requests, transfers, fc.uint8Array({ maxLength: 100 }), (sent, transfer, payload) => {
        const read = decodeRequest(message(sent.method, requestOptions(sent, transfer), payload));
        assert.ok(read.kind === 'request');
        assert.deepEqual(defined(read.request), {
          ...defined(sent),
          payload,
          isConfirmable: true,
          isBlockwise: false,
        });
        assert.deepEqual(defined(read.transfer), defined(transfer));
      }),
    );
  });

  it('reads the responses that it wrote', () => {
    const responses: fc.Arbitrary<Response> = fc.record(
      {
        code: fc.constantFrom(...Object.values(ResponseCode)),
        contentFormat: optional(fc.integer({ min: 0, max: 65_535 })),
        locationPath: optional(fc.array(segment, { minLength: 1, maxLength: 3 })),
        locationQuery: optional(fc.array(segment, { minLength: 1, maxLength: 3 })),
        maxAge: optional(fc.integer({ min: 0, max: 0xffff_ffff })),
        etag: optional(tag),
      },
      plain,
    );
    fc.assert(
      fc.property(responses, optional(fc.integer({ min: 0, max: 0xff_ffff })), (sent, observe) => {
        const read = decodeResponse(message(sent.code, responseOptions(sent, { observe })));
        assert.ok(read.kind === 'response');
        const { payload, observe: sequence, ...response } = read.response;
        assert.deepEqual(defined(response), defined(sent));
        assert.equal(payload.length, 0);
        assert.equal(sequence, observe);
      }),
    );
  });
});

describe('reading responses (RFC 7252 §5.4.1, §5.9)', () => {
  it('rejects unknown critical options, reserved block sizes and locations that are not UTF-8 (CR-10.1)', () => {
    const kindOf = (...options: OutgoingOption[]): string =>
      decodeResponse(message(ResponseCode.content, options)).kind;
    assert.equal(kindOf({ number: 9999, value: '' }), 'rejected');
    assert.equal(kindOf({ number: OptionNumber.block2, value: 7 }), 'rejected');
    assert.equal(kindOf({ number: OptionNumber.block1, value: 7 }), 'rejected');
    assert.equal(kindOf({ number: OptionNumber.locationPath, value: notText }), 'rejected');
    assert.equal(kindOf({ number: OptionNumber.locationQuery, value: notText }), 'rejected');
    assert.equal(kindOf({ number: 9998, value: '' }), 'response');
    assert.equal(decodeResponse(message(Method.get, [])).kind, 'rejected');
  });

  it('takes unknown codes for the generic one of their class (RFC 7252 §5.9)', () => {
    assert.equal(responseCodeOf(0x5e), ResponseCode.changed);
    assert.equal(responseCodeOf(0x9e), ResponseCode.badRequest);
    assert.equal(responseCodeOf(0xbf), ResponseCode.internalServerError);
    assert.equal(responseCodeOf(0x61), ResponseCode.internalServerError);
    for (const code of Object.values(ResponseCode)) assert.equal(responseCodeOf(code), code);
  });
});

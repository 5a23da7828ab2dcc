import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { equalBytes, hexDecode, hexEncode, UsageError } from '@dunlin/base';
import {
  decodeMessage,
  decodeRequest,
  decodeResponse,
  encodeEmpty,
  encodeMessage,
  findBadOption,
  isCriticalOption,
  isNoCacheKeyOption,
  isRequestCode,
  isResponseCode,
  isUnsafeOption,
  largestBlockBeside,
  Message,
  messageLimitsDefaults,
  MessageType,
  optionDefinitions,
  OptionNumber,
  type OutgoingMessage,
  type OutgoingOption,
  tokenKey,
} from '@dunlin/coap';
import fc from 'fast-check';

import { malformedVectors, messageVectors } from './vectors/vectors.ts';

function encode(fields: Partial<OutgoingMessage>): Uint8Array {
  return encodeMessage({
    type: MessageType.confirmable,
    code: 0x01,
    messageId: 0x1234,
    token: new Uint8Array(0),
    options: [],
    ...fields,
  });
}

function decode(datagram: Uint8Array): Message {
  const message = decodeMessage(datagram);
  assert.ok(message instanceof Message);
  return message;
}

function queries(count: number): OutgoingOption[] {
  return Array.from({ length: count }, () => ({ number: OptionNumber.uriQuery, value: 'x'.repeat(30) }));
}

/** Reads all that can be read of a datagram; a hostile one must not make any of it throw. */
function readAll(datagram: Uint8Array): void {
  const message = decodeMessage(datagram);
  if (message.kind === 'malformed') {
    assert.ok(message.action === 'ignore' || message.type === MessageType.confirmable);
    return;
  }
  assert.equal(message.token.length, message.tokenKey.length);
  assert.equal(message.payload.length, message.payloadLength);
  findBadOption(message.options);
  if (isRequestCode(message.code)) assert.ok(['request', 'refused'].includes(decodeRequest(message).kind));
  if (isResponseCode(message.code))
    assert.ok(['response', 'rejected'].includes(decodeResponse(message).kind));
  const { type, code, messageId, token, payload } = message;
  const isSendable = message.options.all().every(({ number, value }) => {
    const definition = optionDefinitions.find((known) => known.number === number);
    return definition === undefined
      ? true
      : value.length >= definition.minLength && value.length <= definition.maxLength;
  });
  if (!isSendable) return;
  const options = message.options.all();
  const again = decode(
    encodeMessage(
      { type, code, messageId, token, options, payload },
      { ...messageLimitsDefaults, maxMessageSize: 70_000 },
    ),
  );
  assert.deepEqual(again.options.all(), options);
  assert.ok(equalBytes(again.payload, payload));
}

const option: fc.Arbitrary<OutgoingOption> = fc.oneof(
  fc.constantFrom(...optionDefinitions).chain(({ number, minLength, maxLength }) =>
    fc.record({
      number: fc.constant(number),
      value: fc.uint8Array({ minLength, maxLength: Math.min(maxLength, 300) }),
    }),
  ),
  fc.record({ number: fc.integer({ min: 300, max: 0xffff }), value: fc.uint8Array({ maxLength: 300 }) }),
);

const outgoing: fc.Arbitrary<OutgoingMessage> = fc.record({
  type: fc.constantFrom(MessageType.confirmable, MessageType.nonConfirmable),
  code: fc.integer({ min: 1, max: 0xbf }).filter((code) => isRequestCode(code) || isResponseCode(code)),
  messageId: fc.integer({ min: 0, max: 0xffff }),
  token: fc.uint8Array({ maxLength: 8 }),
  options: fc.array(option, { maxLength: 8 }),
  payload: fc.uint8Array({ maxLength: 64 }),
});

describe('CR-2.3, CR-2.7: decoding and encoding messages', () => {
  it('reads what it wrote, options by number and in their order (RFC 7252 §3.1)', () => {
    fc.assert(
      fc.property(outgoing, (message) => {
        const limits = { ...messageLimitsDefaults, maxMessageSize: 65_535 };
        const datagram = encodeMessage(message, limits);
        const read = decode(datagram);
        assert.deepEqual(
          [read.type, read.code, read.messageId, read.token, read.payload],
          [message.type, message.code, message.messageId, message.token, message.payload],
        );
        assert.equal(read.tokenKey, tokenKey(message.token));
        assert.equal(read.length, datagram.length);
        assert.deepEqual(
          read.options.all(),
          message.options
            .toSorted((a, b) => a.number - b.number)
            .map(({ number, value }) => ({ number, value })),
        );
        const options = read.options.all();
        assert.deepEqual(encodeMessage({ ...message, options }, limits), datagram);
      }),
    );
  });

  it('gives a typed result for arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1500 }), readAll));
    const versionOne = fc.uint8Array({ minLength: 4, maxLength: 200 }).map((bytes) => {
      bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
      return bytes;
    });
    fc.assert(fc.property(versionOne, readAll), { numRuns: 1000 });
  });

  it('gives a typed result for every truncation, extension and bit flip of the vectors', () => {
    for (const { hex } of [...messageVectors, ...malformedVectors]) {
      const whole = hexDecode(hex) ?? new Uint8Array(0);
      for (let length = 0; length < whole.length; length += 1) readAll(whole.subarray(0, length));
      for (const tail of [0x00, 0x0d, 0xd0, 0xe0, 0xf0, 0xff]) readAll(Uint8Array.of(...whole, tail));
      for (let bit = 0; bit < whole.length * 8; bit += 1) {
        const flipped = whole.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        readAll(flipped);
      }
    }
  });

  it('takes a part of a larger buffer, as a batch of datagrams gives it', () => {
    const batch = Uint8Array.of(
      9,
      9,
      ...encode({ options: [{ number: 11, value: 'rd' }], payload: Uint8Array.of(7) }),
      9,
    );
    const message = decode(batch.subarray(2, batch.length - 1));
    assert.equal(message.options.text(OptionNumber.uriPath), 'rd');
    assert.deepEqual(message.payload, Uint8Array.of(7));
  });

  it('tells tokens apart by length and bytes (CR-6.1)', () => {
    const tokens = [[], [0], [0, 0], [1], [255]].map((token) => Uint8Array.from(token));
    assert.equal(new Set(tokens.map((token) => tokenKey(token))).size, tokens.length);
  });

  it('reads and writes tokens of more than 8 bytes only when told to (CR-6.1, RFC 8974 §2.1)', () => {
    const limits = { maxTokenLength: 400, maxMessageSize: 1152 };
    for (const length of [9, 12, 13, 268, 269, 400]) {
      const token = new Uint8Array(length).fill(7);
      const fields: OutgoingMessage = { type: 0, code: 1, messageId: 1, token, options: [] };
      const datagram = encodeMessage(fields, limits);
      const message = decodeMessage(datagram, limits);
      assert.ok(message.kind === 'message');
      assert.deepEqual(message.token, token);
      const refused = decodeMessage(datagram);
      assert.ok(refused.kind === 'malformed' && refused.reason === 'token-length');
      assert.throws(() => encodeMessage(fields), UsageError);
    }
    const cut = decodeMessage(Uint8Array.of(0x4e, 1, 0, 1, 0), limits);
    assert.ok(cut.kind === 'malformed' && cut.reason === 'token-truncated');
    const long = decodeMessage(Uint8Array.of(0x4e, 1, 0, 1, 0xff, 0xff), limits);
    assert.ok(long.kind === 'malformed' && long.reason === 'token-length');
    const reserved = decodeMessage(Uint8Array.of(0x4f, 1, 0, 1), limits);
    assert.ok(reserved.kind === 'malformed' && reserved.reason === 'token-length');
  });
});

describe('CR-2.6: what the encoder refuses', () => {
  const refusals: readonly (readonly [name: string, fields: Partial<OutgoingMessage>])[] = [
    [
      'an option value that is too long',
      { options: [{ number: OptionNumber.uriPath, value: 'x'.repeat(256) }] },
    ],
    [
      'an option text that is too long in UTF-8',
      { options: [{ number: OptionNumber.uriPath, value: 'é'.repeat(128) }] },
    ],
    ['an option value that is too short', { options: [{ number: OptionNumber.uriHost, value: '' }] }],
    [
      'an integer that is too large for its option',
      { options: [{ number: OptionNumber.contentFormat, value: 65_536 }] },
    ],
    ['a negative integer', { options: [{ number: OptionNumber.maxAge, value: -1 }] }],
    ['a fraction', { options: [{ number: OptionNumber.maxAge, value: 0.5 }] }],
    ['an integer of more than 32 bits', { options: [{ number: 65_000, value: 0x1_0000_0000 }] }],
    ['an option number out of range', { options: [{ number: 65_536, value: '' }] }],
    ['a token of 9 bytes', { token: new Uint8Array(9) }],
    ['a message id of 17 bits', { messageId: 65_536 }],
    ['an Empty message with a payload', { code: 0, payload: Uint8Array.of(1) }],
    ['an Empty message with a token', { code: 0, token: Uint8Array.of(1) }],
    ['a code of 9 bits', { code: 256 }],
    ['a message above the limit', { payload: new Uint8Array(1152) }],
    ['a payload above all limits', { payload: new Uint8Array(70_000) }],
    ['an unknown option above all limits', { options: [{ number: 65_000, value: new Uint8Array(65_536) }] }],
  ];
  for (const [name, fields] of refusals) {
    it(`refuses ${name}`, () => {
      assert.throws(() => encode(fields), UsageError);
    });
  }

  it('says how large a block may be beside long options', () => {
    assert.deepEqual(
      [0, 3, 4, 18, 19, 33].map((count) => largestBlockBeside(queries(count))),
      [1024, 512, 512, 512, 256, 32],
    );
    const size = largestBlockBeside(queries(3));
    assert.ok(encode({ options: queries(3), payload: new Uint8Array(size + 20) }).length <= 1152);
  });

  it('writes no payload marker without payload (RFC 7252 §3)', () => {
    assert.equal(hexEncode(encode({ payload: new Uint8Array(0) })), '40011234');
    assert.equal(hexEncode(encodeEmpty(MessageType.reset, 0xfedc)), '7000fedc');
  });

  it('writes integers as short as can be and reads leading zeros (CR-2.4)', () => {
    const lengths = [0, 1, 0xff, 0x100, 0xffff, 0x1_0000, 0xff_ffff, 0x100_0000, 0xffff_ffff].map((value) => {
      const { options } = decode(encode({ options: [{ number: OptionNumber.maxAge, value }] }));
      assert.equal(options.uint(OptionNumber.maxAge), value);
      return options.lengthAt(0);
    });
    assert.deepEqual(lengths, [0, 1, 1, 2, 2, 3, 3, 4, 4]);
    const padded = encode({ options: [{ number: OptionNumber.maxAge, value: Uint8Array.of(0, 0, 60) }] });
    assert.equal(decode(padded).options.uint(OptionNumber.maxAge), 60);
  });

  it('keeps the order of options of one number (RFC 7252 §3.1)', () => {
    const { options } = decode(
      encode({
        options: [
          { number: OptionNumber.uriQuery, value: 'b' },
          { number: OptionNumber.uriPath, value: 'z' },
          { number: OptionNumber.uriQuery, value: 'a' },
          { number: OptionNumber.uriPath, value: 'y' },
        ],
      }),
    );
    assert.deepEqual(
      options.all().map((_, index) => options.textAt(index)),
      ['z', 'y', 'b', 'a'],
    );
  });
});

function badOptionOf(...options: OutgoingOption[]): string | undefined {
  return findBadOption(decode(encode({ options })).options)?.problem;
}

function raw(number: number, ...value: number[]): OutgoingOption {
  return { number, value: Uint8Array.from(value) };
}

function flagsOf(number: number): string {
  const flags = [
    isCriticalOption(number) && 'C',
    isUnsafeOption(number) && 'U',
    isNoCacheKeyOption(number) && 'N',
  ];
  return flags.filter((flag) => flag !== false).join('');
}

describe('CR-10.1: options that are not understood (RFC 7252 §5.4)', () => {
  it('derives critical, unsafe and no-cache-key from the number (RFC 7252 §5.4.6)', () => {
    const table = Object.fromEntries(optionDefinitions.map(({ name, number }) => [name, flagsOf(number)]));
    assert.deepEqual(table, {
      'If-Match': 'C',
      'Uri-Host': 'CU',
      ETag: '',
      'If-None-Match': 'C',
      Observe: 'U',
      'Uri-Port': 'CU',
      'Location-Path': '',
      OSCORE: 'C',
      'Uri-Path': 'CU',
      'Content-Format': '',
      'Max-Age': 'U',
      'Uri-Query': 'CU',
      'Hop-Limit': '',
      Accept: 'C',
      'Q-Block1': 'CU',
      'Location-Query': '',
      EDHOC: 'C',
      Block2: 'CU',
      Block1: 'CU',
      Size2: 'N',
      'Q-Block2': 'CU',
      'Proxy-Uri': 'CU',
      'Proxy-Scheme': 'CU',
      Size1: 'N',
      Echo: 'N',
      'No-Response': 'U',
      'Request-Tag': '',
    });
  });

  it('finds unknown critical options and passes over elective ones', () => {
    assert.equal(badOptionOf(raw(9999)), 'unrecognized');
    assert.equal(badOptionOf(raw(9998, 1, 2, 3)), undefined);
  });

  it('treats OSCORE, EDHOC and Q-Block as unknown (CR-9.15)', () => {
    for (const number of [
      OptionNumber.oscore,
      OptionNumber.edhoc,
      OptionNumber.qBlock1,
      OptionNumber.qBlock2,
    ]) {
      assert.equal(badOptionOf(raw(number)), 'unrecognized');
    }
  });

  it('finds surplus critical options and passes over the surplus of elective ones', () => {
    assert.equal(badOptionOf(raw(OptionNumber.accept), raw(OptionNumber.accept, 50)), 'surplus');
    const twice = decode(
      encode({ options: [raw(OptionNumber.contentFormat, 40), raw(OptionNumber.contentFormat, 41)] }),
    );
    assert.equal(findBadOption(twice.options), undefined);
    assert.equal(twice.options.uint(OptionNumber.contentFormat), 40);
  });

  it('passes over elective options of a wrong length (RFC 7252 §5.4.3)', () => {
    // Content-Format of three bytes, as the encoder would never write it.
    const { options } = decode(Uint8Array.of(0x40, 1, 0, 1, 0xc3, 1, 2, 3));
    assert.equal(findBadOption(options), undefined);
    assert.equal(options.uint(OptionNumber.contentFormat), undefined);
    assert.equal(options.bytes(OptionNumber.contentFormat), undefined);
    assert.equal(options.text(OptionNumber.contentFormat), undefined);
  });

  it('names the option and what is wrong', () => {
    const { options } = decode(Uint8Array.of(0x40, 1, 0, 1, 0x73, 1, 2, 3));
    assert.deepEqual(findBadOption(options), {
      number: OptionNumber.uriPort,
      problem: 'length',
      reason: 'Uri-Port (7) has 3 bytes instead of 0 to 2',
    });
  });
});

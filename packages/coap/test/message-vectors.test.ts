import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexDecode, hexEncode, instantFrom, noBytes } from '@dunlin/base';
import {
  Block1Receiver,
  decodeBlockOption,
  decodeMessage,
  decodeRequest,
  encodeEmpty,
  encodeMessage,
  formatCode,
  isRequestCode,
  type Message,
  MessageType,
  optionDefinition,
  uploadKey,
} from '@dunlin/coap';

import { malformedVectors, messageVectors } from './vectors/vectors.ts';

const typeNames = ['CON', 'NON', 'ACK', 'RST'];

function bytes(hex: string): Uint8Array {
  const value = hexDecode(hex);
  assert.ok(value !== undefined);
  return value;
}

function decoded(hex: string): Message {
  const message = decodeMessage(bytes(hex));
  assert.equal(message.kind, 'message');
  assert.ok(message.kind === 'message');
  return message;
}

function describeOptions(message: Message): (string | number)[][] {
  return message.options.all().map(({ number, value }, index) => {
    const definition = optionDefinition(number);
    const name = definition?.name ?? `${number}`;
    if (name === 'Block1' || name === 'Block2') {
      const block = decodeBlockOption(message.options.uintAt(index));
      return [name, `${block?.num}/${block?.hasMore === true ? 1 : 0}/${block?.size}`];
    }
    switch (definition?.format) {
      case 'uint':
        return [name, message.options.uintAt(index)];
      case 'string':
        return [name, message.options.textAt(index) ?? ''];
      case 'opaque':
      case 'empty':
      case undefined:
        return [name, hexEncode(value)];
    }
  });
}

describe('CR-2.7: the good messages of RFC 7252, 7641, 7959, 8132, 9175 and LwM2M', () => {
  for (const { id, title, hex, message: expected } of messageVectors) {
    it(`reads ${id}, ${title}`, () => {
      const message = decoded(hex);
      assert.deepEqual(
        {
          type: typeNames[message.type],
          code: formatCode(message.code),
          messageId: message.messageId,
          token: hexEncode(message.token),
          options: describeOptions(message),
          payload: hexEncode(message.payload),
        },
        expected,
      );
    });

    it(`writes ${id} byte for byte`, () => {
      const message = decoded(hex);
      const { type, code, messageId, token, payload } = message;
      const options = message.options.all();
      assert.equal(hexEncode(encodeMessage({ type, code, messageId, token, options, payload })), hex);
      if (code === 0) assert.equal(hexEncode(encodeEmpty(type, messageId)), hex);
    });
  }
});

/** What becomes of a request on the way to the application: the code that refuses it, or `answer`. */
function refusalOf(message: Message): string {
  if (!isRequestCode(message.code)) return 'answer';
  const request = decodeRequest(message);
  if (request.kind === 'refused') return formatCode(request.code);
  const outcome = new Block1Receiver().receive(
    {
      peer: { key: 'peer', transport: 'udp', address: '192.0.2.1', port: 5683, security: { kind: 'none' } },
      key: uploadKey(message),
      block1: request.transfer.block1,
      payload: request.request.payload,
    },
    instantFrom(0),
  );
  switch (outcome.kind) {
    case 'refused':
      return formatCode(outcome.code);
    case 'continue':
      return '2.31';
    case 'complete':
    case 'repeated':
      return 'answer';
  }
}

describe('CR-2.1, CR-2.2, CR-10.1: malformed and refused messages', () => {
  for (const { id, title, hex, decoding } of malformedVectors) {
    it(`judges ${id}, ${title}`, () => {
      const result = decodeMessage(bytes(hex));
      if (decoding.malformed !== undefined) {
        assert.ok(result.kind === 'malformed');
        assert.deepEqual([result.reason, result.action], [decoding.malformed, decoding.action]);
        return;
      }
      assert.ok(result.kind === 'message');
      assert.equal(refusalOf(result), decoding.refused ?? decoding.upload ?? 'answer');
    });
  }

  it('has all vectors from N01 to N43', () => {
    const ids = new Set(malformedVectors.map(({ id }) => id));
    const expected = Array.from({ length: 43 }, (_, index) => `N${String(index + 1).padStart(2, '0')}`);
    assert.deepEqual(
      expected.filter((id) => !ids.has(id)),
      [],
    );
  });

  it('gives what a Reset needs when it could be read', () => {
    const malformed = decodeMessage(bytes('41011234aab874696d65'));
    assert.ok(malformed.kind === 'malformed');
    assert.deepEqual(
      [malformed.type, malformed.code, malformed.messageId, malformed.token],
      [MessageType.confirmable, 1, 0x1234, bytes('aa')],
    );
    const truncated = decodeMessage(bytes('440112340102'));
    assert.ok(truncated.kind === 'malformed');
    assert.deepEqual([truncated.messageId, truncated.token], [0x1234, undefined]);
  });

  it('ignores the payload of a GET (RFC 7252 §5.8.1)', () => {
    const request = decodeRequest(decoded('400133a5ff784b6d'));
    assert.ok(request.kind === 'request');
    assert.equal(request.request.payload, noBytes);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom, seededRandom } from '@dunlin/base';
import {
  Block1Receiver,
  Block1Sender,
  type BlockOption,
  blockwiseLimitsDefaults,
  decodeMessage,
  encodeMessage,
  formatCode,
  MessageType,
  Method,
  OptionNumber,
  type OutgoingMessage,
  type OutgoingOption,
  type Peer,
  ResponseCode,
  type UploadOutcome,
  type UploadRequest,
  uploadKey,
  type UploadStep,
} from '@dunlin/coap';
import fc from 'fast-check';

const peer: Peer = {
  key: 'a',
  transport: 'udp',
  address: '192.0.2.1',
  port: 5683,
  security: { kind: 'none' },
};
const now = instantFrom(1000);

function block(text: string): BlockOption {
  const [num = '', more, size] = text.split('/');
  return { num: Number(num), hasMore: more === '1', size: Number(size) };
}

function bytes(length: number, first = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) % 251);
}

function brief(option: BlockOption | undefined): string {
  return option === undefined ? '-' : `${option.num}/${option.hasMore ? 1 : 0}/${option.size}`;
}

function keyOf(options: readonly OutgoingOption[], fields: Partial<OutgoingMessage> = {}): string {
  const datagram = encodeMessage({
    type: MessageType.confirmable,
    code: Method.put,
    messageId: 1,
    token: Uint8Array.of(1),
    options,
    ...fields,
  });
  const message = decodeMessage(datagram);
  assert.ok(message.kind === 'message');
  return uploadKey(message);
}

describe('CR-9.4: what belongs to one upload (RFC 7959 §2.5, RFC 9175 §3)', () => {
  const base: readonly OutgoingOption[] = [
    { number: OptionNumber.uriPath, value: 'a' },
    { number: OptionNumber.contentFormat, value: 42 },
  ];
  const same: readonly (readonly [name: string, option: OutgoingOption])[] = [
    ['Block1', { number: OptionNumber.block1, value: 8 }],
    ['Block2', { number: OptionNumber.block2, value: 2 }],
    ['Size1', { number: OptionNumber.size1, value: 40 }],
    ['Size2', { number: OptionNumber.size2, value: 0 }],
    ['Observe', { number: OptionNumber.observe, value: 0 }],
    ['Echo', { number: OptionNumber.echo, value: Uint8Array.of(1) }],
  ];
  const other: readonly (readonly [name: string, option: OutgoingOption])[] = [
    ['Request-Tag', { number: OptionNumber.requestTag, value: Uint8Array.of(1) }],
    ['path', { number: OptionNumber.uriPath, value: 'b' }],
    ['query', { number: OptionNumber.uriQuery, value: 'b' }],
    ['Accept', { number: OptionNumber.accept, value: 0 }],
  ];
  it('is not told by token, payload, type and message id', () => {
    const fields = {
      type: MessageType.nonConfirmable,
      messageId: 9,
      token: Uint8Array.of(2),
      payload: Uint8Array.of(1),
    };
    assert.equal(keyOf(base, fields), keyOf(base));
  });
  for (const [name, option] of same) {
    it(`is not told by ${name}`, () => assert.equal(keyOf([...base, option]), keyOf(base)));
  }
  for (const [name, option] of other) {
    it(`is told by ${name}`, () => assert.notEqual(keyOf([...base, option]), keyOf(base)));
  }
  it('is told by method and Content-Format', () => {
    assert.notEqual(keyOf(base, { code: Method.post }), keyOf(base));
    assert.notEqual(keyOf(base.slice(0, 1)), keyOf(base));
  });
  it('does not take one path for another', () => {
    const keys = [['ab'], ['a', 'b'], ['a/b'], ['a|11:1:b']].map((path) =>
      keyOf(path.map((value) => ({ number: OptionNumber.uriPath, value }))),
    );
    assert.equal(new Set(keys).size, keys.length);
  });
});

/** Sends one block and tells the outcome in few characters. */
function receive(
  receiver: Block1Receiver<string>,
  block1: string,
  payload: Uint8Array,
  more: Partial<UploadRequest> = {},
): string {
  return describeOutcome(receiver.receive({ peer, key: 'k', block1: block(block1), payload, ...more }, now));
}

function describeOutcome(outcome: UploadOutcome<string>): string {
  switch (outcome.kind) {
    case 'continue':
      return `2.31 ${brief(outcome.block1)}`;
    case 'complete':
      return `whole ${outcome.body.length} ${brief(outcome.block1)}`;
    case 'repeated':
      return `again ${outcome.answer ?? 'later'} ${brief(outcome.block1)}`;
    case 'refused':
      return `${formatCode(outcome.code)} ${brief(outcome.block1)} ${outcome.size1 ?? '-'}`;
  }
}

describe('CR-9.2 to CR-9.6: receiving a body block by block (RFC 7959 §2.5)', () => {
  it('puts the blocks together and answers each with 2.31 but the last (CR-9.5)', () => {
    const receiver = new Block1Receiver<string>();
    assert.equal(receive(receiver, '0/1/16', bytes(16)), '2.31 0/1/16');
    assert.equal(receive(receiver, '1/1/16', bytes(16, 16)), '2.31 1/1/16');
    const last = receiver.receive({ peer, key: 'k', block1: block('2/0/16'), payload: bytes(8, 32) }, now);
    assert.deepEqual(last, { kind: 'complete', body: bytes(40), block1: block('2/0/16') });
  });

  it('hands on a request without Block1 and one of a single block', () => {
    const receiver = new Block1Receiver<string>();
    assert.deepEqual(receiver.receive({ peer, key: 'k', payload: bytes(3) }, now), {
      kind: 'complete',
      body: bytes(3),
    });
    assert.equal(receive(receiver, '0/0/16', bytes(16)), 'whole 16 0/0/16');
    assert.equal(receive(receiver, '0/0/16', bytes(0)), 'whole 0 0/0/16');
    assert.deepEqual(receiver.usage, { transfers: 0, bytes: 0 });
  });

  it('counts by bytes, so that the size may change on the way (CR-9.3)', () => {
    const receiver = new Block1Receiver<string>();
    assert.equal(receive(receiver, '0/1/64', bytes(64)), '2.31 0/1/64');
    assert.equal(receive(receiver, '4/1/16', bytes(16, 64)), '2.31 4/1/16');
    assert.equal(receive(receiver, '5/0/16', bytes(1, 80)), 'whole 81 5/0/16');
  });

  it('asks for smaller blocks when it wants them (RFC 7959 §2.3)', () => {
    const receiver = new Block1Receiver<string>({ ...blockwiseLimitsDefaults, blockSize: 64 });
    assert.equal(receive(receiver, '0/1/1024', bytes(1024)), '2.31 0/1/64');
    assert.equal(receive(receiver, '16/0/64', bytes(64, 1024)), 'whole 1088 16/0/64');
  });

  it('refuses a block without its predecessors with 4.08 (CR-9.5)', () => {
    const receiver = new Block1Receiver<string>();
    assert.equal(receive(receiver, '2/0/16', bytes(8)), '4.08 2/0/16 -');
    receive(receiver, '0/1/16', bytes(16));
    assert.equal(receive(receiver, '2/1/16', bytes(16)), '4.08 2/0/16 -');
    assert.equal(receive(receiver, '1/0/16', bytes(4)), 'whole 20 1/0/16');
  });

  it('answers the repetition of the last block again without taking it twice (CR-9.5)', () => {
    const receiver = new Block1Receiver<string>();
    receive(receiver, '0/1/16', bytes(16));
    receive(receiver, '1/1/16', bytes(16, 16));
    assert.equal(receive(receiver, '1/1/16', bytes(16, 16)), '2.31 1/1/16');
    assert.equal(receive(receiver, '1/1/16', bytes(16, 99)), '4.08 1/0/16 -');
    assert.equal(receive(receiver, '2/0/16', bytes(5, 32)), 'whole 37 2/0/16');
  });

  it('executes once and answers the repetition of the final block with the answer that it gave', () => {
    const receiver = new Block1Receiver<string>();
    receive(receiver, '0/1/16', bytes(16));
    receive(receiver, '1/0/16', bytes(5, 16));
    assert.equal(receive(receiver, '1/0/16', bytes(5, 16)), 'again later 1/0/16');
    receiver.answered(peer, 'k', '2.04', now);
    assert.equal(receive(receiver, '1/0/16', bytes(5, 16)), 'again 2.04 1/0/16');
    assert.equal(receive(receiver, '1/1/16', bytes(16, 16)), '4.08 1/0/16 -');
    assert.equal(receive(receiver, '0/1/16', bytes(16)), '2.31 0/1/16');
  });

  it('begins anew with block 0 (CR-9.4)', () => {
    const receiver = new Block1Receiver<string>();
    receive(receiver, '0/1/16', bytes(16));
    receive(receiver, '1/1/16', bytes(16));
    receive(receiver, '0/1/16', bytes(16, 7));
    assert.deepEqual(
      receiver.receive({ peer, key: 'k', block1: block('1/0/16'), payload: bytes(2, 23) }, now),
      { kind: 'complete', body: bytes(18, 7), block1: block('1/0/16') },
    );
  });

  it('keeps transfers of other peers and keys apart (CR-9.4, RFC 9175 §3)', () => {
    const receiver = new Block1Receiver<string>();
    receive(receiver, '0/1/16', bytes(16));
    assert.equal(receive(receiver, '1/0/16', bytes(1), { key: 'other format or tag' }), '4.08 1/0/16 -');
    assert.equal(receive(receiver, '1/0/16', bytes(1), { peer: { ...peer, key: 'b' } }), '4.08 1/0/16 -');
    assert.equal(receive(receiver, '1/0/16', bytes(1)), 'whole 17 1/0/16');
  });

  it('refuses payloads that have not the length of their block with 4.00 (CR-9.2)', () => {
    const receiver = new Block1Receiver<string>();
    assert.equal(receive(receiver, '0/1/16', bytes(15)), '4.00 0/0/16 -');
    assert.equal(receive(receiver, '0/1/16', bytes(17)), '4.00 0/0/16 -');
    assert.equal(receive(receiver, '0/0/16', bytes(17)), '4.00 0/0/16 -');
    receive(receiver, '0/1/16', bytes(16));
    assert.equal(receive(receiver, '1/0/16', bytes(0)), '4.00 1/0/16 -');
  });

  it('refuses bodies that are too large with 4.13 and the largest size, on block 0 if it can (CR-9.6)', () => {
    const receiver = new Block1Receiver<string>();
    const maxBodySize = 40;
    assert.equal(receive(receiver, '0/1/16', bytes(16), { size1: 41, maxBodySize }), '4.13 0/0/16 40');
    assert.equal(receive(receiver, '0/1/64', bytes(64), { maxBodySize }), '4.13 0/0/64 40');
    assert.equal(receive(receiver, '0/1/16', bytes(16), { maxBodySize: 16 }), '4.13 0/0/16 16');
    receive(receiver, '0/1/16', bytes(16), { maxBodySize });
    receive(receiver, '1/1/16', bytes(16), { maxBodySize });
    assert.equal(receive(receiver, '2/0/16', bytes(9), { maxBodySize }), '4.13 2/0/16 40');
    assert.equal(receive(receiver, '2/0/16', bytes(8), { maxBodySize }), '4.08 2/0/16 -');
    assert.equal(
      describeOutcome(receiver.receive({ peer, key: 'k', payload: bytes(41), maxBodySize }, now)),
      '4.13 - 40',
    );
  });

  it('forgets a transfer EXCHANGE_LIFETIME after its last block (CR-9.6)', () => {
    const receiver = new Block1Receiver<string>();
    receive(receiver, '0/1/16', bytes(16));
    assert.equal(receiver.deadline, 248_000);
    const later = instantFrom(100_000);
    receiver.receive({ peer, key: 'k', block1: block('1/1/16'), payload: bytes(16) }, later);
    receiver.expire(instantFrom(346_999));
    assert.equal(receiver.usage.transfers, 1);
    const request = { peer, key: 'k', block1: block('2/0/16'), payload: bytes(1) };
    assert.equal(describeOutcome(receiver.receive(request, instantFrom(347_000))), '4.08 2/0/16 -');
    receiver.expire(instantFrom(347_000));
    assert.deepEqual(receiver.usage, { transfers: 0, bytes: 0 });
    assert.equal(receiver.deadline, undefined);
  });

  it('displaces the oldest transfer of a peer that has too many (CR-9.6)', () => {
    const receiver = new Block1Receiver<string>();
    for (const key of ['1', '2', '3', '4', '5']) receive(receiver, '0/1/16', bytes(16), { key });
    assert.equal(receive(receiver, '1/0/16', bytes(1), { key: '1' }), '4.08 1/0/16 -');
    assert.equal(receive(receiver, '1/0/16', bytes(1), { key: '2' }), 'whole 17 1/0/16');
    receiver.forgetPeer(peer);
    assert.deepEqual(receiver.usage, { transfers: 0, bytes: 0 });
  });

  it('sets little aside on the word of Size1 (CR-11.4)', () => {
    const receiver = new Block1Receiver<string>();
    const size1 = 10_000_000;
    assert.equal(receive(receiver, '0/1/16', bytes(16), { size1, maxBodySize: size1 }), '2.31 0/1/16');
    assert.equal(receiver.usage.bytes, 4096);
  });

  it('has room for so many bytes only, and lets secured peers displace the others (CR-11.4)', () => {
    const receiver = new Block1Receiver<string>({ ...blockwiseLimitsDefaults, maxTransferBytes: 200 });
    const stranger = (key: string): Peer => ({ ...peer, key });
    const secured: Peer = { ...peer, key: 's', security: { kind: 'psk', identity: 's' } };
    for (const key of ['b', 'c', 'd', 'e', 'f', 'g']) {
      assert.equal(receive(receiver, '0/1/32', bytes(32), { peer: stranger(key) }), '2.31 0/1/32');
    }
    assert.equal(receive(receiver, '0/1/32', bytes(32), { peer: stranger('h') }), '4.13 0/0/32 -');
    assert.equal(receive(receiver, '0/1/32', bytes(32), { peer: secured }), '2.31 0/1/32');
    assert.equal(receive(receiver, '1/0/32', bytes(1), { peer: stranger('b') }), '4.08 1/0/32 -');
    // The buffer of this one has to grow, and there is no room for that.
    assert.equal(receive(receiver, '1/1/32', bytes(32), { peer: stranger('c') }), '4.13 1/0/32 -');
    assert.equal(receive(receiver, '2/1/32', bytes(32), { peer: stranger('c') }), '4.08 2/0/32 -');
    assert.ok(receiver.usage.bytes <= 200);
  });
});

function describeStep(step: UploadStep): string {
  if (step.kind === 'failed') return `failed ${step.reason}`;
  if (step.kind !== 'send') return step.kind;
  return `${brief(step.block1)} ${step.payload.length} ${step.size1 ?? '-'}`;
}

function sender(length: number, blockSize: number, reuseToken = false): Block1Sender {
  return new Block1Sender({ body: bytes(length), blockSize, reuseToken });
}

function answer(upload: Block1Sender, code: number, block1?: string, size1?: number): string {
  const option = block1 === undefined ? undefined : block(block1);
  return describeStep(upload.handle({ code, block1: option, size1 }));
}

describe('CR-9.7: sending a body block by block (RFC 7959 §2.3, §2.5)', () => {
  it('sends a small body in one piece', () => {
    const upload = sender(64, 64);
    assert.equal(describeStep(upload.start()), '- 64 -');
    assert.equal(answer(upload, ResponseCode.changed), 'complete');
    assert.equal(describeStep(new Block1Sender({ body: undefined, blockSize: 64 }).start()), '- 0 -');
  });

  it('sends a large body in blocks, its size with the first one', () => {
    const upload = sender(40, 16);
    assert.equal(describeStep(upload.start()), '0/1/16 16 40');
    assert.equal(answer(upload, ResponseCode.continue, '0/1/16'), '1/1/16 16 -');
    assert.equal(answer(upload, ResponseCode.continue, '1/1/16'), '2/0/16 8 -');
    assert.equal(answer(upload, ResponseCode.changed, '2/0/16'), 'complete');
  });

  it('goes on with smaller blocks when asked to, at the byte where it is', () => {
    const upload = sender(2000, 1024);
    upload.start();
    assert.equal(answer(upload, ResponseCode.continue, '0/1/64'), '16/1/64 64 -');
    assert.equal(answer(upload, ResponseCode.continue, '16/1/16'), '68/1/16 16 -');
    assert.equal(answer(upload, ResponseCode.continue, '68/1/1024'), '69/1/16 16 -');
  });

  it('begins anew with smaller blocks after a 4.13 that hints at them (RFC 7959 §2.9.3)', () => {
    const upload = sender(200, 64);
    upload.start();
    answer(upload, ResponseCode.continue, '0/1/64');
    assert.equal(answer(upload, ResponseCode.requestEntityTooLarge, '1/0/32'), '0/1/32 32 200');
    assert.equal(answer(upload, ResponseCode.requestEntityTooLarge, '0/0/32'), 'complete');
  });

  it('goes block-wise when a body in one piece was too large', () => {
    const hinted = sender(500, 1024);
    hinted.start();
    assert.equal(answer(hinted, ResponseCode.requestEntityTooLarge, '0/0/64'), '0/1/64 64 500');
    const unhinted = sender(500, 1024);
    unhinted.start();
    assert.equal(answer(unhinted, ResponseCode.requestEntityTooLarge), '0/1/256 256 500');
    const tiny = sender(16, 1024);
    tiny.start();
    assert.equal(answer(tiny, ResponseCode.requestEntityTooLarge), 'complete');
  });

  it('believes a 4.13 that says how much is taken', () => {
    const upload = sender(500, 1024);
    upload.start();
    assert.equal(answer(upload, ResponseCode.requestEntityTooLarge, '0/0/64', 499), 'complete');
  });

  it('begins anew once after a 4.08', () => {
    const upload = sender(40, 16);
    upload.start();
    answer(upload, ResponseCode.continue, '0/1/16');
    assert.equal(answer(upload, ResponseCode.requestEntityIncomplete, '1/0/16'), '0/1/16 16 40');
    answer(upload, ResponseCode.continue, '0/1/16');
    assert.equal(answer(upload, ResponseCode.requestEntityIncomplete), 'complete');
  });

  it('goes on when the peer keeps no state and finishes each block (RFC 7959 §2.3)', () => {
    const upload = sender(40, 16);
    upload.start();
    assert.equal(answer(upload, ResponseCode.changed, '0/0/16'), '1/1/16 16 -');
  });

  it('ends with the first error', () => {
    const upload = sender(40, 16);
    upload.start();
    assert.equal(answer(upload, ResponseCode.methodNotAllowed), 'complete');
  });

  it('finds answers that break the rules', () => {
    const cases: readonly (readonly [number, string?])[] = [
      [ResponseCode.continue, '1/1/16'],
      [ResponseCode.continue],
      [ResponseCode.changed],
    ];
    for (const [code, block1] of cases) {
      const upload = sender(40, 16);
      upload.start();
      assert.equal(answer(upload, code, block1), 'failed malformed-response');
    }
    const whole = sender(4, 16);
    whole.start();
    assert.equal(answer(whole, ResponseCode.continue, '0/1/16'), 'failed malformed-response');
    const last = sender(17, 16);
    last.start();
    answer(last, ResponseCode.continue, '0/1/16');
    assert.equal(answer(last, ResponseCode.continue, '1/1/16'), 'failed malformed-response');
  });

  it('passes over late answers when all blocks have one token (CR-6.3)', () => {
    const upload = sender(40, 16, true);
    upload.start();
    answer(upload, ResponseCode.continue, '0/1/16');
    assert.equal(answer(upload, ResponseCode.continue, '0/1/16'), 'ignored');
    assert.equal(answer(upload, ResponseCode.continue, '1/1/16'), '2/0/16 8 -');
  });

  it('gives up on a body that has more blocks than can be counted (CR-9.1)', () => {
    const body = { length: 16 * 0x10_0000 + 1, read: (_: number, length: number) => new Uint8Array(length) };
    assert.equal(describeStep(new Block1Sender({ body, blockSize: 16 }).start()), 'failed body-too-large');
    const largest = { ...body, length: 16 * 0x10_0000 };
    assert.equal(
      describeStep(new Block1Sender({ body: largest, blockSize: 16 }).start()),
      '0/1/16 16 16777216',
    );
  });
});

describe('CR-9.3: uploads from end to end', () => {
  it('carry any body over repetition, shrinking and lost state: whole, or a clean error', () => {
    const sizes = fc.constantFrom(16, 32, 64, 128, 256, 512, 1024);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), sizes, fc.nat(), (body, blockSize, seed) => {
        const random = seededRandom(seed);
        const draw = (count: number): number => random.uint32() % count;
        const receiver = new Block1Receiver<string>();
        const upload = new Block1Sender({ body, blockSize });
        const taken: Uint8Array[] = [];
        let step: UploadStep = upload.start();
        let code = 0;
        while (step.kind === 'send') {
          if (draw(60) === 0) receiver.forgetPeer(peer);
          let block1: BlockOption | undefined;
          const copies = 1 + draw(3);
          for (let copy = 0; copy < copies; copy += 1) {
            const outcome = receiver.receive({ peer, key: 'k', ...step }, now);
            block1 = outcome.block1;
            switch (outcome.kind) {
              case 'complete':
                // Without Block1 it is the message layer that keeps a request from being executed twice.
                if (copy === 0 || (outcome.block1?.num ?? 0) > 0) taken.push(outcome.body.slice());
                receiver.answered(peer, 'k', 'done', now);
                code = ResponseCode.changed;
                break;
              case 'continue':
                code = ResponseCode.continue;
                break;
              case 'repeated':
                assert.equal(outcome.answer, 'done');
                code = ResponseCode.changed;
                break;
              case 'refused':
                code = outcome.code;
                break;
            }
          }
          if (code === ResponseCode.continue && block1 !== undefined && draw(4) === 0) {
            block1 = { ...block1, size: Math.min(block1.size, 16 << draw(7)) };
          }
          step = upload.handle({ code, block1 });
        }
        assert.equal(step.kind, 'complete');
        if (code === ResponseCode.changed) assert.deepEqual(taken, [body]);
        else assert.equal(code, ResponseCode.requestEntityIncomplete);
      }),
      { numRuns: 300 },
    );
  });
});

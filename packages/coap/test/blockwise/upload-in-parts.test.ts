import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Instant, instantFrom } from '@dunlin/base';
import {
  Block1PartReceiver,
  type BlockOption,
  blockwiseLimitsDefaults,
  formatCode,
  type PartOutcome,
  type PartRequest,
  type Peer,
  udpPeer,
} from '@dunlin/coap';
import fc from 'fast-check';

const peer: Peer = udpPeer('192.0.2.1', 5683);
const start: Instant = instantFrom(1000);

function block(text: string): BlockOption {
  const [num = '', more, size] = text.split('/');
  return { num: Number(num), hasMore: more === '1', size: Number(size) };
}

/** `0/1/16` with as many bytes as it says, or with those that are given. */
function request(text: string, payload?: Uint8Array, of: Partial<PartRequest> = {}): PartRequest {
  const block1 = block(text);
  const filled = new Uint8Array(block1.size).fill(block1.num + 1);
  return { peer, key: 'PUT /5/0/0', block1, payload: payload ?? filled, ...of };
}

function brief(outcome: PartOutcome<string>): string {
  const { num, hasMore, size } = outcome.block1;
  const block1 = `${num}/${hasMore ? 1 : 0}/${size}`;
  switch (outcome.kind) {
    case 'part':
      return `part ${outcome.offset} ${block1}`;
    case 'repeated':
      return `repeated ${outcome.answer ?? 'unanswered'} ${block1}`;
    case 'refused':
      return `${formatCode(outcome.code)} ${block1}`;
  }
}

/** A receiver whose application answers at once. */
class Uploads {
  readonly receiver: Block1PartReceiver<string>;
  now: Instant = start;

  constructor(limits: Partial<typeof blockwiseLimitsDefaults> = {}) {
    this.receiver = new Block1PartReceiver({ ...blockwiseLimitsDefaults, ...limits });
  }

  receive(text: string | PartRequest): string {
    return brief(this.receiver.receive(typeof text === 'string' ? request(text) : text, this.now));
  }

  /** What comes of a block that the application accepts. */
  accept(text: string | PartRequest): string {
    const part = typeof text === 'string' ? request(text) : text;
    const outcome = this.receive(part);
    if (outcome.startsWith('part')) this.receiver.answered(part, `ok ${part.block1.num}`, true, this.now);
    return outcome;
  }
}

describe('the server side of an upload in parts (RFC 7959 §2.5)', () => {
  it('hands on each block with its place', () => {
    const uploads = new Uploads();
    assert.deepEqual(
      ['0/1/16', '1/1/16', '2/0/16'].map((text) => uploads.accept(text)),
      ['part 0 0/1/16', 'part 16 1/1/16', 'part 32 2/0/16'],
    );
  });

  it('takes another block size on the way, and asks for a smaller one', () => {
    const uploads = new Uploads({ blockSize: 32 });
    assert.equal(uploads.accept('0/1/64'), 'part 0 0/1/32');
    assert.equal(uploads.accept('2/1/32'), 'part 64 2/1/32');
    assert.equal(uploads.accept('6/0/16'), 'part 96 6/0/16');
  });

  it('answers a block that comes again as it did, and waits while it has not', () => {
    const uploads = new Uploads();
    uploads.accept('0/1/16');
    const second = request('1/1/16');
    assert.equal(uploads.receive(second), 'part 16 1/1/16');
    assert.equal(uploads.receive(request('1/1/16')), 'repeated unanswered 1/1/16');
    uploads.receiver.answered(second, 'ok 1', true, start);
    assert.equal(uploads.receive(request('1/1/16')), 'repeated ok 1 1/1/16');
    assert.equal(uploads.receive('2/1/16'), 'part 32 2/1/16');
  });

  it('begins anew with a first block that comes when the one before was answered', () => {
    const uploads = new Uploads();
    const first = request('0/1/16');
    assert.equal(uploads.receive(first), 'part 0 0/1/16');
    assert.equal(uploads.receive('0/1/16'), 'repeated unanswered 0/1/16');
    uploads.receiver.answered(first, 'no', false, start);
    assert.equal(uploads.accept('0/1/16'), 'part 0 0/1/16');
    assert.equal(uploads.accept('1/1/16'), 'part 16 1/1/16');
    assert.equal(uploads.accept('0/1/16'), 'part 0 0/1/16');
    assert.equal(uploads.accept('2/1/16'), '4.08 2/0/16');
    assert.equal(uploads.accept('1/1/16'), 'part 16 1/1/16');
  });

  it('does not take the late answer to a block for that to the block that began anew', () => {
    const uploads = new Uploads();
    uploads.accept('0/1/16');
    const late = request('1/1/16');
    uploads.receive(late);
    const anew = request('0/1/16', new Uint8Array(16));
    assert.equal(uploads.receive(anew), 'part 0 0/1/16');
    uploads.receiver.answered(late, 'no', false, start);
    uploads.receiver.ignored(late, start);
    uploads.receiver.answered(anew, 'ok', true, start);
    assert.equal(uploads.receive('1/0/16'), 'part 16 1/0/16');
  });

  it('takes nothing more after an answer that ended it', () => {
    const uploads = new Uploads();
    uploads.accept('0/1/16');
    const second = request('1/1/16');
    uploads.receive(second);
    uploads.receiver.answered(second, 'full', false, start);
    assert.equal(uploads.receive('1/1/16'), 'repeated full 1/1/16');
    assert.equal(uploads.receive('2/1/16'), '4.08 2/0/16');
  });

  it('sees a block that was ignored as one that never came', () => {
    const uploads = new Uploads();
    uploads.accept('0/1/16');
    const second = request('1/1/16');
    uploads.receive(second);
    uploads.receiver.ignored(second, start);
    assert.equal(uploads.receive('2/1/16'), '4.08 2/0/16');
    assert.equal(uploads.accept('1/1/16'), 'part 16 1/1/16');
  });

  const wrong: readonly (readonly [name: string, given: PartRequest, answer: string])[] = [
    ['in the middle of nothing', request('3/1/16', undefined, { key: 'other' }), '4.08 3/0/16'],
    ['from another peer', request('1/1/16', undefined, { peer: udpPeer('192.0.2.2', 5683) }), '4.08 1/0/16'],
    ['beyond the next one', request('2/1/16'), '4.08 2/0/16'],
    ['at a place between', request('1/1/32'), '4.08 1/0/32'],
    ['that came before, with other bytes', request('0/0/16', new Uint8Array(3)), 'part 0 0/0/16'],
    ['too short for its size', request('1/1/16', new Uint8Array(15)), '4.00 1/0/16'],
    ['too long for its size', request('1/0/16', new Uint8Array(17)), '4.00 1/0/16'],
    ['that is the last and empty', request('1/0/16', new Uint8Array(0)), '4.00 1/0/16'],
  ];
  for (const [name, given, answer] of wrong) {
    it(`answers ${answer} to a block ${name}`, () => {
      const uploads = new Uploads();
      uploads.accept('0/1/16');
      assert.equal(uploads.receive(given), answer);
    });
  }

  it('forgets an upload after EXCHANGE_LIFETIME without a block, and those of a peer that is forgotten', () => {
    const uploads = new Uploads();
    uploads.accept('0/1/16');
    uploads.now = instantFrom(start + 200_000);
    assert.equal(uploads.accept('1/1/16'), 'part 16 1/1/16');
    assert.equal(uploads.receiver.deadline, start + 447_000);
    uploads.now = instantFrom(start + 447_000);
    uploads.receiver.expire(uploads.now);
    assert.equal(uploads.receiver.size, 0);
    assert.equal(uploads.accept('2/1/16'), '4.08 2/0/16');
    uploads.accept('0/1/16');
    uploads.receiver.forgetPeer(peer);
    assert.equal(uploads.accept('1/1/16'), '4.08 1/0/16');
  });

  it('keeps few uploads of a peer, and few bytes of all', () => {
    const uploads = new Uploads({ maxTransfersPerPeer: 2, maxTransferBytes: 40 });
    for (const key of ['a', 'b', 'c']) uploads.accept(request('0/1/16', undefined, { key }));
    assert.equal(uploads.receiver.size, 2);
    assert.equal(uploads.receive(request('1/1/16', undefined, { key: 'a' })), '4.08 1/0/16');
    const other = request('0/1/16', undefined, { peer: udpPeer('192.0.2.3', 1) });
    assert.equal(uploads.receive(other), '4.13 0/0/16');
  });

  it('hands on nothing but one body after the other without gaps, whatever comes', () => {
    const event = fc.record({
      num: fc.nat(4),
      hasMore: fc.boolean(),
      size: fc.constantFrom(16, 32),
      length: fc.option(fc.nat(40), { nil: undefined }),
      verdict: fc.constantFrom('accept', 'refuse', 'ignore', 'wait'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const { receiver } = new Uploads();
        let expected = 0;
        for (const { num, hasMore, size, length, verdict } of events) {
          const payload = new Uint8Array(length ?? size).fill(num);
          const part: PartRequest = { peer, key: 'k', block1: { num, hasMore, size }, payload };
          const outcome = receiver.receive(part, start);
          if (outcome.kind !== 'part') continue;
          assert.ok(
            outcome.offset === 0 || outcome.offset === expected,
            `${outcome.offset}, not ${expected}`,
          );
          if (outcome.offset === 0) expected = 0;
          if (verdict === 'accept') expected = outcome.offset + payload.length;
          if (verdict === 'ignore') receiver.ignored(part, start);
          else if (verdict !== 'wait') receiver.answered(part, verdict, verdict === 'accept', start);
        }
      }),
    );
  });
});

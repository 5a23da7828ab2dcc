import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom, seededRandom, UsageError } from '@dunlin/base';
import {
  Block2Receiver,
  Block2Sender,
  type BlockOption,
  blockSizeUpTo,
  blockwiseLimitsDefaults,
  type DecodedResponse,
  type DownloadAnswer,
  type DownloadOptions,
  type DownloadRequest,
  type DownloadStep,
  formatCode,
  type IncomingResponse,
  Method,
  type Peer,
  type Response,
  ResponseCode,
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
const get: DownloadRequest = { peer, key: 'k', method: Method.get, hasPayload: false };

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

function describeAnswer(answer: DownloadAnswer | { readonly kind: 'regenerate' }): string {
  if (answer.kind === 'regenerate') return 'regenerate';
  const { response, transfer } = answer;
  return [
    formatCode(response.code),
    brief(transfer.block2),
    response.payload.length,
    transfer.size2 ?? '-',
  ].join(' ');
}

function content(payload: Response['payload'], more: Partial<Response> = {}): Response {
  return { code: ResponseCode.content, contentFormat: 42, payload, ...more };
}

function begin(sender: Block2Sender, length: number, block2?: string, size2?: number): string {
  const option = block2 === undefined ? undefined : block(block2);
  return describeAnswer(sender.begin({ ...get, block2: option, size2 }, content(bytes(length)), now));
}

function resume(sender: Block2Sender, block2: string, more: Partial<DownloadRequest> = {}): string {
  return describeAnswer(sender.resume({ ...get, block2: block(block2), ...more }, now));
}

describe('CR-9.8: serving a body block by block (RFC 7959 §2.4)', () => {
  it('sends a small body whole, with Block2 when it was asked for', () => {
    const sender = new Block2Sender();
    assert.equal(begin(sender, 1024), '2.05 - 1024 -');
    assert.equal(begin(sender, 64, '0/0/64'), '2.05 0/0/64 64 -');
    assert.equal(begin(sender, 60, '0/0/64', 0), '2.05 0/0/64 60 60');
    assert.equal(begin(sender, 0, '0/0/64'), '2.05 - 0 -');
    const error = { code: ResponseCode.notFound, payload: bytes(9) };
    assert.equal(describeAnswer(sender.begin({ ...get, block2: block('0/0/64') }, error, now)), '4.04 - 9 -');
    assert.equal(sender.usage.transfers, 0);
  });

  it('begins by itself when the body is large (late negotiation)', () => {
    const sender = new Block2Sender();
    assert.equal(begin(sender, 1100), '2.05 0/1/1024 1024 1100');
    assert.equal(resume(sender, '1/0/1024'), '2.05 1/0/1024 76 -');
    assert.equal(resume(sender, '16/0/64'), '2.05 16/1/64 64 -');
  });

  it('uses the smaller of the size that was asked for and its own (early negotiation)', () => {
    assert.equal(begin(new Block2Sender(), 100, '0/0/64'), '2.05 0/1/64 64 100');
    const small = new Block2Sender({ ...blockwiseLimitsDefaults, blockSize: 32 });
    assert.equal(begin(small, 100, '0/1/64'), '2.05 0/1/32 32 100');
    assert.equal(resume(small, '1/0/64'), '2.05 2/1/32 32 -');
  });

  it('has an ETag and the Content-Format in every block', () => {
    const sender = new Block2Sender();
    const first = sender.begin({ ...get, block2: block('0/0/64') }, content(bytes(100)), now);
    const second = sender.resume({ ...get, block2: block('1/0/64') }, now);
    assert.ok(second.kind === 'answer');
    assert.equal(first.response.etag?.length, 8);
    assert.deepEqual(second.response.etag, first.response.etag);
    assert.equal(second.response.contentFormat, 42);
    const own = sender.begin(
      { ...get, block2: block('0/0/16') },
      content(bytes(99), { etag: Uint8Array.of(1) }),
      now,
    );
    assert.deepEqual(own.response.etag, Uint8Array.of(1));
    const other = sender.begin({ ...get, block2: block('0/0/64') }, content(bytes(100, 1)), now);
    assert.notDeepEqual(other.response.etag, first.response.etag);
  });

  it('serves a body that changes as it was when its transfer began', () => {
    const sender = new Block2Sender();
    begin(sender, 100, '0/0/64');
    const other: DownloadRequest = { ...get, peer: { ...peer, key: 'b' } };
    sender.begin({ ...other, block2: block('0/0/64') }, content(bytes(90, 7)), now);
    const mine = sender.resume({ ...get, block2: block('1/0/64') }, now);
    const theirs = sender.resume({ ...other, block2: block('1/0/64') }, now);
    assert.ok(mine.kind === 'answer' && theirs.kind === 'answer');
    assert.deepEqual(mine.response.payload, bytes(36, 64));
    assert.deepEqual(theirs.response.payload, bytes(26, 71));
  });

  it('answers any block of a static body first (random access)', () => {
    const sender = new Block2Sender();
    assert.equal(resume(sender, '1/0/64'), 'regenerate');
    assert.equal(begin(sender, 100, '1/0/64'), '2.05 1/0/64 36 -');
    assert.equal(resume(sender, '0/0/16', { method: Method.fetch, hasPayload: true }), 'regenerate');
    assert.equal(sender.usage.transfers, 0);
  });

  it('refuses blocks beyond the end with 4.00', () => {
    const sender = new Block2Sender();
    assert.equal(begin(sender, 100, '2/0/64'), '4.00 - 0 -');
    begin(sender, 128, '0/0/64');
    assert.equal(resume(sender, '2/0/64'), '4.00 - 0 -');
    assert.equal(resume(sender, '1000/0/64'), '4.00 - 0 -');
  });

  it('refuses to execute a request again for the rest of an answer that is lost: 4.08 (CR-9.11)', () => {
    const sender = new Block2Sender();
    assert.equal(resume(sender, '1/0/64', { method: Method.post }), '4.08 - 0 -');
    assert.equal(resume(sender, '1/0/64', { method: Method.fetch }), '4.08 - 0 -');
  });

  it('passes on an error in place of a block', () => {
    const sender = new Block2Sender();
    const answer = sender.begin({ ...get, block2: block('3/0/64') }, { code: ResponseCode.notFound }, now);
    assert.equal(describeAnswer(answer), '4.04 - 0 -');
  });

  it('reads a source piece by piece', () => {
    const reads: (readonly [number, number])[] = [];
    const source = {
      length: 200_000,
      read: (offset: number, length: number) => {
        reads.push([offset, length]);
        return bytes(length, offset);
      },
    };
    const sender = new Block2Sender();
    const first = sender.begin({ ...get, block2: block('0/0/1024') }, content(source), now);
    assert.equal(describeAnswer(first), '2.05 0/1/1024 1024 200000');
    assert.ok(reads.every(([, length]) => length <= 65_536));
    reads.length = 0;
    const next = sender.resume({ ...get, block2: block('195/0/1024') }, now);
    assert.equal(describeAnswer(next), '2.05 195/0/1024 320 -');
    sender.begin({ ...get, block2: block('0/0/1024') }, content(source), now);
    assert.deepEqual(reads, [
      [199_680, 320],
      [0, 1024],
    ]);
    assert.equal(sender.usage.bytes, 0);
  });

  it('lets go what was not asked for on for EXCHANGE_LIFETIME, and when it has too much', () => {
    const sender = new Block2Sender({ ...blockwiseLimitsDefaults, maxTransferBytes: 250 });
    begin(sender, 100, '0/0/64');
    assert.equal(sender.deadline, 248_000);
    for (let seconds = 0; seconds < 400; seconds += 100) {
      sender.resume({ ...get, block2: block('1/0/64') }, instantFrom(seconds * 1000));
    }
    sender.expire(instantFrom(300_000));
    assert.deepEqual(sender.usage, { transfers: 0, bytes: 0 });
    for (const key of ['x', 'y', 'z']) {
      const answer = sender.begin(
        { ...get, peer: { ...peer, key }, block2: block('0/0/64') },
        content(bytes(100)),
        now,
      );
      assert.equal(describeAnswer(answer), '2.05 0/1/64 64 100');
    }
    assert.deepEqual(sender.usage, { transfers: 2, bytes: 200 });
    sender.forgetPeer({ ...peer, key: 'x' });
    assert.deepEqual(sender.usage, { transfers: 1, bytes: 100 });
  });
});

interface AnswerFields {
  readonly code?: ResponseCode;
  readonly block2?: string;
  readonly payload?: Uint8Array;
  readonly etag?: number;
  readonly contentFormat?: number;
  readonly size2?: number;
}

function answerOf({
  code = ResponseCode.content,
  block2,
  payload,
  etag,
  contentFormat,
  size2,
}: AnswerFields): DecodedResponse {
  const option = block2 === undefined ? undefined : block(block2);
  const length = option === undefined ? 0 : option.size;
  const response: IncomingResponse = {
    code,
    contentFormat,
    payload: payload ?? bytes(length, option === undefined ? 0 : option.num * option.size),
    etag: etag === undefined ? undefined : Uint8Array.of(etag),
  };
  return { kind: 'response', response, transfer: { block2: option, size2 } };
}

function describeStep(step: DownloadStep): string {
  switch (step.kind) {
    case 'next':
      return `next ${brief(step.block2)}`;
    case 'restart':
      return `restart ${brief(step.block2)}`;
    case 'complete':
      return `${formatCode(step.response.code)} ${step.response.payload.length}`;
    case 'failed':
      return `failed ${step.reason}`;
    case 'ignored':
      return 'ignored';
  }
}

function receiver(options: Partial<DownloadOptions> = {}, maxResponseBodySize = 10_000): Block2Receiver {
  return new Block2Receiver(
    { method: Method.get, ...options },
    { ...blockwiseLimitsDefaults, maxResponseBodySize },
  );
}

function handle(download: Block2Receiver, fields: AnswerFields): string {
  return describeStep(download.handle(answerOf(fields)));
}

describe('CR-9.9 to CR-9.12: fetching a body block by block (RFC 7959 §2.4)', () => {
  it('takes a whole body and errors as they are', () => {
    assert.equal(receiver().first(), undefined);
    assert.equal(handle(receiver(), { payload: bytes(700) }), '2.05 700');
    assert.equal(handle(receiver(), { code: ResponseCode.notFound }), '4.04 0');
  });

  it('asks for the next block until there is no more, and gives the first answer with the whole body', () => {
    const download = receiver();
    assert.equal(handle(download, { block2: '0/1/64', etag: 1, contentFormat: 42 }), 'next 1/0/64');
    assert.equal(handle(download, { block2: '1/1/64', etag: 1, contentFormat: 42 }), 'next 2/0/64');
    const step = download.handle(answerOf({ block2: '2/0/64', payload: bytes(3, 128), etag: 1 }));
    assert.ok(step.kind === 'complete');
    assert.deepEqual(step.response.payload, bytes(131));
    assert.equal(step.response.contentFormat, 42);
  });

  it('asks for its block size from the start (CR-9.10)', () => {
    const download = receiver({ preferredBlockSize: 64 });
    assert.deepEqual(download.first(), block('0/0/64'));
    assert.equal(handle(download, { block2: '0/1/32' }), 'next 1/0/32');
    assert.equal(
      handle(receiver({ preferredBlockSize: 64 }), { block2: '0/1/128' }),
      'failed malformed-response',
    );
  });

  it('goes on with smaller blocks, never with larger ones', () => {
    const download = receiver();
    handle(download, { block2: '0/1/64' });
    assert.equal(handle(download, { block2: '4/1/16' }), 'next 5/0/16');
    assert.equal(handle(download, { block2: '5/1/16' }), 'next 6/0/16');
    handle(download, { block2: '6/1/16' });
    handle(download, { block2: '7/1/16' });
    assert.equal(handle(download, { block2: '2/1/64' }), 'failed malformed-response');
  });

  it('finds answers that break the rules', () => {
    const cases: readonly AnswerFields[] = [
      { block2: '2/1/64' },
      { block2: '0/1/64' },
      { block2: '1/1/64', payload: bytes(63) },
      { block2: '1/1/64', payload: bytes(65) },
      { block2: '1/0/64', payload: bytes(65) },
      { block2: '1/0/64', payload: bytes(0) },
      { payload: bytes(10) },
    ];
    for (const fields of cases) {
      const download = receiver();
      handle(download, { block2: '0/1/64' });
      assert.equal(handle(download, fields), 'failed malformed-response');
    }
    assert.equal(handle(receiver(), { block2: '0/0/64', payload: bytes(0) }), '2.05 0');
  });

  it('passes over late answers when all blocks have one token (CR-6.3)', () => {
    const download = receiver({ reuseToken: true });
    handle(download, { block2: '0/1/64' });
    assert.equal(handle(download, { block2: '0/1/64' }), 'ignored');
    assert.equal(handle(download, { block2: '1/0/64' }), '2.05 128');
  });

  it('begins anew when ETag or Content-Format changed, three times at most', () => {
    const download = receiver({ preferredBlockSize: 64 });
    for (let etag = 1; etag <= 3; etag += 1) {
      handle(download, { block2: '0/1/64', etag });
      assert.equal(handle(download, { block2: '1/1/64', etag: etag + 1 }), 'restart 0/0/64');
    }
    handle(download, { block2: '0/1/64', contentFormat: 0 });
    assert.equal(handle(download, { block2: '1/1/64', contentFormat: 42 }), 'failed body-changed');
  });

  it('begins anew when the peer lost the body: 4.08', () => {
    const download = receiver();
    handle(download, { block2: '0/1/64' });
    assert.equal(handle(download, { code: ResponseCode.requestEntityIncomplete }), 'restart -');
    assert.equal(handle(download, { payload: bytes(9) }), '2.05 9');
  });

  it('does not repeat a POST whose answer changed (CR-9.11)', () => {
    const download = receiver({ method: Method.post });
    handle(download, { block2: '0/1/64', etag: 1 });
    assert.equal(handle(download, { block2: '1/0/64', etag: 2 }), 'failed body-changed');
  });

  it('ends with the error that comes in mid transfer', () => {
    const download = receiver();
    handle(download, { block2: '0/1/64' });
    assert.equal(handle(download, { code: ResponseCode.notFound }), '4.04 0');
  });

  it('takes bodies up to a limit, and heeds Size2', () => {
    assert.equal(handle(receiver({}, 100), { block2: '0/1/64', size2: 101 }), 'failed body-too-large');
    assert.equal(handle(receiver({}, 100), { payload: bytes(101) }), 'failed body-too-large');
    const download = receiver({}, 100);
    handle(download, { block2: '0/1/64' });
    assert.equal(handle(download, { block2: '1/1/64' }), 'failed body-too-large');
  });

  it('reads from an offset, to the end or one block only (random access)', () => {
    const rest = receiver({ preferredBlockSize: 64, bodyOffset: 128 });
    assert.deepEqual(rest.first(), block('2/0/64'));
    assert.equal(handle(rest, { block2: '2/1/64' }), 'next 3/0/64');
    assert.equal(handle(rest, { block2: '3/0/64', payload: bytes(1) }), '2.05 65');
    const single = receiver({ preferredBlockSize: 64, bodyOffset: 128, singleBlock: true }, 64);
    assert.equal(handle(single, { block2: '2/1/64', size2: 100_000 }), '2.05 64');
    assert.equal(
      handle(receiver({ preferredBlockSize: 64, bodyOffset: 128 }), { block2: '8/1/16' }),
      'next 9/0/16',
    );
    assert.equal(handle(receiver({ bodyOffset: 2048 }), { payload: bytes(9) }), 'failed malformed-response');
    assert.throws(() => receiver({ preferredBlockSize: 64, bodyOffset: 100 }), UsageError);
    assert.throws(() => receiver({ preferredBlockSize: 16, bodyOffset: 16 * 0x10_0000 }), UsageError);
  });

  it('stops where blocks can be counted no further (CR-9.1)', () => {
    const download = receiver({ preferredBlockSize: 16, bodyOffset: 16 * 0xf_ffff });
    assert.equal(handle(download, { block2: '1048575/1/16' }), 'failed body-too-large');
  });
});

describe('CR-9.3: downloads from end to end', () => {
  it('carry any body over repetition, shrinking, change and lost state: whole, or a clean error', () => {
    const sizes = fc.constantFrom(16, 32, 64, 128, 256, 512, 1024);
    const lengths = fc.integer({ min: 0, max: 2000 });
    const preferred = fc.option(sizes, { nil: undefined });
    fc.assert(
      fc.property(lengths, preferred, fc.nat(), (length, preferredBlockSize, seed) => {
        const random = seededRandom(seed);
        const draw = (count: number): number => random.uint32() % count;
        const sender = new Block2Sender();
        const download = new Block2Receiver({ method: Method.get, preferredBlockSize });
        let version = 0;
        let body = bytes(length);
        let block2 = download.first();
        for (;;) {
          if (draw(10) === 0) sender.forgetPeer(peer);
          if (draw(25) === 0) {
            version += 1;
            body = bytes(length, version);
          }
          const asked =
            block2 === undefined ? undefined : shrink(block2, draw(2) === 0 ? 16 << draw(7) : 1024);
          let answer: DownloadAnswer | undefined;
          for (let copy = draw(2); copy < 2; copy += 1) {
            const request: DownloadRequest = { ...get, block2: asked };
            const resumed = (asked?.num ?? 0) > 0 ? sender.resume(request, now) : undefined;
            answer = resumed?.kind === 'answer' ? resumed : sender.begin(request, content(body), now);
          }
          assert.ok(answer !== undefined);
          const { response, transfer } = answer;
          const step = download.handle({ kind: 'response', response, transfer });
          if (step.kind === 'complete') {
            const [first = 0] = step.response.payload;
            assert.deepEqual(step.response.payload, bytes(length, first));
            return;
          }
          if (step.kind === 'failed') {
            assert.equal(step.reason, 'body-changed');
            return;
          }
          assert.ok(step.kind === 'next' || step.kind === 'restart');
          ({ block2 } = step);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** The same place in the body, as a server sees it that answers with blocks of at most `size` bytes. */
function shrink(asked: BlockOption, size: number): BlockOption {
  const smaller = blockSizeUpTo(Math.min(asked.size, size));
  return { num: (asked.num * asked.size) / smaller, hasMore: false, size: smaller };
}

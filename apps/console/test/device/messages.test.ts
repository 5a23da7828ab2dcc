import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { TraceEntry, TraceMessage } from '@dunlin/api';

import { filterEntries } from '../../src/pages/device/messages/filter-entries.ts';
import { hexDump } from '../../src/pages/device/messages/hex-dump.ts';
import { rowDirection, rowText, rowTone } from '../../src/pages/device/messages/message-text.ts';
import { sequenceOf, type SequenceRow } from '../../src/pages/device/messages/sequence.ts';
import { TraceFollower, type TraceOrigin } from '../../src/pages/device/messages/trace-follower.ts';

let lastId = 0;

function message(change: Partial<TraceMessage> = {}): TraceMessage {
  lastId += 1;
  return {
    kind: 'message',
    id: lastId,
    time: '2026-11-26T12:00:00.000Z',
    address: '127.0.0.1:40000',
    service: 'management',
    direction: 'out',
    local: 'coap://127.0.0.1:5683',
    transport: 'udp',
    security: 'none',
    size: 20,
    type: 'CON',
    code: '0.01',
    codeName: 'GET',
    messageId: 1,
    token: 'aa',
    options: [],
    path: '/3/0/0',
    isRepeated: false,
    ...change,
  };
}

const content = (change: Partial<TraceMessage> = {}): TraceMessage =>
  message({
    direction: 'in',
    type: 'ACK',
    code: '2.05',
    codeName: 'Content',
    payload: { length: 64 },
    ...change,
  });

const block2 = (number: number, isMore: boolean): Partial<TraceMessage> => ({
  block2: { number, isMore, size: 64 },
  path: '/5/0/0',
});

const kinds = (rows: readonly SequenceRow[]): readonly string[] => rows.map(({ kind }) => kind);

describe('the sequence chart', () => {
  it('joins retransmissions with what they repeat (RFC 7252 §4.2)', () => {
    const request = message({ messageId: 7 });
    const repeats = [
      message({ messageId: 7, isRepeated: true }),
      message({ messageId: 7, isRepeated: true }),
    ];
    const rows = sequenceOf([request, ...repeats, content({ messageId: 7 })]);
    assert.deepEqual(kinds(rows), ['message', 'message']);
    assert.deepEqual(rows[0], { kind: 'message', message: request, repeats });
    assert.match(rowText(rows[0] ?? { kind: 'message', message: request, repeats: [] }), /sent again ×2/);
  });

  it('does not join what goes the other way or to the other server under the same id', () => {
    const rows = sequenceOf([
      message({ messageId: 7 }),
      message({ messageId: 7, direction: 'in', isRepeated: true }),
      message({ messageId: 7, service: 'bootstrap', isRepeated: true }),
    ]);
    assert.equal(rows.length, 3);
  });

  it('shows a repeated message whose first was not recorded', () => {
    assert.equal(sequenceOf([message({ isRepeated: true })]).length, 1);
  });

  it('folds the blocks of one body into one line (RFC 7959)', () => {
    const rows = sequenceOf([
      message({ path: '/5/0/0' }),
      content(block2(0, true)),
      message(block2(1, false)),
      content(block2(1, true)),
      message(block2(2, false)),
      content(block2(2, false)),
      content({ path: '/3/0/0' }),
    ]);
    assert.deepEqual(kinds(rows), ['message', 'blocks', 'message']);
    const [, folded] = rows;
    assert.equal(folded?.kind === 'blocks' ? folded.messages.length : 0, 5);
    assert.equal(folded?.kind === 'blocks' ? folded.bytes : 0, 3 * 64);
    assert.equal(folded === undefined ? undefined : rowText(folded), '/5/0/0 · 3 blocks · 192 bytes');
    assert.equal(folded === undefined ? undefined : rowDirection(folded), 'in');
  });

  it('keeps two transfers of one path apart, and leaves what is too short to fold', () => {
    const transfer = [content(block2(0, true)), message(block2(1, false)), content(block2(1, false))];
    assert.deepEqual(kinds(sequenceOf([...transfer, ...transfer])), ['blocks', 'blocks']);
    assert.deepEqual(kinds(sequenceOf([content(block2(0, true))])), ['message']);
  });

  it('tells malformed datagrams and what happened to the association', () => {
    const { time, address, service, id, direction, local, transport, security, size } = message();
    const facts = { id, time, address, service };
    const rows = sequenceOf([
      { kind: 'dtls', ...facts, event: 'failed', reason: 'no such identity' },
      {
        kind: 'malformed',
        ...facts,
        direction,
        local,
        transport,
        security,
        size,
        reason: 'token too long',
        hex: '4f',
      },
    ]);
    assert.deepEqual(rows.map(rowText), [
      'DTLS: handshake failed · no such identity',
      'No CoAP message: token too long',
    ]);
    assert.deepEqual(rows.map(rowTone), ['failure', 'failure']);
  });

  it('colours by what a message means', () => {
    const tones = [
      message(),
      content(),
      content({ code: '4.04' }),
      message({ type: 'ACK', code: '0.00' }),
      message({ type: 'RST', code: '0.00' }),
    ].map((each) => rowTone({ kind: 'message', message: each, repeats: [] }));
    assert.deepEqual(tones, ['request', 'success', 'failure', 'empty', 'failure']);
  });

  it('is filtered by all words of the filter', () => {
    const entries = [message(), content(), message({ path: '/1/0/8', token: 'bb' })];
    assert.equal(filterEntries(entries, '').length, 3);
    assert.equal(filterEntries(entries, 'get').length, 2);
    assert.equal(filterEntries(entries, ' get /3/0 ').length, 1);
    assert.equal(filterEntries(entries, '2.05').length, 1);
    assert.equal(filterEntries(entries, 'bb get').length, 1);
  });

  it('dumps bytes with what of them can be read', () => {
    assert.equal(hexDump('48692100ff'), `0000  48 69 21 00 ff${' '.repeat(9)}  Hi!..`);
    assert.equal(hexDump('00'.repeat(17)).split('\n').length, 3);
    assert.equal(hexDump(''), '');
  });
});

/** A trace that gives these streams one after another. */
class Traces implements TraceOrigin {
  readonly resumedAfter: (number | undefined)[] = [];
  readonly #streams: TraceEntry[][];

  constructor(...streams: TraceEntry[][]) {
    this.#streams = streams;
  }

  async *follow(
    _endpoint: string,
    { after, onOpen }: { readonly after?: number; readonly onOpen: () => void },
  ): AsyncGenerator<TraceEntry> {
    this.resumedAfter.push(after);
    onOpen();
    yield* this.#streams.shift() ?? [];
  }
}

describe('the follower of a trace', () => {
  const follow = async (traces: Traces, times: number): Promise<TraceFollower> => {
    let left = times;
    const follower: TraceFollower = new TraceFollower(traces, 'lamp', {
      sleep: () => {
        left -= 1;
        if (left === 0) follower[Symbol.dispose]();
        return Promise.resolve();
      },
      collect: (take) => (entry) => take([entry]),
    });
    await follower.run();
    return follower;
  };

  it('comes back to where it was when the stream ends', async () => {
    const [first, second] = [message(), message()];
    const traces = new Traces([first], [second]);
    const follower = await follow(traces, 2);
    assert.deepEqual(follower.state.entries, [first, second]);
    assert.deepEqual(traces.resumedAfter, [undefined, first.id]);
  });

  it('holds what comes while it is paused, and shows it when it goes on', async () => {
    const follower: TraceFollower = new TraceFollower(new Traces([message(), message()]), 'lamp', {
      sleep: () => {
        follower[Symbol.dispose]();
        return Promise.resolve();
      },
      collect: (take) => (entry) => take([entry]),
    });
    follower.pause(true);
    await follower.run();
    assert.deepEqual([follower.state.entries.length, follower.state.held], [0, 2]);
    follower.pause(false);
    assert.deepEqual([follower.state.entries.length, follower.state.held], [2, 0]);
    follower.clear();
    assert.equal(follower.state.entries.length, 0);
  });
});

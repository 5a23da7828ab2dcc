import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { EventStreamParser, type EventStreamMessage } from '@dunlin/api';
import fc from 'fast-check';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function parse(...pieces: readonly (string | Uint8Array)[]): readonly EventStreamMessage[] {
  const parser = new EventStreamParser();
  return pieces.flatMap((piece) => {
    const messages = parser.push(typeof piece === 'string' ? bytes(piece) : piece);
    assert.ok(!('kind' in messages));
    return messages;
  });
}

describe('the parser of event streams (WHATWG HTML §9.2.6)', () => {
  it('gives messages with event, data and id', () => {
    assert.deepEqual(parse('id: 7\nevent: expired\ndata: {"a":\ndata: 1}\n\n'), [
      { id: '7', event: 'expired', data: '{"a":\n1}' },
    ]);
  });

  it('calls an event without a name message, and keeps the last id', () => {
    assert.deepEqual(parse('id: 1\ndata: a\n\ndata: b\n\n'), [
      { id: '1', event: 'message', data: 'a' },
      { id: '1', event: 'message', data: 'b' },
    ]);
  });

  it('passes over comments, unknown fields and events without data, and strips one blank', () => {
    assert.deepEqual(parse(': hello\nfoo: bar\nevent: x\n\ndata:  two\ndata:none\ndata\n\n'), [
      { id: '', event: 'message', data: ' two\nnone\n' },
    ]);
  });

  it('takes all three line ends, also when a pair is cut in two', () => {
    assert.deepEqual(
      parse('data: a\r\n\r', '\ndata: b\r\rdata: c\n\n').map(({ data }) => data),
      ['a', 'b', 'c'],
    );
  });

  it('remembers retry and ignores an id with a NUL', () => {
    const parser = new EventStreamParser();
    parser.push(bytes('retry: 250\nid: a\nid: b\0\nretry: soon\n\n'));
    assert.equal(parser.retry, 250);
    assert.equal(parser.lastEventId, 'a');
  });

  it('fails on a message beyond its limit', () => {
    const parser = new EventStreamParser({ maxMessageLength: 10 });
    assert.deepEqual(parser.push(bytes('data: 12345678901')), {
      kind: 'failure',
      reason: 'a message is longer than 10 characters',
    });
    const lines = new EventStreamParser({ maxMessageLength: 10 });
    assert.ok('kind' in lines.push(bytes('data: 123456\ndata: 123456\n')));
  });

  it('gives the same messages wherever the stream is cut', () => {
    const text = 'id: é1\r\nevent: ☃\rdata: 温度\ndata: 2\n\n: c\r\n\r\ndata: x\n\n';
    const whole = parse(text);
    const stream = bytes(text);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
        const offsets = [0, ...cuts.toSorted((one, other) => one - other), stream.length];
        const pieces = offsets.slice(1).map((end, index) => stream.subarray(offsets[index], end));
        assert.deepEqual(parse(...pieces), whole);
      }),
    );
  });

  it('never throws on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (pieces) => {
        const parser = new EventStreamParser();
        for (const piece of pieces) parser.push(piece);
      }),
    );
  });
});

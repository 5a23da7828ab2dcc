import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { TraceRing } from '../../src/trace/trace-ring.ts';
import type { DatagramRecord } from '../../src/trace/trace-record.ts';
import { noon } from '../support/fake-server.ts';
import { lampPeer } from '../support/trace-bench.ts';

function record(length: number): DatagramRecord {
  return {
    kind: 'datagram',
    time: noon,
    direction: 'in',
    peer: lampPeer,
    local: 'coap://0.0.0.0:5683',
    service: 'management',
    datagram: new Uint8Array(length),
    size: length,
    withheld: undefined,
    request: undefined,
    isRepeated: false,
  };
}

describe('the ring of a trace', () => {
  it('keeps the newest records, and says how many are lost', () => {
    const ring = new TraceRing({ records: 3, bytes: 1_000_000 });
    for (let count = 0; count < 10; count += 1) ring.append(record(1));
    const { records, lost } = ring.since(2, 100);
    assert.deepEqual(
      records.map(({ id }) => id),
      [8, 9, 10],
    );
    assert.equal(lost, 5);
    assert.deepEqual(ring.since(9, 100).records.length, 1);
    assert.deepEqual(ring.since(10, 100), { records: [], lost: 0 });
  });

  it('keeps no more bytes than it may', () => {
    const ring = new TraceRing({ records: 1000, bytes: 10_000 });
    for (let count = 0; count < 100; count += 1) ring.append(record(1000));
    assert.equal(ring.since(0, 1000).records.length, 7);
  });

  it('gives the oldest first, and no more than were asked for', () => {
    const ring = new TraceRing();
    for (let count = 0; count < 5; count += 1) ring.append(record(1));
    assert.deepEqual(
      ring.since(1, 2).records.map(({ id }) => id),
      [2, 3],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { addDuration, type Instant, instantFrom, milliseconds, noBytes, seededRandom } from '@dunlin/base';
import fc from 'fast-check';

import {
  Flight,
  type FlightOptions,
  flightOptionsDefaults,
  type FlightStep,
} from '../../src/handshake/flight.ts';
import { type FlightItem, packFlight } from '../../src/handshake/fragmentation.ts';
import { Reassembly } from '../../src/handshake/reassembly.ts';
import { RecordLayer } from '../../src/record-layer/record-layer.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { decodeHandshakeFragments } from '../../src/wire/handshake-header.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { decodeRecords } from '../../src/wire/record.ts';
import { byteStrings } from '../support/arbitraries.ts';
import { wellFormed } from '../support/codec.ts';
import { counting } from '../support/hex.ts';
import { protectingSuites, testDirection } from '../support/protection.ts';

const begin = instantFrom(1_000_000);
const options: FlightOptions = { ...flightOptionsDefaults, jitter: 0 };

const handshake = (messageSeq: number, body: Uint8Array, epoch: 0 | 1 = 0): FlightItem => ({
  kind: 'handshake',
  epoch,
  message: { type: HandshakeType.certificate, messageSeq, body },
});
const changeOfCipher: FlightItem = { kind: 'change-cipher-spec' };

const datagramsOf = (step: FlightStep | ReturnType<typeof packFlight>): readonly Uint8Array[] => {
  if ('length' in step) return step;
  assert.ok(step.kind === 'send', 'nothing was sent');
  return step.datagrams;
};

/** What the receiver makes of datagrams: message bodies in order, `null` standing for ChangeCipherSpec. */
const received = (
  datagrams: readonly Uint8Array[],
  reader: RecordLayer,
  connectionIdLength = 0,
): { readonly bodies: readonly Uint8Array[]; readonly changes: number } => {
  const reassembly = new Reassembly(0, {
    maxMessageLength: 1e6,
    maxMessages: 99,
    maxBytes: 1e7,
    maxPieces: 999,
  });
  const bodies: Uint8Array[] = [];
  let changes = 0;
  for (const datagram of datagrams) {
    const { records, discarded } = decodeRecords(datagram, { connectionIdLength, maxRecords: 64 });
    assert.deepEqual(discarded, []);
    for (const record of records) {
      const opened = reader.open(record);
      assert.ok(opened.kind === 'content');
      if (opened.type === ContentType.changeCipherSpec) {
        changes += 1;
        continue;
      }
      for (const fragment of wellFormed(decodeHandshakeFragments(opened.content))) {
        assert.equal(reassembly.accept(fragment), 'held');
      }
      for (let next = reassembly.take(); next; next = reassembly.take()) bodies.push(next.body);
    }
  }
  return { bodies, changes };
};

const start = (
  items: readonly FlightItem[] = [handshake(0, counting(0, 40))],
  isAnswered = true,
  changed: Partial<FlightOptions> = {},
): { readonly flight: Flight; readonly records: RecordLayer; readonly first: FlightStep } => {
  const flight = new Flight(items, isAnswered, seededRandom(3), { ...options, ...changed });
  const records = new RecordLayer();
  return { flight, records, first: flight.send(records, begin) };
};

describe('the fragmentation of flights (RFC 6347 §4.1.1, §4.2.3)', () => {
  it('lays any flight into datagrams of any size, and the receiver puts it together again', () => {
    const flights = fc.array(byteStrings(0, 700), { minLength: 1, maxLength: 5 });
    const suites = fc.constantFrom(...protectingSuites);
    const connectionIds = fc.constantFrom(noBytes, counting(1, 8));
    fc.assert(
      fc.property(
        fc.tuple(flights, suites, connectionIds, fc.integer({ min: 200, max: 1500 }), fc.boolean()),
        ([bodies, suite, connectionId, maxDatagramLength, isOneMessagePerDatagram]) => {
          const { writer, reader } = testDirection(suite, connectionId);
          const last = bodies.length - 1;
          const items = bodies.flatMap((body, index) =>
            index === last ? [changeOfCipher, handshake(index, body, 1)] : [handshake(index, body)],
          );
          const packing = { maxDatagramLength, isOneMessagePerDatagram };
          const datagrams = datagramsOf(packFlight(items, writer, packing));
          for (const datagram of datagrams) assert.ok(datagram.length <= maxDatagramLength);
          const { bodies: arrived, changes } = received(datagrams, reader, connectionId.length);
          assert.deepEqual(arrived, bodies);
          assert.equal(changes, 1);
        },
      ),
    );
  });

  it('packs small messages together and cuts none that fits into a datagram', () => {
    const items = [
      handshake(0, counting(0, 60)),
      handshake(1, counting(0, 400)),
      handshake(2, counting(0, 450)),
    ];
    const writer = new RecordLayer();
    const datagrams = datagramsOf(
      packFlight(items, writer, { maxDatagramLength: 520, isOneMessagePerDatagram: false }),
    );
    const records = datagrams.map((datagram) =>
      decodeRecords(datagram, { connectionIdLength: 0, maxRecords: 9 }),
    );
    assert.deepEqual(
      records.map((each) => each.records.length),
      [2, 1],
    );
  });

  it('never cuts a ClientHello, which servers without state have to have whole (RFC 6347 §4.2.1, checklist 4)', () => {
    const message = { type: HandshakeType.clientHello, messageSeq: 0, body: counting(0, 700) };
    const hello: FlightItem = { kind: 'handshake', epoch: 0, message };
    const packing = { maxDatagramLength: 256, isOneMessagePerDatagram: true };
    const [datagram, ...more] = datagramsOf(packFlight([hello], new RecordLayer(), packing));
    assert.deepEqual([datagram?.length, more.length], [13 + 12 + 700, 0]);
  });

  it('keeps to the smallest record size limit (RFC 8449 §4)', () => {
    const [suite] = protectingSuites;
    assert.ok(suite);
    const { writer, reader } = testDirection(suite, counting(1, 8));
    writer.limitWriting(64);
    reader.limitReading(64);
    const body = counting(0, 500);
    const datagrams = datagramsOf(
      packFlight([handshake(0, body, 1)], writer, {
        maxDatagramLength: 1200,
        isOneMessagePerDatagram: false,
      }),
    );
    assert.deepEqual(received(datagrams, reader, 8).bodies, [body]);
  });

  it('gets a flight out even to a peer that asked for the longest connection id', () => {
    const [suite] = protectingSuites;
    assert.ok(suite);
    const connectionId = counting(0, 255);
    const { writer, reader } = testDirection(suite, connectionId);
    const items = [changeOfCipher, handshake(0, counting(0, 12), 1)];
    const datagrams = datagramsOf(
      packFlight(items, writer, { maxDatagramLength: 200, isOneMessagePerDatagram: true }),
    );
    assert.deepEqual(received(datagrams, reader, 255).bodies, [counting(0, 12)]);
  });
});

describe('the retransmission of flights (RFC 6347 §4.2.4)', () => {
  it('doubles the timeout up to 60 s, then gives up (RFC 6347 §4.2.4.1, checklist 27)', () => {
    const { flight, records } = start(undefined, true, { maxRetransmissions: 8 });
    const waits: number[] = [];
    let now: Instant = begin;
    for (;;) {
      const deadline = flight.deadline;
      if (deadline === undefined) break;
      waits.push(deadline - now);
      now = deadline;
      assert.equal(flight.expire(records, addDuration(now, milliseconds(-1))).kind, 'wait');
      const step = flight.expire(records, now);
      if (step.kind === 'given-up') break;
      assert.equal(step.kind, 'send');
    }
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    assert.equal(flight.deadline, undefined);
    assert.equal(flight.retransmissions, 8);
    assert.equal(flight.expire(records, addDuration(now, milliseconds(1e9))).kind, 'wait');
  });

  it('makes each timeout longer at random, up to the fraction set (checklist 27)', () => {
    const deadlines = new Set<number>();
    for (let seed = 0; seed < 50; seed += 1) {
      const flight = new Flight([handshake(0, noBytes)], true, seededRandom(seed), flightOptionsDefaults);
      flight.send(new RecordLayer(), begin);
      const wait = (flight.deadline ?? begin) - begin;
      assert.ok(wait >= 1000 && wait < 1250);
      deadlines.add(wait);
    }
    assert.ok(deadlines.size > 40);
  });

  it('seals everything anew, with new record sequence numbers and the same messages (checklist 27)', () => {
    const [suite] = protectingSuites;
    assert.ok(suite);
    const { writer, reader } = testDirection(suite);
    const bodies = [counting(0, 40), counting(9, 12)];
    const items = [handshake(0, counting(0, 40)), changeOfCipher, handshake(1, counting(9, 12), 1)];
    const flight = new Flight(items, true, seededRandom(1), options);
    const numbers: string[] = [];
    let step = flight.send(writer, begin);
    for (let round = 0; round < 3; round += 1) {
      const datagrams = datagramsOf(step);
      assert.deepEqual(received(datagrams, reader).bodies, bodies);
      for (const datagram of datagrams) {
        const { records } = decodeRecords(datagram, { connectionIdLength: 0, maxRecords: 9 });
        for (const { epoch, sequenceNumber } of records) numbers.push(`${epoch}:${sequenceNumber}`);
      }
      step = flight.expire(writer, flight.deadline ?? begin);
    }
    assert.equal(numbers.length, 9);
    assert.equal(new Set(numbers).size, 9);
  });

  it('backs off to one message a datagram and smaller ones (RFC 6347 §4.1.1.1, checklist 27)', () => {
    const items = [handshake(0, counting(0, 100)), handshake(1, counting(0, 900)), handshake(2, noBytes)];
    const { flight, records, first } = start(items);
    const sizes = [datagramsOf(first)];
    for (let round = 0; round < 5; round += 1) {
      sizes.push(datagramsOf(flight.expire(records, flight.deadline ?? begin)));
    }
    assert.deepEqual(
      sizes.map((datagrams) => datagrams.length),
      [1, 1, 1, 4, 6, 6],
    );
    const longest = sizes.map((datagrams) => Math.max(...datagrams.map((datagram) => datagram.length)));
    assert.ok(longest.every((length, index) => length <= ([1200, 1200, 1200, 548, 256, 256][index] ?? 0)));
  });

  it('stops when the answer is there', () => {
    const { flight, records } = start();
    flight.stop();
    assert.equal(flight.deadline, undefined);
    assert.equal(flight.expire(records, addDuration(begin, milliseconds(1e6))).kind, 'wait');
  });

  it('has no timer for a last flight, which only the peer’s repetition brings again (checklist 18)', () => {
    const { flight, records } = start(undefined, false);
    assert.equal(flight.deadline, undefined);
    assert.equal(flight.expire(records, addDuration(begin, milliseconds(1e6))).kind, 'wait');
    assert.equal(flight.repeat(records, addDuration(begin, milliseconds(1000))).kind, 'send');
    assert.equal(flight.deadline, undefined);
  });

  it('answers repetitions once in half a timeout and never endlessly (checklist 18, checklist 27)', () => {
    const { flight, records } = start(undefined, false);
    let sent = 0;
    for (let elapsed = 0; elapsed < 100_000; elapsed += 100) {
      const step = flight.repeat(records, addDuration(begin, milliseconds(elapsed)));
      if (step.kind === 'send') sent += 1;
      if (elapsed < 1000) assert.ok(sent <= 1);
    }
    assert.equal(sent, options.maxRetransmissions);
  });

  it('waits anew after it answered a repetition, so that both sides’ timers make no storm (checklist 27)', () => {
    const { flight, records } = start();
    const later = addDuration(begin, milliseconds(900));
    assert.equal(flight.repeat(records, later).kind, 'send');
    assert.equal(flight.expire(records, addDuration(begin, milliseconds(1000))).kind, 'wait');
    assert.equal(flight.deadline, addDuration(later, milliseconds(2000)));
  });

  it('ends when no record can be written any more (checklist 10)', () => {
    const records = new RecordLayer({ firstSequenceNumber: 2 ** 48 - 1 });
    const flight = new Flight([handshake(0, noBytes)], true, seededRandom(1), options);
    assert.deepEqual(flight.send(records, begin), { kind: 'refused', reason: 'sequence-exhausted' });
    assert.equal(flight.deadline, undefined);
  });
});

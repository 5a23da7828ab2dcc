import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, seededRandom, utf8Encode } from '@dunlin/base';
import fc from 'fast-check';

import { ModemBench } from './support/modem-bench.ts';
import { direct, listed, shownMessage } from './support/shown-message.ts';

/** Cuts bytes into pieces of random lengths. */
function cutting(seed: number): (bytes: Uint8Array) => readonly Uint8Array[] {
  const random = seededRandom(seed);
  return (bytes) => {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = 1 + (random.uint32() % 7);
      pieces.push(bytes.subarray(at, at + length));
      at += length;
    }
    return pieces;
  };
}

/** Everything a modem has to do, as what it comes to. */
function aDay(change: (bench: ModemBench) => void): readonly string[] {
  const bench = new ModemBench();
  bench.answers['AT+CMGL=4'] = listed([1, shownMessage(Uint8Array.of(1))]);
  bench.pduAnswer = [...direct(shownMessage(Uint8Array.of(2))), '+CMGS: 9', 'OK'];
  change(bench);
  bench.start();
  bench.advance(1000);
  bench.acknowledge(1);
  bench.submit({ id: 5 });
  bench.acknowledge(2);
  bench.say(...direct(shownMessage(Uint8Array.of(3))));
  bench.acknowledge(3);
  return bench.events.map((event) => {
    if (event.kind === 'received') return `received ${hexEncode(event.message.userData)}`;
    return event.kind === 'accepted' ? `accepted ${event.reference}` : event.kind;
  });
}

const expected = ['up', 'received 01', 'received 02', 'accepted 9', 'received 03'];

describe('the line to a modem', () => {
  it('may bring bytes in any pieces', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const day = aDay((bench) => {
          bench.chunks = cutting(seed);
        });
        assert.deepEqual(day, expected);
      }),
      { numRuns: 50 },
    );
  });

  it('may repeat all that is typed, which the modem was told not to (ITU-T V.250 §6.2.4)', () => {
    const day = aDay((bench) => {
      bench.isEchoOn = true;
    });
    assert.deepEqual(day, expected);
  });

  it('may bring other things between the lines of an answer', () => {
    for (const line of ['RING', '+CREG: 1', '^RSSI:18', '+CIEV: 2,4', '*EVENT', '+CGEV: NW DETACH']) {
      const day = aDay((bench) => {
        bench.pduAnswer = [line, ...direct(shownMessage(Uint8Array.of(2))), line, '+CMGS: 9', line, 'OK'];
        bench.answers['AT+CREG?'] = [line, '+CREG: 0,1', line, 'OK'];
        bench.answers['AT+CPIN?'] = [line, '+CPIN: READY', 'OK'];
      });
      assert.deepEqual(day, expected, line);
    }
  });

  it('may bring cell broadcasts, which are nothing to us', () => {
    const bench = ModemBench.up();
    bench.say('+CBM: 88', '00A0'.repeat(44), ...direct(shownMessage()));
    assert.deepEqual(
      bench.events.map(({ kind }) => kind),
      ['received'],
    );
  });

  it('may bring a line without end: it is dropped, and the next one counts', () => {
    const bench = ModemBench.up();
    bench.sayBytes(utf8Encode('A'.repeat(100_000)));
    bench.say('', ...direct(shownMessage()));
    assert.deepEqual(
      bench.events.map(({ kind }) => kind),
      ['dropped', 'received'],
    );
  });

  it('may bring an answer without end: it is given up in time', () => {
    const bench = ModemBench.up();
    bench.answers['AT+CMGL=4'] = 'silence';
    bench.advance(59_300);
    for (let count = 0; count < 5000; count += 1) bench.say('+CMGL: 1,0,,23');
    bench.advance(20_000);
    assert.match(bench.told('down')[0]?.reason ?? '', /AT\+CMGL=4/);
  });

  it('may bring garbage: whatever it is, it is no message, and the carrier goes on or begins anew', () => {
    const garbage = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc
          .constantFrom(
            '\r\nOK\r\n',
            'ERROR\r',
            '+CMT: ,',
            '+CMT: ,23\r\n',
            '> ',
            '+CMGS:',
            '+CMTI: "SM",',
            '\r\n',
          )
          .map((text) => utf8Encode(text)),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(garbage, (pieces) => {
        const bench = ModemBench.up();
        bench.submit();
        for (const piece of pieces) bench.sayBytes(piece);
        bench.advance(400_000);
        assert.equal(bench.told('received').length, 0);
        bench.forget();
        bench.say('', ...direct(shownMessage()));
        assert.equal(bench.told('received').length, 1);
      }),
    );
  });
});

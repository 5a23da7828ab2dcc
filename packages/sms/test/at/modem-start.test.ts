import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';

import { Secret, UsageError, utf8Encode } from '@dunlin/base';
import { AtModem } from '@dunlin/sms';

import { inTurn, ModemBench } from './support/modem-bench.ts';

const settings = ['ATE0', 'AT+CMEE=1', 'AT+CMGF=0', 'AT+CSMS=1', 'AT+CPMS?', 'AT+CNMI=2,2,0,1,0'];
const locked = ['+CPIN: SIM PIN', 'OK'] as const;
const pin = (): Secret => new Secret(utf8Encode('1234'));

describe('a modem is made ready', () => {
  it('with what ends all that was begun, PDU mode, acknowledged messages, and a look at what is stored', () => {
    const bench = new ModemBench();
    bench.start();
    assert.deepEqual(bench.typed, ['ESC'], 'late answers to others are let pass');
    assert.deepEqual(bench.events, []);
    bench.advance(300);
    assert.deepEqual(bench.typed, [
      'ESC',
      'AT',
      'AT+CPIN?',
      'AT+CREG?',
      'AT+CEREG?',
      ...settings,
      'AT+CMGL=4',
    ]);
    assert.deepEqual(bench.events, [{ kind: 'up' }]);
  });

  it('passes over what comes before it was asked for anything', () => {
    const bench = new ModemBench();
    bench.start();
    bench.say('+CMGS: 12', 'OK', 'ERROR', '> ', 'RDY');
    bench.advance(300);
    assert.deepEqual(bench.events, [{ kind: 'up' }]);
  });

  for (const [title, answers] of [
    ['at home', { 'AT+CREG?': ['+CREG: 2,1,"00C3","0000A1B2"', 'OK'] }],
    ['roaming', { 'AT+CREG?': ['+CREG: 0,5', 'OK'] }],
    ['for short messages only', { 'AT+CREG?': ['+CREG: 0,6', 'OK'] }],
    ['in LTE alone', { 'AT+CREG?': ['+CREG: 0,0', 'OK'], 'AT+CEREG?': ['+CEREG: 0,1', 'OK'] }],
    ['in LTE, knowing nothing else', { 'AT+CREG?': ['ERROR'], 'AT+CEREG?': ['+CEREG: 0,5', 'OK'] }],
  ] as const) {
    it(`when it is registered ${title} (3GPP TS 27.007 §7.2)`, () => {
      ModemBench.up({}, (bench) => Object.assign(bench.answers, answers));
    });
  }

  it('waits for its registration, and says once what it waits for', () => {
    const bench = new ModemBench();
    bench.answers['AT+CREG?'] = inTurn(
      ['+CREG: 0,2', 'OK'],
      ['+CREG: 0,2', 'OK'],
      ['+CREG: 0,3', 'OK'],
      ['+CREG: 0,0', 'OK'],
      ['+CREG: 0,1', 'OK'],
    );
    bench.start();
    assert.equal(bench.carrier.trouble, undefined);
    bench.advance(1000);
    const reason = 'the modem is looking for a network';
    assert.deepEqual(bench.carrier.trouble, { reason, retryAt: undefined, isMisconfigured: false });
    bench.advance(19_000);
    assert.deepEqual(bench.events, [
      { kind: 'down', reason: 'the modem is looking for a network' },
      { kind: 'down', reason: 'the modem is refused by the network' },
      { kind: 'down', reason: 'the modem is not registered with a network' },
      { kind: 'up' },
    ]);
  });

  it('works with stored messages when it cannot wait for acknowledgements (3GPP TS 27.005 §3.2.1)', () => {
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CSMS=1'] = ['+CMS ERROR: 303'];
      answers['AT+CNMI=2,1,0,1,0'] = ['ERROR'];
    });
    bench.advance(60_000);
    assert.deepEqual(bench.typed.slice(-3), ['AT+CNMI=2,1,0,1,0', 'AT+CNMI=1,1,0,1,0', 'AT+CMGL=4']);
    assert.ok(!bench.typed.some((typed) => typed.startsWith('AT+CNMI=2,2')));
  });

  it('in the way in which this modem tells of messages (3GPP TS 27.005 §3.4.1)', () => {
    for (const accepted of ['1,2,0,1,0', '3,2,0,1,0', '2,2,0,0,0', '2,1,0,1,0', '1,1,0,0,0']) {
      const bench = new ModemBench();
      bench.refuses = (command) => command.startsWith('AT+CNMI=') && command !== `AT+CNMI=${accepted}`;
      bench.start();
      bench.advance(300);
      assert.deepEqual(bench.events, [{ kind: 'up' }], accepted);
      assert.equal(
        bench.typed.findLast((typed) => typed.startsWith('AT+CNMI=')),
        `AT+CNMI=${accepted}`,
      );
    }
  });

  it('reads where messages are stored (3GPP TS 27.005 §3.2.2)', () => {
    const bench = new ModemBench();
    bench.answers['AT+CPMS?'] = ['+CPMS: "SM",0,10,"SM",0,10,"ME",3,255', 'OK'];
    bench.start();
    bench.advance(300);
    assert.ok(bench.typed.includes('AT+CPMS="ME"'));
  });

  for (const [title, answers, reason] of [
    ['it has no PDU mode', { 'AT+CMGF=0': ['ERROR'] }, /no PDU mode/],
    ['it refuses everything', { AT: ['ERROR'] }, /not one that can be told anything/],
    [
      'it tells of no messages',
      Object.fromEntries(
        [1, 2, 3].flatMap((mode) =>
          [0, 1, 2].flatMap((reports) =>
            [1, 2].map((messages) => [`AT+CNMI=${mode},${messages},0,${reports},0`, ['+CMS ERROR: 303']]),
          ),
        ),
      ),
      /does not tell of short messages/,
    ],
    ['it does not answer', { AT: 'silence' }, /did not answer AT in time/],
    ['it ceases to answer', { 'AT+CSMS=1': 'silence' }, /did not answer AT\+CSMS=1 in time/],
  ] as const) {
    it(`is down with a reason when ${title}, and is opened again`, () => {
      const bench = new ModemBench();
      Object.assign(bench.answers, answers);
      bench.start();
      while (bench.told('down').length === 0) bench.advance(100);
      assert.equal(bench.told('down').length, 1);
      assert.match(bench.told('down')[0]?.reason ?? '', reason);
      assert.equal(bench.isOpen, false);
      bench.advance(1000);
      assert.equal(bench.opens, 2);
    });
  }

  it('opens a port that is not there less and less often, and tells of it once', () => {
    const bench = new ModemBench();
    bench.isPlugged = false;
    bench.start();
    const opens = [bench.opens];
    for (const wait of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      bench.advance(wait - 1);
      bench.advance(1);
      opens.push(bench.opens);
    }
    assert.deepEqual(opens, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(bench.events, [{ kind: 'down', reason: 'there is no such port' }]);
    bench.isPlugged = true;
    bench.advance(61_000);
    assert.deepEqual(bench.events.at(-1), { kind: 'up' });
    bench.unplug();
    bench.isPlugged = true;
    bench.advance(1300);
    assert.deepEqual(bench.events.at(-1), { kind: 'up' }, 'after it was ready it is opened soon again');
  });
});

describe('the PIN of a SIM card', () => {
  it('is given when the card asks for it (3GPP TS 27.007 §8.3)', () => {
    const bench = new ModemBench({ pin: pin() });
    bench.answers['AT+CPIN?'] = inTurn(locked, ['+CME ERROR: 14'], ['+CPIN: READY', 'OK']);
    bench.start();
    bench.advance(10_000);
    assert.equal(bench.typed.filter((typed) => typed === 'AT+CPIN="1234"').length, 1);
    assert.deepEqual(bench.events.at(-1), { kind: 'up' });
  });

  it('is given again after a restart of the modem when it was right', () => {
    const bench = new ModemBench({ pin: pin() });
    bench.answers['AT+CPIN?'] = inTurn(locked, ['+CPIN: READY', 'OK'], locked, ['+CPIN: READY', 'OK']);
    bench.start();
    bench.advance(3000);
    bench.unplug();
    bench.isPlugged = true;
    bench.forget();
    bench.advance(5000);
    assert.ok(bench.typed.includes('AT+CPIN="1234"'));
    assert.deepEqual(bench.events.at(-1), { kind: 'up' });
  });

  for (const [title, answer] of [
    ['it was refused', ['+CME ERROR: 16']],
    ['nobody knows whether it was taken', 'silence'],
    ['it was taken, and the card asks again', ['OK']],
  ] as const) {
    it(`is tried once and never again when ${title}`, () => {
      const bench = new ModemBench({ pin: pin() });
      bench.answers['AT+CPIN?'] = locked;
      bench.answers['AT+CPIN="1234"'] = answer;
      bench.start();
      bench.advance(24 * 3_600_000);
      assert.ok(bench.opens > 1000);
      assert.equal(bench.typed.filter((typed) => typed === 'AT+CPIN="1234"').length, 1);
      assert.match(bench.told('down').at(-1)?.reason ?? '', /not tried again/);
    });
  }

  for (const [state, reason] of [
    ['SIM PIN', /none is configured/],
    ['SIM PUK', /asks for SIM PUK/],
    ['PH-NET PIN', /asks for PH-NET PIN/],
  ] as const) {
    it(`is not made up when there is none: ${state}`, () => {
      const bench = new ModemBench();
      bench.answers['AT+CPIN?'] = [`+CPIN: ${state}`, 'OK'];
      bench.start();
      bench.advance(1000);
      assert.match(bench.told('down')[0]?.reason ?? '', reason);
      assert.ok(!bench.typed.some((typed) => typed.startsWith('AT+CPIN=')));
    });
  }

  it('is in nothing that is told or shown', () => {
    const bench = new ModemBench({ pin: pin() });
    bench.answers['AT+CPIN?'] = locked;
    bench.answers['AT+CPIN="1234"'] = 'silence';
    bench.start();
    bench.advance(100_000);
    assert.ok(!JSON.stringify(bench.events).includes('1234'));
    assert.ok(!inspect(bench.carrier, { showHidden: true, depth: 10 }).includes('1234'));
  });

  it('has 4 to 8 digits', () => {
    for (const wrong of ['123', '123456789', '12a4', '"1234', ''])
      assert.throws(() => new AtModem({ pin: new Secret(utf8Encode(wrong)) }), UsageError);
  });

  it('is waited for while there is no card', () => {
    const bench = new ModemBench();
    bench.answers['AT+CPIN?'] = inTurn(['+CME ERROR: 10'], ['+CME ERROR: 10'], ['+CPIN: READY', 'OK']);
    bench.start();
    bench.advance(10_000);
    assert.deepEqual(bench.events, [
      { kind: 'down', reason: 'the SIM card is not ready (+CME ERROR: 10)' },
      { kind: 'up' },
    ]);
  });
});

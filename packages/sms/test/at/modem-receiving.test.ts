import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode } from '@dunlin/base';
import { addressOf, TypeOfNumber } from '@dunlin/sms';

import { bytesOf } from '../support/bytes-of.ts';
import { inTurn, ModemBench } from './support/modem-bench.ts';
import { direct, listed, type ShownMessage, shownMessage, shownTpdu } from './support/shown-message.ts';

const text = shownTpdu(bytesOf('04 05810196F0 00 00 62116271134500 02 C834'));
const unicode = shownTpdu(bytesOf('04 05810196F0 00 08 62116271134500 02 0041'));
const fromName = shownTpdu(bytesOf('04 0AD0C8329BFD06 00 04 62116271134500 01 AA'));
const truncated = shownTpdu(bytesOf('04 05810196F0 00 04 62116271134500 06 AABB'));

describe('a message comes directly (3GPP TS 27.005 §3.4.1)', () => {
  it('and is acknowledged after it was taken, not before', () => {
    const bench = ModemBench.up();
    const octets = Uint8Array.from({ length: 140 }, (_, index) => index);
    bench.say(...direct(shownMessage(octets)));
    assert.deepEqual(bench.events, [
      { kind: 'received', message: { id: 1, from: '10690', userData: octets, hasHeader: false } },
    ]);
    assert.deepEqual(bench.typed, []);
    bench.acknowledge(1);
    assert.deepEqual(bench.typed, ['AT+CNMA']);
    bench.acknowledge(1);
    assert.deepEqual(bench.typed, ['AT+CNMA'], 'once');
  });

  it('and is refused when nobody has room for it, so that the network tries again', () => {
    const bench = ModemBench.up();
    bench.say(...direct(shownMessage()));
    bench.acknowledge(1, 'busy');
    assert.deepEqual(bench.typed, ['AT+CNMA=2']);
  });

  it('and is refused when more wait for their acknowledgement than there is room for', () => {
    const bench = ModemBench.up({ limits: { maxUnacknowledged: 1 } });
    bench.say(...direct(shownMessage()), ...direct(shownMessage()));
    assert.equal(bench.told('received').length, 1);
    assert.deepEqual(bench.typed, ['AT+CNMA=2']);
  });

  it('and the modem is set up anew when the acknowledgement came too late (3GPP TS 27.005 §3.4.4)', () => {
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CNMA'] = ['+CMS ERROR: 340'];
    });
    bench.say(...direct(shownMessage()));
    bench.acknowledge(1);
    assert.ok(bench.typed.includes('AT+CNMI=2,2,0,1,0'));
    assert.equal(bench.typed.at(-1), 'AT+CMGL=4');
  });

  it('and says whether it begins with a header, and from whom it is', () => {
    const bench = ModemBench.up({ countryCode: '49' });
    const header = bytesOf('0500037702 01 AA');
    const national = { typeOfNumber: TypeOfNumber.national, numberingPlan: 1, digits: '1700000001' };
    bench.say(...direct(shownMessage(header, { hasHeader: true, from: national })));
    const [event] = bench.told('received');
    assert.deepEqual(event?.message, { id: 1, from: '491700000001', userData: header, hasHeader: true });
  });

  it('with the name of the sender in the line before, as some modems have it', () => {
    const bench = ModemBench.up();
    const { length, digits } = shownMessage();
    bench.say(`+CMT: "Server, ""the"" one",${length}`, digits);
    assert.equal(bench.told('received').length, 1);
  });

  for (const [title, message, reason] of [
    ['7-bit text', text, /seven-bit/],
    ['UCS-2 text', unicode, /sixteen-bit/],
    ['from a name', fromName, /no number/],
    ['malformed', truncated, /6 bytes are announced/],
    ['of type 0', shownMessage(undefined, { protocolIdentifier: 0x40 }), /type 0/],
    ['from a number with stars', shownMessage(undefined, { from: addressOf('*100#') }), /no number/],
  ] as const satisfies readonly (readonly [string, ShownMessage, RegExp])[]) {
    it(`and is dropped and acknowledged when it is ${title}: it would come again and again`, () => {
      const bench = ModemBench.up();
      bench.say(...direct(message));
      assert.deepEqual(bench.typed, ['AT+CNMA']);
      assert.deepEqual(
        bench.events.map(({ kind }) => kind),
        ['dropped'],
      );
      assert.match(bench.told('dropped')[0]?.reason ?? '', reason);
    });
  }

  for (const [title, lines] of [
    ['its PDU is not hexadecimal', ['+CMT: ,23', 'hello']],
    ['its PDU has an odd number of digits', ['+CMT: ,1', '00A']],
    ['its PDU is shorter than announced', ['+CMT: ,23', '0004']],
    ['its PDU is longer than announced', ['+CMT: ,1', '000400']],
    ['the address of the centre is longer than the PDU', ['+CMT: ,1', 'FF04']],
    ['another one begins in its place', ['+CMT: ,23', ...direct(shownMessage())]],
  ] as const) {
    it(`and is refused when ${title}: it was damaged on its way from the modem`, () => {
      const bench = ModemBench.up();
      bench.say(...lines);
      assert.equal(bench.told('dropped').length, 1);
      assert.equal(bench.typed[0], 'AT+CNMA=2');
    });
  }

  it('in the middle of the answer to a command, before its prompt, and with its result', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.answers['AT+CMGS=17'] = [...direct(shownMessage(Uint8Array.of(1))), '> '];
      modem.pduAnswer = [
        ...direct(shownMessage(Uint8Array.of(2))),
        '+CMGS: 7',
        ...direct(shownMessage(Uint8Array.of(3))),
        'OK',
      ];
    });
    bench.submit();
    assert.deepEqual(
      bench.told('received').map(({ message }) => hexEncode(message.userData)),
      ['01', '02', '03'],
    );
    assert.equal(bench.told('accepted')[0]?.reference, '7');
  });

  it('while the modem is being set up: it is acknowledged as soon as that is done', () => {
    const bench = new ModemBench();
    bench.start();
    bench.say(...direct(shownMessage()));
    assert.equal(bench.told('received').length, 1);
    bench.acknowledge(1);
    bench.advance(300);
    assert.ok(bench.typed.includes('AT+CNMA'));
  });

  it('and needs no acknowledgement from a modem that asks for none', () => {
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CSMS=1'] = ['ERROR'];
    });
    bench.say(...direct(shownMessage()));
    bench.acknowledge(1);
    assert.deepEqual(bench.typed, []);
  });

  it('a thousand times while the modem is busy: it is not acknowledged a thousand times', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.pduAnswer = 'silence';
    });
    bench.submit();
    for (let count = 0; count < 1000; count += 1) bench.say(...direct(text));
    assert.equal(bench.told('dropped').length, 1000);
    bench.say('+CMGS: 7', 'OK');
    assert.equal(bench.typed.filter((typed) => typed === 'AT+CNMA').length, 64);
  });

  it('and is the network’s again when the modem is lost before the acknowledgement', () => {
    const bench = ModemBench.up();
    bench.say(...direct(shownMessage()));
    bench.unplug();
    bench.isPlugged = true;
    bench.forget();
    bench.advance(5000);
    bench.acknowledge(1);
    assert.ok(!bench.typed.includes('AT+CNMA'));
    bench.say(...direct(shownMessage()));
    assert.equal(bench.told('received')[0]?.message.id, 2, 'with an id of its own');
  });
});

describe('a message is stored by the modem', () => {
  const stored = shownMessage(Uint8Array.of(0xbe, 0xef));
  const shown = [`+CMGR: 0,,${stored.length}`, stored.digits, 'OK'];

  it('and is read, and deleted after it was taken (3GPP TS 27.005 §3.4.1, §4.2)', () => {
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CMGR=3'] = shown;
    });
    bench.say('+CMTI: "SM",3');
    assert.deepEqual(bench.typed, ['AT+CMGR=3']);
    assert.equal(hexEncode(bench.told('received')[0]?.message.userData ?? Uint8Array.of()), 'beef');
    bench.acknowledge(1);
    assert.deepEqual(bench.typed, ['AT+CMGR=3', 'AT+CMGD=3']);
  });

  it('and stays in its memory when nobody has room for it, until the next look', () => {
    const bench = ModemBench.up();
    bench.answers['AT+CMGL=4'] = listed([3, stored]);
    bench.advance(60_000);
    bench.acknowledge(1, 'busy');
    assert.ok(!bench.typed.includes('AT+CMGD=3'));
    bench.forget();
    bench.advance(60_000);
    assert.equal(bench.told('received').length, 1);
  });

  it('while nobody listened: it is found at the start', () => {
    const bench = new ModemBench();
    bench.answers['AT+CMGL=4'] = listed([1, stored], [2, text], [5, stored]);
    bench.start();
    bench.advance(300);
    assert.deepEqual(
      bench.events.map(({ kind }) => kind),
      ['up', 'received', 'dropped', 'received'],
    );
    assert.equal(bench.typed.at(-1), 'AT+CMGD=2', 'what is no data is deleted');
    bench.acknowledge(1);
    bench.acknowledge(2);
    assert.deepEqual(bench.typed.slice(-2), ['AT+CMGD=1', 'AT+CMGD=5']);
  });

  it('and is told once although it is found again before it was taken', () => {
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CMGR=3'] = shown;
    });
    bench.say('+CMTI: "SM",3', '+CMTI: "SM",3');
    bench.answers['AT+CMGL=4'] = listed([3, stored]);
    bench.advance(60_000);
    assert.equal(bench.told('received').length, 1);
  });

  it('among more than there is room for: those left are looked for as soon as there is', () => {
    const bench = ModemBench.up({ limits: { maxUnacknowledged: 2 } }, ({ answers }) => {
      answers['AT+CMGL=4'] = inTurn(
        listed([1, stored], [2, stored], [3, stored]),
        listed([2, stored], [3, stored]),
        ['OK'],
      );
    });
    assert.equal(bench.told('received').length, 0, 'they were told before');
    bench.acknowledge(1);
    assert.deepEqual(bench.typed, ['AT+CMGD=1', 'AT+CMGL=4']);
    assert.deepEqual(
      bench.told('received').map(({ message }) => message.id),
      [3],
    );
  });

  it('and is left alone when it is one that somebody else wrote', () => {
    const bench = ModemBench.up();
    bench.answers['AT+CMGL=4'] = [`+CMGL: 1,2,,${stored.length}`, stored.digits, 'OK'];
    bench.answers['AT+CMGR=1'] = [`+CMGR: 3,,${stored.length}`, stored.digits, 'OK'];
    bench.say('+CMTI: "SM",1');
    bench.advance(60_000);
    assert.deepEqual(bench.events, []);
    assert.ok(!bench.typed.includes('AT+CMGD=1'));
  });

  it('and is gone before it was read: that is no failure', () => {
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CMGR=3'] = inTurn(['+CMS ERROR: 321'], ['OK']);
    });
    bench.say('+CMTI: "SM",3', '+CMTI: "SM",3');
    assert.deepEqual(bench.events, []);
    assert.deepEqual(bench.typed, ['AT+CMGR=3', 'AT+CMGR=3']);
  });

  it('and is deleted when it cannot be read twice: it would take its place for ever', () => {
    const bench = ModemBench.up();
    bench.answers['AT+CMGL=4'] = ['+CMGL: 4,1,,23', '0004', 'OK'];
    bench.advance(60_000);
    assert.equal(bench.told('dropped').length, 1);
    assert.ok(!bench.typed.includes('AT+CMGD=4'));
    bench.advance(60_000);
    assert.ok(bench.typed.includes('AT+CMGD=4'));
  });

  it('and more are announced than are read one by one: the memory is looked through', () => {
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CMGR=1'] = 'silence';
    });
    bench.say(...Array.from({ length: 100 }, (_, index) => `+CMTI: "ME",${index + 1}`));
    bench.say('+CMS ERROR: 321');
    assert.equal(bench.typed.filter((typed) => typed.startsWith('AT+CMGR')).length, 64);
    assert.equal(bench.typed.at(-1), 'AT+CMGL=4');
  });

  it('as is a status report, which is deleted', () => {
    const report = shownTpdu(bytesOf('06 07 05810196F0 62116271134500 62116271135500 00'));
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CMGR=2'] = [`+CMGR: 0,,${report.length}`, report.digits, 'OK'];
    });
    bench.submit({ wantsReceipt: true });
    bench.say('+CDSI: "SM",2');
    assert.deepEqual(bench.events.at(-1), { kind: 'receipt', id: 1, state: 'delivered' });
    assert.equal(bench.typed.at(-1), 'AT+CMGD=2');
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { addDuration, hexEncode, instantFrom, milliseconds, UsageError } from '@dunlin/base';
import { addressOf, encodeStatusReport, type ReceiptState } from '@dunlin/sms';

import { ModemBench, prompt } from './support/modem-bench.ts';

const pdu = '00110005810196F00004A7064402123400FF';

/** A status report as a modem shows it. */
function report(messageReference: number, status: number, to = '10690'): readonly string[] {
  const at = instantFrom(Date.UTC(2026, 10, 26));
  const tpdu = encodeStatusReport({
    messageReference,
    to: addressOf(to),
    centreTime: at,
    dischargeTime: at,
    status,
  });
  return [`+CDS: ${tpdu.length}`, `00${hexEncode(tpdu).toUpperCase()}`];
}

describe('a message goes out over a modem', () => {
  it('as a PDU after the prompt, with the octets of the TPDU announced (3GPP TS 27.005 §4.3)', () => {
    const bench = ModemBench.up();
    bench.submit();
    assert.deepEqual(bench.typed, ['AT+CMGS=17', pdu]);
    assert.deepEqual(bench.events, [{ kind: 'accepted', id: 1, reference: '7' }]);
  });

  it('one after the other', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.pduAnswer = 'silence';
    });
    bench.submit({ id: 1 });
    bench.submit({ id: 2 });
    assert.equal(bench.typed.length, 2);
    bench.say('+CMGS: 1', 'OK');
    assert.equal(bench.typed.length, 4);
    bench.say('+CMGS: 2', 'OK');
    assert.deepEqual(
      bench.told('accepted').map(({ id, reference }) => [id, reference]),
      [
        [1, '1'],
        [2, '2'],
      ],
    );
  });

  it('up to a number of them that wait', () => {
    const bench = ModemBench.up({ limits: { maxQueued: 2 } }, (modem) => {
      modem.pduAnswer = 'silence';
    });
    for (const id of [1, 2, 3, 4]) bench.submit({ id });
    assert.deepEqual(
      bench.told('refused').map(({ id, isTemporary }) => [id, isTemporary]),
      [[4, true]],
    );
  });

  it('to an international number, or to a short code', () => {
    const bench = ModemBench.up();
    bench.submit({ to: '491700000001' });
    assert.match(bench.typed[1] ?? '', /^0011000C9194710000001000/);
  });

  it('not when it is none: the caller is told', () => {
    const bench = ModemBench.up();
    for (const changes of [{ userData: new Uint8Array(141) }, { to: '+4917' }, { to: '' }])
      assert.throws(() => bench.submit(changes), UsageError);
  });

  it('not while the modem is down: it is refused at once', () => {
    const bench = new ModemBench();
    bench.submit();
    bench.start();
    bench.submit({ id: 2 });
    assert.deepEqual(
      bench.told('refused').map(({ id, isTemporary }) => [id, isTemporary]),
      [
        [1, true],
        [2, true],
      ],
    );
  });

  it('not when its validity has ended while it waited', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.pduAnswer = 'silence';
    });
    bench.submit({ id: 1 });
    bench.submit({ id: 2, validity: milliseconds(5000) });
    bench.advance(6000);
    bench.say('+CMGS: 1', 'OK');
    assert.deepEqual(bench.typed.length, 2);
    assert.equal(bench.told('refused')[0]?.isTemporary, false);
  });

  for (const [error, outcome] of [
    ['+CMS ERROR: 27', 'temporary'],
    ['+CMS ERROR: 38', 'temporary'],
    ['+CMS ERROR: 41', 'temporary'],
    ['+CMS ERROR: 42', 'temporary'],
    ['+CMS ERROR: 47', 'temporary'],
    ['+CMS ERROR: 192', 'temporary'],
    ['+CMS ERROR: 21', 'permanent'],
    ['+CMS ERROR: 28', 'permanent'],
    ['+CMS ERROR: 50', 'permanent'],
    ['+CMS ERROR: 304', 'permanent'],
    ['+CMS ERROR: 330', 'permanent'],
    ['+CMS ERROR: 314', 'temporary'],
    ['+CMS ERROR: 322', 'temporary'],
    ['+CMS ERROR: 331', 'temporary'],
    ['+CMS ERROR: 300', 'unknown'],
    ['+CMS ERROR: 332', 'unknown'],
    ['+CMS ERROR: 500', 'unknown'],
    ['+CMS ERROR: 4711', 'unknown'],
    ['+CMS ERROR: network timeout', 'unknown'],
    ['+CME ERROR: 100', 'unknown'],
    ['ERROR', 'unknown'],
  ] as const) {
    it(`and the modem says ${error}, which is ${outcome} (3GPP TS 27.005 §3.2.5)`, () => {
      const bench = ModemBench.up({}, (modem) => {
        modem.pduAnswer = [error];
      });
      bench.submit();
      assert.deepEqual(
        bench.events.map((event) =>
          event.kind === 'refused' ? [event.kind, event.isTemporary] : [event.kind],
        ),
        [outcome === 'unknown' ? ['unknown'] : ['refused', outcome === 'temporary']],
      );
    });
  }

  it('and was certainly not sent when the modem refuses before it has the PDU', () => {
    for (const [error, isTemporary] of [
      ['ERROR', true],
      ['+CMS ERROR: 500', true],
      ['+CMS ERROR: 302', false],
    ] as const) {
      const bench = ModemBench.up({}, ({ answers }) => {
        answers['AT+CMGS=17'] = [error];
      });
      bench.submit();
      assert.equal(bench.told('refused')[0]?.isTemporary, isTemporary, error);
    }
  });

  it('and was not sent when the modem does not ask for the PDU: that is broken off with ESC', () => {
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CMGS=17'] = 'silence';
    });
    bench.submit();
    bench.advance(9999);
    assert.deepEqual(bench.events, []);
    bench.advance(1);
    assert.deepEqual(bench.typed, ['AT+CMGS=17', 'ESC']);
    assert.deepEqual(
      bench.events.map(({ kind }) => kind),
      ['refused', 'down'],
    );
    assert.equal(bench.told('refused')[0]?.isTemporary, true);
  });

  it('and nobody knows when the modem says nothing to the PDU for a minute: it is never sent again', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.pduAnswer = 'silence';
    });
    bench.submit();
    bench.advance(59_999);
    assert.deepEqual(bench.events, []);
    bench.advance(1);
    assert.deepEqual(bench.typed, ['AT+CMGS=17', pdu, 'ESC']);
    assert.deepEqual(
      bench.events.map(({ kind }) => kind),
      ['unknown', 'down'],
    );
    bench.forget();
    bench.advance(3_600_000);
    assert.deepEqual(bench.events, [{ kind: 'up' }]);
    assert.ok(!bench.typed.some((typed) => typed.startsWith('AT+CMGS')));
  });

  it('and nobody knows when the modem is unplugged with the PDU; what waited is known to be unsent', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.pduAnswer = 'silence';
    });
    bench.submit({ id: 1 });
    bench.submit({ id: 2 });
    bench.unplug();
    assert.deepEqual(
      bench.events.map((event) =>
        event.kind === 'down' ? [event.kind] : [event.kind, 'id' in event && event.id],
      ),
      [['unknown', 1], ['refused', 2], ['down']],
    );
  });

  it('and is known to be unsent when the modem is unplugged before it asked for the PDU', () => {
    const bench = ModemBench.up({}, ({ answers }) => {
      answers['AT+CMGS=17'] = 'silence';
    });
    bench.submit();
    bench.unplug();
    assert.equal(bench.told('refused')[0]?.isTemporary, true);
  });

  it('and looks through the memory when the modem says that it is full', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.pduAnswer = ['+CMS ERROR: 322'];
    });
    bench.submit();
    assert.deepEqual(bench.typed.slice(2), ['AT+CMGL=4']);
  });

  it('and is not accepted by a late OK of something else', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.answers['AT+CMGS=17'] = ['OK', prompt];
      modem.pduAnswer = ['OK'];
    });
    bench.submit();
    assert.deepEqual(bench.events, []);
    bench.say('+CMGS: 9', 'OK');
    assert.deepEqual(bench.events, [{ kind: 'accepted', id: 1, reference: '9' }]);
  });
});

describe('a receipt', () => {
  for (const [status, state] of [
    [0x00, 'delivered'],
    [0x46, 'expired'],
    [0x63, 'rejected'],
    [0x41, 'failed'],
  ] as const satisfies readonly (readonly [number, ReceiptState])[]) {
    it(`tells that a message was ${state}, and is acknowledged (3GPP TS 27.005 §3.4.1)`, () => {
      const bench = ModemBench.up();
      bench.submit({ wantsReceipt: true });
      assert.match(bench.typed[1] ?? '', /^0031/);
      bench.forget();
      bench.say(...report(7, status));
      assert.deepEqual(bench.events, [{ kind: 'receipt', id: 1, state }]);
      assert.deepEqual(bench.typed, ['AT+CNMA']);
      bench.say(...report(7, status));
      assert.equal(bench.events.length, 1, 'the first one counts');
    });
  }

  it('does not settle anything while the centre still tries', () => {
    const bench = ModemBench.up();
    bench.submit({ wantsReceipt: true });
    bench.forget();
    bench.say(...report(7, 0x30));
    assert.deepEqual(bench.events, []);
    bench.say(...report(7, 0x00));
    assert.deepEqual(bench.events, [{ kind: 'receipt', id: 1, state: 'delivered' }]);
  });

  it('is kept when it comes before the modem has said the reference', () => {
    const bench = ModemBench.up({}, (modem) => {
      modem.pduAnswer = [...report(7, 0), '+CMGS: 7', 'OK'];
    });
    bench.submit({ wantsReceipt: true });
    assert.deepEqual(
      bench.events.map(({ kind }) => kind),
      ['accepted', 'receipt'],
    );
  });

  it('finds a message of an earlier process by its reference, until the modem uses that again', () => {
    const bench = new ModemBench();
    for (const [id, reference] of [
      [41, '7'],
      [42, '8'],
    ] as const) {
      const until = addDuration(bench.now, milliseconds(60_000));
      bench.carrier.expect({ id, to: '10690', reference, until });
    }
    bench.start();
    bench.advance(1000);
    bench.say(...report(8, 0));
    assert.deepEqual(bench.told('receipt'), [{ kind: 'receipt', id: 42, state: 'delivered' }]);
    bench.submit({ wantsReceipt: true });
    bench.say(...report(7, 0));
    assert.deepEqual(
      bench.told('receipt').map(({ id }) => id),
      [42, 1],
    );
  });

  it('of somebody else, or of nothing, is acknowledged and ignored', () => {
    const bench = ModemBench.up();
    bench.submit({ wantsReceipt: true });
    bench.submit({ id: 2 });
    bench.forget();
    bench.say(...report(8, 0));
    bench.say(...report(7, 0, '4917'));
    assert.deepEqual(bench.events, []);
    assert.deepEqual(bench.typed, ['AT+CNMA', 'AT+CNMA']);
  });

  it('finds its message although the centre writes the number with the country', () => {
    const bench = ModemBench.up();
    bench.submit({ to: '1700000001', wantsReceipt: true });
    bench.forget();
    bench.say(...report(7, 0, '491700000001'));
    assert.equal(bench.told('receipt').length, 1);
  });
});

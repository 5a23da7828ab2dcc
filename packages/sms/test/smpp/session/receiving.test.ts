import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { concatBytes, hexDecode, noBytes } from '@dunlin/base';
import { CommandId, CommandStatus, type IncomingShortMessage, Tag, type Tlv } from '@dunlin/sms';
import fc from 'fast-check';

import { SessionBench } from '../../support/session-bench.ts';

const data = Uint8Array.from({ length: 140 }, (_, index) => index);

describe('Receiving (SMPP 3.4 §4.6)', () => {
  test('answers a message once it was taken, not before', () => {
    const bench = SessionBench.bound();
    bench.deliver({ sequenceNumber: 8, shortMessage: data });
    assert.deepEqual(received(bench), [{ id: 1, from: '491700000001', userData: data, hasHeader: false }]);
    assert.deepEqual(bench.takeKinds(), []);
    bench.acknowledge(1, 'taken');
    assert.deepEqual(bench.takeAll(), [answer(8, CommandStatus.ok)]);
    bench.acknowledge(1, 'taken');
    assert.deepEqual(bench.takeKinds(), []);
  });

  test('has the message centre try again when nobody could take it (ESME_RX_T_APPN)', () => {
    const bench = SessionBench.bound();
    bench.deliver({ sequenceNumber: 8, shortMessage: data });
    bench.acknowledge(1, 'busy');
    assert.deepEqual(bench.takeAll(), [answer(8, CommandStatus.receiverTemporaryError)]);
  });

  test('hands up a limited number of messages that nobody acknowledges', () => {
    const bench = SessionBench.bound({ limits: { maxUnacknowledged: 2 } });
    for (const sequenceNumber of [1, 2, 3]) bench.deliver({ sequenceNumber, shortMessage: data });
    assert.equal(received(bench).length, 2);
    assert.deepEqual(bench.takeAll(), [answer(3, CommandStatus.receiverTemporaryError)]);
    bench.acknowledge(1, 'taken');
    bench.deliver({ sequenceNumber: 4, shortMessage: data });
    assert.equal(received(bench).length, 1);
  });

  test('does not answer on a new stream for a message of the old one', () => {
    const bench = SessionBench.bound();
    bench.deliver({ sequenceNumber: 8, shortMessage: data });
    bench.close();
    bench.advance(1000);
    bench.takeEvents();
    bench.bind();
    bench.acknowledge(1, 'taken');
    assert.deepEqual(bench.takeKinds(), []);
    bench.deliver({ sequenceNumber: 8, shortMessage: data });
    assert.deepEqual(
      received(bench).map(({ id }) => id),
      [2],
    );
  });

  test('keeps the user data header apart (SMPP 3.4 §5.2.12)', () => {
    const bench = SessionBench.bound();
    const userData = Uint8Array.of(5, 0, 3, 0x77, 2, 1, 0xaa);
    bench.deliver({ esmClass: 0x40, shortMessage: userData });
    assert.deepEqual(received(bench), [{ id: 1, from: '491700000001', userData, hasHeader: true }]);
  });

  test('takes data_sm and message_payload (SMPP 3.4 §4.7, §5.3.2.32)', () => {
    const bench = SessionBench.bound();
    const tlvs = [{ tag: Tag.messagePayload, value: data }];
    bench.receive({
      kind: 'data-sm',
      sequenceNumber: 5,
      serviceType: '',
      source: { typeOfNumber: 1, numberingPlan: 1, digits: '491700000001' },
      destination: { typeOfNumber: 3, numberingPlan: 1, digits: '10690' },
      esmClass: 0,
      registeredDelivery: 0,
      dataCoding: 4,
      tlvs,
    });
    bench.deliver({ shortMessage: noBytes, tlvs });
    assert.deepEqual(
      received(bench).map(({ userData }) => userData),
      [data, data],
    );
    bench.acknowledge(1, 'taken');
    assert.equal(bench.take('data-sm-response').sequenceNumber, 5);
  });

  for (const dataCoding of [0x02, 0x04, 0xf4, 0xf5, 0xf6, 0xf7]) {
    test(`takes 8-bit data with data_coding 0x${dataCoding.toString(16)} (SMPP 3.4 §5.2.19)`, () => {
      const bench = SessionBench.bound();
      bench.deliver({ dataCoding, shortMessage: data });
      assert.equal(received(bench).length, 1);
    });
  }

  for (const dataCoding of [0x00, 0x01, 0x03, 0x08, 0xf0, 0xf1, 0xf8]) {
    test(`drops text with data_coding 0x${dataCoding.toString(16)}, and takes it from the message centre`, () => {
      const bench = SessionBench.bound();
      bench.deliver({ sequenceNumber: 8, dataCoding, shortMessage: data });
      assert.deepEqual(
        bench.takeEvents().map(({ kind }) => kind),
        ['dropped'],
      );
      assert.deepEqual(bench.takeAll(), [answer(8, CommandStatus.ok)]);
      assert.equal(bench.session.statistics.dropped, 1);
    });
  }

  test('drops what is no message: acknowledgements of people and programs (SMPP 3.4 §5.2.12)', () => {
    const bench = SessionBench.bound();
    for (const esmClass of [0x08, 0x10, 0x18]) bench.deliver({ esmClass, shortMessage: data });
    assert.deepEqual(
      bench.takeEvents().map(({ kind }) => kind),
      ['dropped', 'dropped', 'dropped'],
    );
  });

  test('drops a sender in letters, even of digits', () => {
    const bench = SessionBench.bound();
    const source = { typeOfNumber: 5, numberingPlan: 0, digits: '491700000001' };
    bench.deliver({ source, shortMessage: data });
    assert.deepEqual(bench.takeEvents(), [{ kind: 'dropped', reason: 'its sender is no number' }]);
  });

  test('makes the number of a sender international', () => {
    const bench = SessionBench.bound({ account: { countryCode: '49' } });
    const senders = [
      { typeOfNumber: 1, numberingPlan: 1, digits: '+491700000001' },
      { typeOfNumber: 2, numberingPlan: 1, digits: '1700000001' },
      { typeOfNumber: 3, numberingPlan: 1, digits: '491700000001' },
    ];
    for (const source of senders) bench.deliver({ source, shortMessage: data });
    assert.deepEqual(new Set(received(bench).map(({ from }) => from)), new Set(['491700000001']));
  });

  test('drops a message that is longer than what is put together', () => {
    const bench = SessionBench.bound();
    bench.deliver({ tlvs: [{ tag: Tag.messagePayload, value: new Uint8Array(1121) }] });
    assert.deepEqual(bench.takeEvents(), [{ kind: 'dropped', reason: 'it has 1121 bytes' }]);
  });

  test('passes over alerts (SMPP 3.4 §4.12)', () => {
    const bench = SessionBench.bound();
    const source = { typeOfNumber: 1, numberingPlan: 1, digits: '491700000001' };
    bench.receive({ kind: 'alert-notification', sequenceNumber: 1, source, esme: source, tlvs: [] });
    assert.deepEqual([bench.takeEvents(), bench.takeKinds()], [[], []]);
  });
});

describe('Parts in sar_ parameters (SMPP 3.4 §5.3.2.22 to §5.3.2.24)', () => {
  const sar = (reference: number, total: number, number: number): readonly Tlv[] => [
    { tag: Tag.sarMsgRefNum, value: Uint8Array.of(reference >> 8, reference & 0xff) },
    { tag: Tag.sarTotalSegments, value: Uint8Array.of(total) },
    { tag: Tag.sarSegmentSeqnum, value: Uint8Array.of(number) },
  ];

  test('become the header of a concatenated message (3GPP TS 23.040 §9.2.3.24.8)', () => {
    const bench = SessionBench.bound();
    bench.deliver({ shortMessage: Uint8Array.of(0xaa), tlvs: sar(0x1234, 3, 2) });
    const [message] = received(bench);
    assert.deepEqual(message?.userData, Uint8Array.of(6, 8, 4, 0x12, 0x34, 3, 2, 0xaa));
    assert.equal(message?.hasHeader, true);
  });

  test('of a whole message are left out', () => {
    const bench = SessionBench.bound();
    bench.deliver({ shortMessage: Uint8Array.of(0xaa), tlvs: sar(1, 1, 1) });
    assert.deepEqual(
      received(bench).map(({ userData, hasHeader }) => [userData, hasHeader]),
      [[Uint8Array.of(0xaa), false]],
    );
  });

  test('give way to a header that is there', () => {
    const bench = SessionBench.bound();
    const userData = Uint8Array.of(5, 0, 3, 0x77, 2, 1, 0xaa);
    bench.deliver({ esmClass: 0x40, shortMessage: userData, tlvs: sar(9, 2, 1) });
    assert.deepEqual(received(bench)[0]?.userData, userData);
  });

  for (const [name, tlvs] of [
    ['with number 0', sar(1, 2, 0)],
    ['beyond the last', sar(1, 2, 3)],
    ['of none', sar(1, 0, 0)],
    ['without a total', sar(1, 2, 1).slice(0, 1)],
    [
      'with a reference of one byte',
      [{ tag: Tag.sarMsgRefNum, value: Uint8Array.of(1) }, ...sar(1, 2, 1).slice(1)],
    ],
  ] as const) {
    test(`drop a part ${name}`, () => {
      const bench = SessionBench.bound();
      bench.deliver({ shortMessage: Uint8Array.of(0xaa), tlvs });
      assert.deepEqual(
        bench.takeEvents().map(({ kind }) => kind),
        ['dropped'],
      );
    });
  }
});

describe('Bad input in a session', () => {
  const nack = (sequenceNumber: number, commandStatus: number): object => {
    return { kind: 'generic-nack', sequenceNumber, commandStatus };
  };

  test('refuses a command that it does not know, and goes on (SMPP 3.4 §4.3)', () => {
    const bench = SessionBench.bound();
    bench.receive(hexDecode('0000001100000003000000000000000700') ?? noBytes);
    assert.deepEqual(bench.takeAll(), [nack(7, CommandStatus.invalidCommandId)]);
    assert.equal(bench.session.status.kind, 'bound');
  });

  test('does not answer an answer that it does not know', () => {
    const bench = SessionBench.bound();
    bench.receive(hexDecode('00000010800000030000000000000007') ?? noBytes);
    assert.deepEqual(bench.takeAll(), []);
  });

  for (const [name, hex] of [
    ['sixteen bytes of deliver_sm', '00000010000000050000000000000007'],
    ['a text without NUL', '000000150000000500000000000000076161616161'],
    ['a parameter over the end', `00000025000000050000000000000007${'00'.repeat(12)}000004000004240009`],
  ] as const) {
    test(`refuses ${name}, and goes on`, () => {
      const bench = SessionBench.bound();
      bench.receive(hexDecode(hex) ?? noBytes);
      assert.deepEqual(bench.takeAll(), [nack(7, CommandStatus.invalidCommandLength)]);
      assert.deepEqual(bench.takeEvents(), []);
      assert.equal(bench.session.statistics.malformed, 1);
      bench.deliver({ shortMessage: data });
      assert.equal(received(bench).length, 1);
    });
  }

  for (const [name, hex] of [
    ['0', '000000000000000500000000000000aa'],
    ['3', '000000030000000500000000000000aa'],
    ['2^32 - 1', 'ffffffff0000000500000000000000aa'],
  ] as const) {
    test(`refuses a command_length of ${name}, closes, and comes again`, () => {
      const bench = SessionBench.bound();
      bench.submit(1);
      bench.takeKinds();
      bench.receive(hexDecode(hex) ?? noBytes);
      assert.deepEqual(bench.takeAll(), [nack(0xaa, CommandStatus.invalidCommandLength)]);
      assert.deepEqual(bench.streams, ['open', 'close']);
      assert.deepEqual(
        bench.takeEvents().map(({ kind }) => kind),
        ['unknown', 'down'],
      );
      bench.advance(1000);
      assert.deepEqual(bench.streams, ['open', 'close', 'open']);
    });
  }

  test('looks at nothing that comes after the stream was given up', () => {
    const bench = SessionBench.bound();
    bench.closesAtOnce = false;
    bench.receive({ kind: 'unbind', sequenceNumber: 1 });
    bench.takeEvents();
    bench.takeAll();
    bench.deliver({ shortMessage: data });
    assert.deepEqual([bench.takeEvents(), bench.takeAll()], [[], []]);
  });

  test('survives any bytes in any pieces', () => {
    const ids = Object.values(CommandId);
    const frame = fc
      .tuple(fc.constantFrom(...ids), fc.integer({ min: 0, max: 0x60 }), fc.uint8Array({ maxLength: 60 }))
      .map(([id, status, body]) => {
        const view = new DataView(new ArrayBuffer(16));
        view.setUint32(0, 16 + body.length);
        view.setUint32(4, id);
        view.setUint32(8, status);
        view.setUint32(12, 2);
        return concatBytes([new Uint8Array(view.buffer), body]);
      });
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 5, arbitrary: frame }, fc.uint8Array({ maxLength: 40 }))),
        (pieces) => {
          const bench = SessionBench.bound();
          bench.submit(1);
          for (const piece of pieces) bench.receive(piece);
          bench.advance(1000);
        },
      ),
    );
  });
});

function received(bench: SessionBench): readonly IncomingShortMessage[] {
  return bench.takeEvents().flatMap((event) => (event.kind === 'received' ? event.message : []));
}

function answer(sequenceNumber: number, commandStatus: number): object {
  return { kind: 'deliver-sm-response', sequenceNumber, commandStatus, messageId: '', tlvs: [] };
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { concatBytes, hexDecode, hexEncode, UsageError } from '@dunlin/base';
import { CommandId, decodePdu, encodePdu, noAddress, type Pdu } from '@dunlin/sms';
import fc from 'fast-check';

import { anyPdu, comparable, secret, shortMessage } from '../support/pdus.ts';

const vectors: readonly (readonly [string, string, Pdu])[] = [
  [
    'bind_transmitter, the example of the specification (SMPP 3.4 §3.2)',
    '0000002f000000020000000000000001534d50503354455354007365637265743038005355424d4954310000010100',
    {
      kind: 'bind',
      mode: 'transmitter',
      sequenceNumber: 1,
      systemId: 'SMPP3TEST',
      password: secret('secret08'),
      systemType: 'SUBMIT1',
      interfaceVersion: 0,
      addressRange: { typeOfNumber: 1, numberingPlan: 1, digits: '' },
    },
  ],
  [
    'bind_transceiver_resp with sc_interface_version (SMPP 3.4 §4.1.6)',
    '0000001e8000000900000000000000016f736d6f2d6d7363000210000134',
    {
      kind: 'bind-response',
      mode: 'transceiver',
      commandStatus: 0,
      sequenceNumber: 1,
      systemId: 'osmo-msc',
      interfaceVersion: 0x34,
    },
  ],
  [
    'submit_sm of two bytes after a header with ports, valid for five minutes (SMPP 3.4 §4.4.1)',
    '0000004b0000000400000000000000020003013130363930000101343931373030303030303031004000000030303030303030303035303030303052000100040009060504163316330102',
    shortMessage('submit-sm', {
      sequenceNumber: 2,
      source: { typeOfNumber: 3, numberingPlan: 1, digits: '10690' },
      destination: { typeOfNumber: 1, numberingPlan: 1, digits: '491700000001' },
      esmClass: 0x40,
      validityPeriod: '000000000500000R',
      registeredDelivery: 1,
      shortMessage: Uint8Array.of(6, 5, 4, 0x16, 0x33, 0x16, 0x33, 1, 2),
    }),
  ],
  [
    'deliver_sm with its message in message_payload (SMPP 3.4 §4.6.1)',
    '0000002c00000005000000000000000700000100030131303639300000000000000000020000042400020001',
    shortMessage('deliver-sm', {
      sequenceNumber: 7,
      source: { ...noAddress, numberingPlan: 1 },
      destination: { typeOfNumber: 3, numberingPlan: 1, digits: '10690' },
      dataCoding: 2,
      tlvs: [{ tag: 0x0424, value: Uint8Array.of(0, 1) }],
    }),
  ],
  [
    'submit_sm_resp (SMPP 3.4 §4.4.2)',
    '0000001480000004000000000000000231326600',
    { kind: 'submit-sm-response', commandStatus: 0, sequenceNumber: 2, messageId: '12f', tlvs: [] },
  ],
  [
    'submit_sm_resp that refuses has no body (SMPP 3.4 §4.4.2)',
    '00000010800000040000005800000002',
    { kind: 'submit-sm-response', commandStatus: 0x58, sequenceNumber: 2, messageId: '', tlvs: [] },
  ],
  [
    'enquire_link (SMPP 3.4 §4.11.1)',
    '0000001000000015000000000000000c',
    { kind: 'enquire-link', sequenceNumber: 12 },
  ],
  [
    'generic_nack (SMPP 3.4 §4.3.1)',
    '0000001080000000000000030000002a',
    { kind: 'generic-nack', commandStatus: 3, sequenceNumber: 42 },
  ],
];

describe('Commands of SMPP 3.4', () => {
  for (const [name, hex, pdu] of vectors) {
    test(`writes and reads ${name}`, () => {
      const bytes = hexDecode(hex);
      assert.ok(bytes !== undefined);
      assert.equal(hexEncode(encodePdu(pdu)), hex);
      assert.deepEqual(comparable(decodePdu(bytes)), comparable(pdu));
    });
  }

  test('reads back every command that it writes', () => {
    fc.assert(
      fc.property(anyPdu, (pdu) => {
        assert.deepEqual(comparable(decodePdu(encodePdu(pdu))), comparable(pdu));
      }),
    );
  });

  test('knows every command by its id', () => {
    const ids = Object.values(CommandId);
    for (const id of ids) assert.notEqual(decodePdu(frame(id, '')).kind, 'unknown');
    const unsupported = decodePdu(frame(0x0000_0003, '00'));
    assert.deepEqual(unsupported, { kind: 'unknown', commandId: 3, sequenceNumber: 9 });
  });

  test('does not write what does not fit its field', () => {
    const long = { typeOfNumber: 1, numberingPlan: 1, digits: '1'.repeat(21) };
    assert.throws(() => encodePdu(shortMessage('submit-sm', { source: long })), UsageError);
    assert.throws(() => encodePdu(shortMessage('submit-sm', { serviceType: 'a\0b' })), UsageError);
    assert.throws(
      () => encodePdu(shortMessage('submit-sm', { shortMessage: new Uint8Array(255) })),
      UsageError,
    );
    assert.throws(
      () => encodePdu({ kind: 'outbind', sequenceNumber: 1, systemId: 'a', password: secret('nine chars') }),
      UsageError,
    );
  });

  test('prints no password of a command', () => {
    const bind = decodePdu(encodePdu(vectors[0]?.[2] ?? { kind: 'unbind', sequenceNumber: 1 }));
    assert.equal(bind.kind, 'bind');
    assert.doesNotMatch(JSON.stringify(bind), /secret08/);
  });
});

describe('Bad commands', () => {
  const deliver = encodePdu(shortMessage('deliver-sm', { shortMessage: Uint8Array.of(1, 2, 3) }));
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['a deliver_sm of sixteen bytes', frame(CommandId.deliverSm, ''), /service_type does not end/],
    ['a text without NUL', frame(CommandId.deliverSm, '61'.repeat(5)), /service_type does not end/],
    [
      'a text whose NUL comes after the size of its field (SMPP 3.4 §3.1)',
      frame(CommandId.deliverSm, `${'61'.repeat(6)}00`),
      /service_type does not end within 6/,
    ],
    ['a message that is shorter than announced', frame(CommandId.deliverSm, body('05', '0102')), /5 bytes/],
    [
      'an sm_length of 255 (SMPP 3.4 §5.2.21)',
      frame(CommandId.deliverSm, body('ff', '00'.repeat(255))),
      /255/,
    ],
    ['a parameter over the end', frame(CommandId.deliverSm, body('00', '04240003aabb')), /3 bytes/],
    ['a parameter without length', frame(CommandId.deliverSm, body('00', '042400')), /within a number/],
    [
      'a validity_period that is no time (SMPP 3.4 §7.1.1)',
      frame(CommandId.deliverSm, body('00', '').replace('000000000400', '00300000000400')),
      /validity_period is no time/,
    ],
    ['an enquire_link with a body', frame(CommandId.enquireLink, '00'), /left over/],
    ['a command_length that is not its length', deliver.subarray(0, deliver.length - 1), /command_length/],
  ];
  for (const [name, bytes, reason] of cases) {
    test(`finds ${name}, and keeps its sequence number`, () => {
      const pdu = decodePdu(bytes);
      assert.ok(pdu.kind === 'malformed', pdu.kind);
      assert.match(pdu.reason, reason);
      assert.ok(pdu.sequenceNumber === 9 || pdu.sequenceNumber === 1);
    });
  }

  test('reads any bytes as something or as malformed, without an error', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(CommandId)),
        fc.uint8Array({ maxLength: 400 }),
        (id, bytes) => {
          assert.notEqual(decodePdu(frame(id, hexEncode(bytes))).kind, 'unknown');
        },
      ),
    );
  });

  test('reads commands with a changed byte without an error', () => {
    fc.assert(
      fc.property(anyPdu, fc.nat(), fc.integer({ min: 1, max: 255 }), (pdu, at, change) => {
        const bytes = encodePdu(pdu);
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ change;
        decodePdu(bytes);
      }),
    );
  });
});

/** A command with this body and the sequence number 9. */
function frame(commandId: number, bodyHex: string): Uint8Array {
  const header = `00000000${commandId.toString(16).padStart(8, '0')}0000000000000009`;
  return withLength(hexDecode(header + bodyHex) ?? new Uint8Array());
}

/** A body of deliver_sm between its addresses and what follows sm_length. */
function body(length: string, rest: string): string {
  return `${'00'.repeat(12)}00000400${length}${rest}`;
}

function withLength(bytes: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(0, 0, bytes.length >> 8, bytes.length & 0xff), bytes.subarray(4)]);
}

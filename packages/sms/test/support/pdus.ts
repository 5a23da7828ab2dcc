import { Secret, utf8Encode } from '@dunlin/base';
import { type Pdu, type SmppAddress } from '@dunlin/sms';
import fc from 'fast-check';

/** A submit_sm or deliver_sm with what matters. */
export function shortMessage<Kind extends 'submit-sm' | 'deliver-sm'>(
  kind: Kind,
  fields: Partial<Omit<Extract<Pdu, { kind: 'deliver-sm' }>, 'kind'>> = {},
): Omit<Extract<Pdu, { kind: 'deliver-sm' }>, 'kind'> & { readonly kind: Kind } {
  return {
    kind,
    sequenceNumber: 1,
    serviceType: '',
    source: { typeOfNumber: 1, numberingPlan: 1, digits: '491700000001' },
    destination: { typeOfNumber: 3, numberingPlan: 1, digits: '10690' },
    esmClass: 0,
    protocolId: 0,
    priority: 0,
    scheduleDeliveryTime: '',
    validityPeriod: '',
    registeredDelivery: 0,
    replaceIfPresent: 0,
    dataCoding: 4,
    predefinedMessage: 0,
    shortMessage: new Uint8Array(),
    tlvs: [],
    ...fields,
  };
}

export function secret(text: string): Secret {
  return new Secret(utf8Encode(text));
}

/** The command with what a secret holds, so that two of them can be compared. */
export function comparable(pdu: object): object {
  return 'password' in pdu && pdu.password instanceof Secret
    ? { ...pdu, password: [...pdu.password.reveal()] }
    : { ...pdu };
}

/** Records as literals are, so that they are equal to what a decoder makes. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

const byte = fc.integer({ min: 0, max: 255 });
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), maxLength });
const address = (maxLength: number): fc.Arbitrary<SmppAddress> =>
  plain({ typeOfNumber: byte, numberingPlan: byte, digits: text(maxLength) });
const tlvs = fc.array(
  plain({ tag: fc.integer({ min: 0, max: 0xffff }), value: fc.uint8Array({ maxLength: 300 }) }),
  { maxLength: 4 },
);
const time = fc.constantFrom('', '000000000500000R', '261126173100032+', '261126173100000-');
const sequenceNumber = fc.integer({ min: 0, max: 0xffff_ffff });
const password = text(8).map(
  (characters) => new Secret(Uint8Array.from(characters, (character) => character.charCodeAt(0))),
);
const mode = fc.constantFrom('receiver' as const, 'transmitter' as const, 'transceiver' as const);
const failure = fc.integer({ min: 1, max: 0xffff_ffff });

const messageBody = {
  sequenceNumber,
  serviceType: text(5),
  source: address(20),
  destination: address(20),
  esmClass: byte,
  protocolId: byte,
  priority: byte,
  scheduleDeliveryTime: time,
  validityPeriod: time,
  registeredDelivery: byte,
  replaceIfPresent: byte,
  dataCoding: byte,
  predefinedMessage: byte,
  shortMessage: fc.uint8Array({ maxLength: 254 }),
  tlvs,
};
const accepted = { sequenceNumber, commandStatus: fc.constant(0), messageId: text(64), tlvs };
const refused = { sequenceNumber, commandStatus: failure, messageId: fc.constant(''), tlvs: fc.constant([]) };
const bare = { sequenceNumber };
const status = { sequenceNumber, commandStatus: fc.integer({ min: 0, max: 0xffff_ffff }) };

/** Every command that can be written. */
export const anyPdu: fc.Arbitrary<Pdu> = fc.oneof(
  plain({
    kind: fc.constant('bind' as const),
    mode,
    sequenceNumber,
    systemId: text(15),
    password,
    systemType: text(12),
    interfaceVersion: byte,
    addressRange: address(40),
  }),
  plain({
    kind: fc.constant('bind-response' as const),
    mode,
    sequenceNumber,
    commandStatus: fc.constant(0),
    systemId: text(15),
    interfaceVersion: fc.option(byte, { nil: undefined }),
  }),
  plain({
    kind: fc.constant('bind-response' as const),
    mode,
    sequenceNumber,
    commandStatus: failure,
    systemId: fc.constant(''),
    interfaceVersion: fc.constant(undefined),
  }),
  plain({ kind: fc.constant('outbind' as const), sequenceNumber, systemId: text(15), password }),
  plain({ kind: fc.constant('submit-sm' as const), ...messageBody }),
  plain({ kind: fc.constant('deliver-sm' as const), ...messageBody }),
  plain({ kind: fc.constant('submit-sm-response' as const), ...accepted }),
  plain({ kind: fc.constant('deliver-sm-response' as const), ...accepted }),
  plain({ kind: fc.constant('data-sm-response' as const), ...accepted }),
  plain({ kind: fc.constant('submit-sm-response' as const), ...refused }),
  plain({
    kind: fc.constant('data-sm' as const),
    sequenceNumber,
    serviceType: text(5),
    source: address(64),
    destination: address(64),
    esmClass: byte,
    registeredDelivery: byte,
    dataCoding: byte,
    tlvs,
  }),
  plain({
    kind: fc.constant('alert-notification' as const),
    sequenceNumber,
    source: address(64),
    esme: address(64),
    tlvs,
  }),
  plain({ kind: fc.constant('unbind' as const), ...bare }),
  plain({ kind: fc.constant('enquire-link' as const), ...bare }),
  plain({ kind: fc.constant('unbind-response' as const), ...status }),
  plain({ kind: fc.constant('enquire-link-response' as const), ...status }),
  plain({ kind: fc.constant('generic-nack' as const), ...status }),
);

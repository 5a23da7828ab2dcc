import { HandshakeType } from '../wire/handshake-type.ts';

/** What can come in during a handshake: its messages by name, and ChangeCipherSpec, which is none of them. */
export type HandshakeInput = keyof typeof HandshakeType | 'changeCipherSpec';

/** All inputs there are. */
export const handshakeInputs: readonly HandshakeInput[] = [
  'helloRequest',
  'clientHello',
  'serverHello',
  'helloVerifyRequest',
  'newSessionTicket',
  'certificate',
  'serverKeyExchange',
  'certificateRequest',
  'serverHelloDone',
  'certificateVerify',
  'clientKeyExchange',
  'finished',
  'changeCipherSpec',
];

/** The states of a server's handshake; it begins with a ClientHello whose cookie was right. */
export type ServerStateName =
  /** Somebody decides whether the peer of the session may still come back. */
  | 'wait-resumption-verdict'
  | 'wait-certificate'
  | 'wait-client-key-exchange'
  /** Somebody looks for the key of the identity. */
  | 'wait-pre-shared-key'
  | 'wait-certificate-verify'
  /** Somebody decides whether the key or certificate is trusted. */
  | 'wait-verification'
  | 'wait-change-cipher-spec'
  | 'wait-finished'
  | 'resumed-wait-change-cipher-spec'
  | 'resumed-wait-finished'
  | 'ended';

/** The states of a client's handshake; it begins with the first ClientHello sent. */
export type ClientStateName =
  | 'wait-server-hello'
  | 'wait-certificate'
  | 'wait-server-key-exchange'
  /** PSK suites: the hint may be left out (RFC 4279 §2). */
  | 'wait-identity-hint-or-done'
  | 'wait-certificate-request'
  | 'wait-server-hello-done'
  | 'wait-verification'
  | 'wait-change-cipher-spec'
  | 'wait-finished'
  | 'resumed-wait-change-cipher-spec'
  | 'resumed-wait-finished'
  | 'ended';

/** The legal inputs of each state; all else is answered with `unexpected_message` or, where said, passed over. */
export type LegalInputs<State extends string> = Readonly<Record<State, readonly HandshakeInput[]>>;

/**
 * What a server takes in each state (RFC 5246 §7.3, RFC 6347 §4.2.4). A client's Certificate and CertificateVerify
 * are mandatory, since a server here always authenticates its peer.
 */
export const serverLegalInputs: LegalInputs<ServerStateName> = {
  'wait-resumption-verdict': [],
  'wait-certificate': ['certificate'],
  'wait-client-key-exchange': ['clientKeyExchange'],
  'wait-pre-shared-key': [],
  'wait-certificate-verify': ['certificateVerify'],
  'wait-verification': [],
  'wait-change-cipher-spec': ['changeCipherSpec'],
  'wait-finished': ['finished'],
  'resumed-wait-change-cipher-spec': ['changeCipherSpec'],
  'resumed-wait-finished': ['finished'],
  ended: [],
};

/** What a client takes in each state. NewSessionTicket is nowhere: no ticket is ever asked for (RFC 5077 §3.2). */
export const clientLegalInputs: LegalInputs<ClientStateName> = {
  'wait-server-hello': ['helloVerifyRequest', 'serverHello'],
  'wait-certificate': ['certificate'],
  'wait-server-key-exchange': ['serverKeyExchange'],
  'wait-identity-hint-or-done': ['serverKeyExchange', 'serverHelloDone'],
  'wait-certificate-request': ['certificateRequest', 'serverHelloDone'],
  'wait-server-hello-done': ['serverHelloDone'],
  'wait-verification': [],
  'wait-change-cipher-spec': ['changeCipherSpec'],
  'wait-finished': ['finished'],
  'resumed-wait-change-cipher-spec': ['changeCipherSpec'],
  'resumed-wait-finished': ['finished'],
  ended: [],
};

/**
 * What a client passes over wherever it is not legal: a HelloRequest during a handshake (RFC 5246 §7.4.1.1), and a
 * HelloVerifyRequest that comes late, which is a duplicate or forged and must not undo a ServerHello.
 */
export const clientPassesOver: readonly HandshakeInput[] = ['helloRequest', 'helloVerifyRequest'];

const namesByType: ReadonlyMap<HandshakeType, HandshakeInput> = new Map(
  handshakeInputs.flatMap((name) => (name === 'changeCipherSpec' ? [] : [[HandshakeType[name], name]])),
);

/** The name of a message type in the tables. */
export function inputOf(type: HandshakeType): HandshakeInput {
  return namesByType.get(type) ?? 'helloRequest';
}

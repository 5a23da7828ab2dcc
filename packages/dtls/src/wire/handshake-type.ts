/** HandshakeType (RFC 5246 §7.4, RFC 6347 §4.3.2, RFC 5077 §3.3). */
export const HandshakeType = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  newSessionTicket: 4,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

/** One of the handshake message types. */
export type HandshakeType = (typeof HandshakeType)[keyof typeof HandshakeType];

const known: ReadonlySet<number> = new Set(Object.values(HandshakeType));

/** True for a message type of DTLS 1.2. */
export function isHandshakeType(type: number): type is HandshakeType {
  return known.has(type);
}

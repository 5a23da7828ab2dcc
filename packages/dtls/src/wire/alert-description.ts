/** AlertDescription: the code points this stack sends or names (RFC 5246 §7.2, RFC 7507, RFC 4279 §6). */
export const AlertDescription = {
  closeNotify: 0,
  unexpectedMessage: 10,
  badRecordMac: 20,
  recordOverflow: 22,
  handshakeFailure: 40,
  badCertificate: 42,
  unsupportedCertificate: 43,
  certificateRevoked: 44,
  certificateExpired: 45,
  certificateUnknown: 46,
  illegalParameter: 47,
  unknownCa: 48,
  accessDenied: 49,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  insufficientSecurity: 71,
  internalError: 80,
  userCanceled: 90,
  noRenegotiation: 100,
  unsupportedExtension: 110,
  unrecognizedName: 112,
  unknownPskIdentity: 115,
} as const;

/** One of the named alert descriptions. */
export type AlertDescription = (typeof AlertDescription)[keyof typeof AlertDescription];

const names = new Map<number, string>(
  Object.entries(AlertDescription).map(([name, code]) => [
    code,
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ]),
);

/** How the RFCs call an alert, with its number: `decrypt_error (51)`; one without a name is `alert 255`. */
export function alertName(description: number): string {
  const name = names.get(description);
  return name === undefined ? `alert ${description}` : `${name} (${description})`;
}

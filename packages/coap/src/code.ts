/** Request methods (RFC 7252 §12.1.1, RFC 8132 §6): class 0. */
export const Method = {
  get: 0x01,
  post: 0x02,
  put: 0x03,
  delete: 0x04,
  fetch: 0x05,
  patch: 0x06,
  ipatch: 0x07,
} as const;
export type Method = (typeof Method)[keyof typeof Method];

/** Response codes (RFC 7252 §12.1.2, RFC 7959 §2.9, RFC 8132 §6, RFC 8516): classes 2, 4 and 5. */
export const ResponseCode = {
  created: 0x41,
  deleted: 0x42,
  valid: 0x43,
  changed: 0x44,
  content: 0x45,
  continue: 0x5f,
  badRequest: 0x80,
  unauthorized: 0x81,
  badOption: 0x82,
  forbidden: 0x83,
  notFound: 0x84,
  methodNotAllowed: 0x85,
  notAcceptable: 0x86,
  requestEntityIncomplete: 0x88,
  conflict: 0x89,
  preconditionFailed: 0x8c,
  requestEntityTooLarge: 0x8d,
  unsupportedContentFormat: 0x8f,
  unprocessableEntity: 0x96,
  tooManyRequests: 0x9d,
  internalServerError: 0xa0,
  notImplemented: 0xa1,
  badGateway: 0xa2,
  serviceUnavailable: 0xa3,
  gatewayTimeout: 0xa4,
  proxyingNotSupported: 0xa5,
  hopLimitReached: 0xa8,
} as const;
/** A response code. Peers may send others of classes 2, 4 and 5: treat them as the x.00 of their class (RFC 7252 §5.9). */
export type ResponseCode = (typeof ResponseCode)[keyof typeof ResponseCode];

/** The dotted form of any code: `2.05`. */
export function formatCode(code: number): string {
  return `${code >> 5}.${String(code & 0x1f).padStart(2, '0')}`;
}

/** The class of any code: 0 request, 2 success, 4 client error, 5 server error. */
export function codeClass(code: number): number {
  return code >> 5;
}

/** How a suite makes its premaster secret: RFC 4279 §2, RFC 5489 §2 and RFC 8422 §2. */
export type KeyExchange = 'psk' | 'ecdhe-psk' | 'ecdhe-ecdsa';

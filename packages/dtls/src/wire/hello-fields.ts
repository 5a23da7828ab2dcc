/** How long the random of a hello is, in bytes; all of them are drawn at random (RFC 5246 §7.4.1.2). */
export const helloRandomLength = 32;

/** The most bytes a session id has (RFC 5246 §7.4.1.2). */
export const maxSessionIdLength = 32;

/** CompressionMethod `null`, the only one there is (RFC 5246 §6.1). */
export const nullCompression = 0;

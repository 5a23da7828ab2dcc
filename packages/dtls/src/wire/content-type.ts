/** ContentType of a record (RFC 5246 §6.2.1); `tls12Cid` is a record with a connection id (RFC 9146 §4). */
export const ContentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
  tls12Cid: 25,
} as const;

/** One of the content types. */
export type ContentType = (typeof ContentType)[keyof typeof ContentType];

/** True for a content type of this stack. */
export function isContentType(type: number): type is ContentType {
  return (type >= 20 && type <= 23) || type === ContentType.tls12Cid;
}

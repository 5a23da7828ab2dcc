import type { BodySource } from '../request.ts';

/** Any body as a source; nothing at all is an empty one. The bytes must not change while it is read. */
export function bodySourceOf(body: Uint8Array | BodySource | undefined): BodySource {
  if (body === undefined) return emptyBody;
  if (!(body instanceof Uint8Array)) return body;
  return { length: body.length, read: (offset, length) => body.subarray(offset, offset + length) };
}

const emptyBody: BodySource = bodySourceOf(new Uint8Array(0));

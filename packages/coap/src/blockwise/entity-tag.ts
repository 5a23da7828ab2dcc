import { createHash } from 'node:crypto';

import type { BodySource } from '../request.ts';

/** RFC 7252 §5.10.6: 1 to 8 bytes. */
const entityTagLength = 8;
/** How much of a source is read at once. */
const chunkLength = 65_536;

/** Sources do not change, so that the tag of a large one is computed once. */
const known = new WeakMap<BodySource, Uint8Array>();

/** An ETag that is equal for equal bodies: the first 8 bytes of their SHA-256. */
export function entityTagOf(body: BodySource): Uint8Array {
  const tag = known.get(body);
  if (tag !== undefined) return tag;
  const hash = createHash('sha256');
  for (let offset = 0; offset < body.length; offset += chunkLength) {
    hash.update(body.read(offset, Math.min(chunkLength, body.length - offset)));
  }
  const computed = Uint8Array.from(hash.digest().subarray(0, entityTagLength));
  known.set(body, computed);
  return computed;
}

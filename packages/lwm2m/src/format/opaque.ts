import type { Content } from '../content.ts';
import type { ObjectDefinition } from '../object-definition.ts';
import { formatPath, type Path } from '../path.ts';
import { type FormatFailure, isFormatFailure, notExpressible } from './format-failure.ts';
import { singleContent, singleValueOf, typeForSingle } from './single-value.ts';

/** Content from raw bytes (Content-Format 42): a Resource of type Opaque with one value only (R-1141). */
export function decodeOpaque(
  path: Path,
  payload: Uint8Array,
  definition: ObjectDefinition | undefined,
): Content | FormatFailure {
  const type = typeForSingle(path, definition, 'opaque');
  if (isFormatFailure(type)) return type;
  if (type !== 'opaque') return notExpressible(`${formatPath(path)} is of type ${type}, not opaque`);
  return singleContent(path, type, new Uint8Array(payload));
}

/** Raw bytes (Content-Format 42) from content of a Resource of type Opaque with one value. */
export function encodeOpaque(path: Path, content: Content): Uint8Array | FormatFailure {
  const single = singleValueOf(path, content);
  if (isFormatFailure(single)) return single;
  if (!(single.value instanceof Uint8Array)) {
    return notExpressible(`${formatPath(path)} is of type ${single.type}, not opaque`);
  }
  return new Uint8Array(single.value);
}

import { ByteWriter } from '@dunlin/base';

import type { PresentationReader } from '../presentation-reader.ts';
import { writeUint16List } from '../vector-writer.ts';

/** NamedCurve: the groups of this stack (RFC 8422 §5.1.1). */
export const NamedGroup = { secp256r1: 23, secp384r1: 24, x25519: 29 } as const;

/** One of the groups of this stack. */
export type NamedGroup = (typeof NamedGroup)[keyof typeof NamedGroup];

/** True for a group of this stack; others in a list are passed over. */
export function isNamedGroup(group: number): group is NamedGroup {
  return group === NamedGroup.secp256r1 || group === NamedGroup.secp384r1 || group === NamedGroup.x25519;
}

/** Writes the groups, most preferred first. */
export function encodeSupportedGroups(groups: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  writeUint16List(writer, groups);
  return writer.toBytes();
}

/** Reads the groups, unknown ones included, at least one. */
export function decodeSupportedGroups(reader: PresentationReader): readonly number[] {
  return reader.uint16List({ lengthBytes: 2, min: 2 });
}

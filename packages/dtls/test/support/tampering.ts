import { concatBytes, noBytes } from '@dunlin/base';

import { ContentType } from '../../src/wire/content-type.ts';
import { decodeHandshakeFragments, encodeHandshakeFragment } from '../../src/wire/handshake-header.ts';
import type { HandshakeType } from '../../src/wire/handshake-type.ts';
import { type DtlsRecord, encodeRecord } from '../../src/wire/record.ts';
import { wellFormed } from './codec.ts';
import type { Pair } from './modes.ts';
import type { Path } from './party.ts';
import { recordsOf } from './raw.ts';

/** How long connection ids are, if there are some, where something is tampered with. */
export const connectionIdLength = 4;

/** A path on which every record of one side is changed, also when it is sent again. */
export function changesRecords(
  pair: Pair,
  from: 'client' | 'server',
  change: (record: DtlsRecord) => DtlsRecord | undefined,
): Path {
  return (flying) => {
    if (flying.from.key !== pair[from].address.key) return [flying];
    const records = recordsOf(flying.datagram, connectionIdLength).map((record) => change(record) ?? record);
    return [{ from: flying.from, to: flying.to, datagram: concatBytes(records.map(encodeRecord)) }];
  };
}

/** The first byte of a handshake message in plaintext, or `undefined` for any other record. */
export function typeOf(record: DtlsRecord): number | undefined {
  return record.epoch === 0 && record.type === ContentType.handshake ? record.fragment[0] : undefined;
}

/** A path on which the body of every message of a type is changed, lengths adjusted; a body of `undefined` stays. */
export function changesMessages(
  pair: Pair,
  from: 'client' | 'server',
  type: HandshakeType,
  change: (body: Uint8Array) => Uint8Array | undefined,
): Path {
  return changesRecords(pair, from, (record) => {
    if (typeOf(record) !== type) return undefined;
    const [whole] = wellFormed(decodeHandshakeFragments(record.fragment));
    const body = change(whole?.fragment ?? noBytes);
    if (whole === undefined || body === undefined) return undefined;
    const fragment = encodeHandshakeFragment({ ...whole, length: body.length, fragment: body });
    return { ...record, fragment };
  });
}

/** The bytes with one of them changed. */
export function flipped(bytes: Uint8Array, index: number, bits = 1): Uint8Array {
  const changed = bytes.slice();
  const at = index < 0 ? bytes.length + index : index;
  changed[at] = (changed[at] ?? 0) ^ bits;
  return changed;
}

import { utf8Decode } from '@dunlin/base';
import { canonicalInteger } from '../integer.ts';
import { isInteger, isObjectLink } from '../value-check.ts';
import type { DataType, Integer, ObjectLink, Value } from '../value.ts';
import type { TlvKind } from './tlv-reader.ts';
import type { TlvWriter } from './tlv-writer.ts';

/** Up to this length, an ASCII text is decoded faster by hand than by the decoder of the platform. */
const shortText = 64;

/**
 * The value of a TLV: the bytes from `start` to `end`, read as the type says (1.0 Appendix C, R-130, R-1115);
 * `undefined` when they are not a value of the type. Opaques are copied, so that no value holds the payload.
 */
export function tlvValueFrom(
  type: DataType,
  bytes: Uint8Array,
  start: number,
  end: number,
): Value | undefined {
  switch (type) {
    case 'string':
    case 'corelnk':
      return textFrom(bytes, start, end);
    case 'integer':
    case 'time':
      return signedFrom(bytes, start, end - start);
    case 'unsigned-integer':
      return unsignedFrom(bytes, start, end - start);
    case 'float':
      return floatFrom(bytes, start, end - start);
    case 'boolean':
      return end - start === 1 ? booleanFrom(bytes[start]) : undefined;
    case 'objlnk':
      return end - start === 4 ? linkFrom(bytes, start) : undefined;
    case 'opaque':
    case 'none':
      return new Uint8Array(bytes.subarray(start, end));
  }
}

/** Writes a value, which must fit its type (`checkValue`), as one TLV. False when it does not fit after all. */
export function writeTlvValue(
  writer: TlvWriter,
  kind: TlvKind,
  id: number,
  type: DataType,
  value: Value,
): boolean {
  switch (type) {
    case 'string':
    case 'corelnk':
      if (typeof value !== 'string') return false;
      writer.text(kind, id, value);
      return true;
    case 'integer':
    case 'time':
      if (!isInteger(value)) return false;
      writer.signed(kind, id, value);
      return true;
    case 'unsigned-integer':
      if (!isInteger(value)) return false;
      writer.unsigned(kind, id, value);
      return true;
    case 'float':
      if (typeof value !== 'number') return false;
      writer.float(kind, id, value);
      return true;
    case 'boolean':
      if (typeof value !== 'boolean') return false;
      writer.boolean(kind, id, value);
      return true;
    case 'objlnk':
      if (!isObjectLink(value)) return false;
      writer.objectLink(kind, id, value.objectId, value.objectInstanceId);
      return true;
    case 'opaque':
      if (!(value instanceof Uint8Array)) return false;
      writer.bytes(kind, id, value);
      return true;
    case 'none':
      return false;
  }
}

function textFrom(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > shortText) return utf8Decode(bytes.subarray(start, end));
  let text = '';
  let index = start;
  // Four characters a step halve the time, for each step makes one string.
  for (; index + 4 <= end; index += 4) {
    const a = uint8(bytes, index);
    const b = uint8(bytes, index + 1);
    const c = uint8(bytes, index + 2);
    const d = uint8(bytes, index + 3);
    if ((a | b | c | d) >= 0x80) return utf8Decode(bytes.subarray(start, end));
    text += String.fromCharCode(a, b, c, d);
  }
  for (; index < end; index += 1) {
    const byte = uint8(bytes, index);
    if (byte >= 0x80) return utf8Decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

function signedFrom(bytes: Uint8Array, start: number, length: number): Integer | undefined {
  switch (length) {
    case 1:
      return (uint8(bytes, start) << 24) >> 24;
    case 2:
      return (uint16(bytes, start) << 16) >> 16;
    case 4:
      return (uint16(bytes, start) << 16) | uint16(bytes, start + 2);
    case 8:
      return canonicalInteger(viewOf(bytes, start, 8).getBigInt64(0));
    default:
      return undefined;
  }
}

function unsignedFrom(bytes: Uint8Array, start: number, length: number): Integer | undefined {
  switch (length) {
    case 1:
      return uint8(bytes, start);
    case 2:
      return uint16(bytes, start);
    case 4:
      return uint16(bytes, start) * 0x1_0000 + uint16(bytes, start + 2);
    case 8:
      return canonicalInteger(viewOf(bytes, start, 8).getBigUint64(0));
    default:
      return undefined;
  }
}

function floatFrom(bytes: Uint8Array, start: number, length: number): number | undefined {
  if (length === 4) return viewOf(bytes, start, 4).getFloat32(0);
  return length === 8 ? viewOf(bytes, start, 8).getFloat64(0) : undefined;
}

function booleanFrom(byte: number | undefined): boolean | undefined {
  return byte === 0 || byte === 1 ? byte === 1 : undefined;
}

function linkFrom(bytes: Uint8Array, start: number): ObjectLink {
  return { objectId: uint16(bytes, start), objectInstanceId: uint16(bytes, start + 2) };
}

function viewOf(bytes: Uint8Array, start: number, length: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + start, length);
}

function uint16(bytes: Uint8Array, start: number): number {
  return (uint8(bytes, start) << 8) | uint8(bytes, start + 1);
}

function uint8(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

import { contentToDocument, type TracePayload } from '@dunlin/api';
import { hexEncode, utf8Decode } from '@dunlin/base';
import {
  codeClass,
  ContentFormat,
  isLinkFormatFailure,
  type Message,
  OptionNumber,
  parseLinkFormat,
} from '@dunlin/coap';
import { canonicalFormat, decodeContent, isFormatFailure, type Path, pathFromSegments } from '@dunlin/lwm2m';

import { definitionFor } from '../http/device-operations.ts';
import type { TraceReading } from './record-to-document.ts';
import type { DatagramRecord } from './trace-record.ts';

const formatNames: Readonly<Record<number, string>> = {
  [ContentFormat.text]: 'text/plain',
  [ContentFormat.linkFormat]: 'application/link-format',
  [ContentFormat.opaque]: 'application/octet-stream',
  50: 'application/json',
  [ContentFormat.cbor]: 'application/cbor',
  [ContentFormat.senmlJson]: 'application/senml+json',
  [ContentFormat.senmlCbor]: 'application/senml+cbor',
  [ContentFormat.tlv]: 'application/vnd.oma.lwm2m+tlv',
  [ContentFormat.json]: 'application/vnd.oma.lwm2m+json',
  [ContentFormat.lwm2mCbor]: 'application/vnd.oma.lwm2m+cbor',
  [ContentFormat.legacyText]: 'text (before registration)',
  [ContentFormat.legacyTlv]: 'TLV (before registration)',
  [ContentFormat.legacyJson]: 'JSON (before registration)',
  [ContentFormat.legacyOpaque]: 'opaque (before registration)',
};

/** What a payload is, in bytes and by its meaning; `undefined` for a message without one. */
export function payloadDocument(
  message: Message,
  { datagram, size, withheld, request }: DatagramRecord,
  reading: TraceReading,
): TracePayload | undefined {
  const contentFormat = message.options.uint(OptionNumber.contentFormat);
  const format = {
    ...(contentFormat === undefined ? {} : { contentFormat }),
    ...nameOf(contentFormat),
  };
  if (withheld !== undefined) return { length: size - datagram.length - 1, ...format, withheld };
  if (message.payloadLength === 0) return undefined;
  const { payload } = message;
  const path = request && targetOf(request.segments, reading);
  return {
    length: payload.length,
    ...format,
    hex: hexEncode(payload),
    ...meaningOf(message, path, reading),
  };
}

type Meaning = Pick<TracePayload, 'content' | 'text' | 'links' | 'problem'>;

function meaningOf(message: Message, path: Path | undefined, reading: TraceReading): Meaning {
  const { payload, options } = message;
  const contentFormat = options.uint(OptionNumber.contentFormat);
  // A response of error without a format carries a text for people (RFC 7252 §5.5.2).
  if (contentFormat === undefined) return codeClass(message.code) >= 4 ? textOf(payload) : {};
  if (isPart(message)) return contentFormat === ContentFormat.text ? textOf(payload) : {};
  if (contentFormat === ContentFormat.linkFormat) return linksOf(payload);
  const canonical = canonicalFormat(contentFormat === 50 ? ContentFormat.json : contentFormat);
  if (canonical === undefined || path === undefined || path.kind === 'root') {
    return canonical === ContentFormat.text || canonical === ContentFormat.json ? textOf(payload) : {};
  }
  const definition = definitionFor(reading.definitions, path.objectId, reading.registration);
  // An Execute and a Create have texts and contents of their own; what cannot be read as content is shown as text.
  const content = decodeContent(canonical, path, payload, definition);
  if (!isFormatFailure(content)) return { content: contentToDocument(path, content, definition) };
  const isText = canonical === ContentFormat.text || canonical === ContentFormat.json;
  return { ...(isText ? textOf(payload) : {}), problem: content.reason };
}

/** True for a block of a body that has several: it cannot be read by itself. */
function isPart({ options }: Message): boolean {
  return [OptionNumber.block1, OptionNumber.block2].some((number) => {
    const value = options.uint(number) ?? 0;
    return value >>> 4 > 0 || (value & 8) !== 0;
  });
}

function linksOf(payload: Uint8Array): Meaning {
  const links = parseLinkFormat(payload);
  if (isLinkFormatFailure(links)) return { ...textOf(payload), problem: links.reason };
  return {
    links: links.map(({ target = '', attributes }) => ({
      target,
      attributes: Object.fromEntries(attributes.map(({ name, value = '' }) => [name, value])),
    })),
  };
}

function textOf(payload: Uint8Array): Meaning {
  const text = utf8Decode(payload);
  return text === undefined ? {} : { text };
}

/** The path that segments name below the root of the device; `undefined` for one that is none of LwM2M. */
function targetOf(segments: readonly string[], { registration }: TraceReading): Path | undefined {
  const root = (registration?.rootPath ?? '/').split('/').filter((segment) => segment !== '');
  const isBelow = root.every((segment, index) => segments[index] === segment);
  return pathFromSegments(isBelow ? segments.slice(root.length) : segments);
}

function nameOf(contentFormat: number | undefined): Pick<TracePayload, 'formatName'> {
  const formatName = contentFormat === undefined ? undefined : formatNames[contentFormat];
  return formatName === undefined ? {} : { formatName };
}

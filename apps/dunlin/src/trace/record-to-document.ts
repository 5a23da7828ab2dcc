import type { TraceBlock, TraceEntry, TraceMalformed, TraceMessage, TraceOption } from '@dunlin/api';
import { hexEncode } from '@dunlin/base';
import {
  decodeBlockOption,
  decodeMessage,
  formatCode,
  type Message,
  MessageType,
  optionDefinition,
  OptionNumber,
} from '@dunlin/coap';
import type { ObjectDefinitions } from '@dunlin/lwm2m';
import { formatHostAndPort } from '@dunlin/node';
import type { Registration } from '@dunlin/server';

import { codeName } from '../http/coap-meaning.ts';
import { instantText } from '../http/device-to-summary.ts';
import { identityText } from '../http/identity-text.ts';
import { payloadDocument } from './payload-document.ts';
import type { DatagramRecord } from './trace-record.ts';
import type { NumberedRecord } from './trace-ring.ts';

/** What the documents of records are made with. */
export interface TraceReading {
  readonly definitions: ObjectDefinitions;
  /** Of the device, for the versions of its Objects and the root of its paths. */
  readonly registration: Registration | undefined;
}

/** The JSON form of what was recorded. */
export function recordToDocument({ id, record }: NumberedRecord, reading: TraceReading): TraceEntry {
  if (record.kind === 'association') {
    const { time, service, facts } = record;
    return { kind: 'dtls', id, time: instantText(time), service, ...facts };
  }
  const { datagram } = record;
  const message = decodeMessage(datagram);
  if (message.kind === 'malformed')
    return {
      kind: 'malformed',
      ...datagramFacts(id, record),
      reason: message.reason,
      hex: hexEncode(datagram),
    };
  return { kind: 'message', ...datagramFacts(id, record), ...messageFacts(message, record, reading) };
}

function datagramFacts(id: number, record: DatagramRecord): Omit<TraceMalformed, 'kind' | 'reason' | 'hex'> {
  const { time, direction, peer, local, service, size } = record;
  const identity = identityText(peer.security);
  return {
    id,
    time: instantText(time),
    direction,
    address: peer.transport === 'sms' ? peer.address : formatHostAndPort(peer.address, peer.port),
    local,
    service,
    transport: peer.transport,
    security: peer.security.kind,
    ...(identity === undefined ? {} : { identity }),
    size,
  };
}

const typeNames = {
  [MessageType.confirmable]: 'CON',
  [MessageType.nonConfirmable]: 'NON',
  [MessageType.acknowledgement]: 'ACK',
  [MessageType.reset]: 'RST',
} as const;

type MessageFacts = Omit<TraceMessage, 'kind' | keyof ReturnType<typeof datagramFacts>>;

function messageFacts(message: Message, record: DatagramRecord, reading: TraceReading): MessageFacts {
  const { options } = message;
  const observe = options.uint(OptionNumber.observe);
  const block1 = blockOf(message, OptionNumber.block1);
  const block2 = blockOf(message, OptionNumber.block2);
  const code = formatCode(message.code);
  const payload = payloadDocument(message, record, reading);
  return {
    type: typeNames[message.type],
    code,
    codeName: codeName(code),
    messageId: message.messageId,
    token: hexEncode(message.token),
    options: optionDocuments(message),
    ...(record.request === undefined ? {} : { path: `/${record.request.segments.join('/')}` }),
    isRepeated: record.isRepeated,
    ...(observe === undefined ? {} : { observe }),
    ...(block1 === undefined ? {} : { block1 }),
    ...(block2 === undefined ? {} : { block2 }),
    ...(payload === undefined ? {} : { payload }),
  };
}

function optionDocuments({ options }: Message): readonly TraceOption[] {
  return Array.from({ length: options.size }, (_, index) => {
    const number = options.numberAt(index);
    const definition = optionDefinition(number);
    return {
      number,
      ...(definition === undefined ? {} : { name: definition.name }),
      value: optionValue(options, index, definition?.format),
    };
  });
}

function optionValue(
  options: Message['options'],
  index: number,
  format: NonNullable<ReturnType<typeof optionDefinition>>['format'] | undefined,
): string | number {
  const hex = (): string => hexEncode(options.bytesAt(index));
  switch (format) {
    case 'uint':
      return options.lengthAt(index) <= 6 ? options.uintAt(index) : hex();
    case 'string':
      return options.textAt(index) ?? hex();
    case 'empty':
    case 'opaque':
    case undefined:
      return hex();
  }
}

function blockOf({ options }: Message, number: number): TraceBlock | undefined {
  const value = options.uint(number);
  const block = value === undefined ? undefined : decodeBlockOption(value);
  return block && { number: block.num, isMore: block.hasMore, size: block.size };
}

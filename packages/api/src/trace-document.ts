import { Type } from 'typebox';

import { type ContentDocument, ContentDocumentSchema } from './content-document.ts';
import { type SecurityKind, securityKinds } from './device-summary.ts';
import { type Schema, schemaOf } from './schema.ts';

/** An option of a CoAP message. */
export interface TraceOption {
  readonly number: number;
  /** Its name in the registry, such as `Uri-Path`; absent for one that is not known. */
  readonly name?: string;
  /** Texts and numbers as they are, bytes as hexadecimal digits, nothing as an empty text. */
  readonly value: string | number;
}

/** A Block1 or Block2 option (RFC 7959 §2.2). */
export interface TraceBlock {
  readonly number: number;
  /** True when more blocks follow. */
  readonly isMore: boolean;
  /** Bytes of a block. */
  readonly size: number;
}

/** A link of a payload in the CoRE link format. */
export interface TraceLink {
  readonly target: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The payload of a CoAP message. */
export interface TracePayload {
  readonly length: number;
  /** The number of the Content-Format option, if there is one. */
  readonly contentFormat?: number;
  /** What that format is called. */
  readonly formatName?: string;
  /** The bytes as hexadecimal digits; absent when they are withheld. */
  readonly hex?: string;
  /** Why the bytes are not shown: they may hold keys, or nobody knows what they answer. */
  readonly withheld?: 'security-material' | 'unknown-request';
  /** What the bytes mean; of a part of a body nothing but text. */
  readonly content?: ContentDocument;
  readonly text?: string;
  readonly links?: readonly TraceLink[];
  /** Why they could not be read. */
  readonly problem?: string;
}

interface TraceFacts {
  /** Ascending within a device, without holes. */
  readonly id: number;
  /** RFC 3339, in UTC. */
  readonly time: string;
  /** Where the device is: `192.0.2.7:40123`. */
  readonly address: string;
  /** Which of the two servers it is about. */
  readonly service: 'management' | 'bootstrap';
}

interface TracedDatagram extends TraceFacts {
  /** `in` from the device, `out` to it. */
  readonly direction: 'in' | 'out';
  /** The address of the server that it came to or went from: `coaps://0.0.0.0:5684`. */
  readonly local: string;
  readonly transport: 'udp' | 'tcp' | 'sms';
  readonly security: SecurityKind;
  /** As in `DeviceSummary`. */
  readonly identity?: string;
  /** Bytes of the CoAP message, without DTLS. */
  readonly size: number;
}

/** A CoAP message. */
export interface TraceMessage extends TracedDatagram {
  readonly kind: 'message';
  readonly type: 'CON' | 'NON' | 'ACK' | 'RST';
  /** Such as `0.01` or `2.05`. */
  readonly code: string;
  /** What that code is called: `GET`, `Content`, `Empty`. */
  readonly codeName: string;
  readonly messageId: number;
  /** Hexadecimal digits; empty for none. */
  readonly token: string;
  readonly options: readonly TraceOption[];
  /** What a request is for, or what a response answers where that is known: `/3/0/0`, `/rd`. */
  readonly path?: string;
  /** Sent or received before: a retransmission of its sender (RFC 7252 §4.2), or the same answer to one. */
  readonly isRepeated: boolean;
  /** The Observe option of a request or a notification (RFC 7641 §2). */
  readonly observe?: number;
  readonly block1?: TraceBlock;
  readonly block2?: TraceBlock;
  readonly payload?: TracePayload;
}

/** A datagram that is no CoAP message. */
export interface TraceMalformed extends TracedDatagram {
  readonly kind: 'malformed';
  /** Which rule it breaks. */
  readonly reason: string;
  readonly hex: string;
}

/** What happened to the secure association of a device. */
export interface TraceAssociation extends TraceFacts {
  readonly kind: 'dtls';
  /** `claimed`: in a handshake that has begun the device said who it is; nothing is proved yet. */
  readonly event: 'claimed' | 'established' | 'failed' | 'closed' | 'address-changed';
  readonly security?: SecurityKind;
  readonly identity?: string;
  /** Of one that is established. */
  readonly suite?: string;
  readonly isResumed?: boolean;
  /** Why it failed or was closed. */
  readonly reason?: string;
  /** The number of the alert that was sent or received (RFC 5246 §7.2). */
  readonly alert?: number;
}

/** Something that a trace shows: a message, or what became of an association. */
export type TraceEntry = TraceMessage | TraceMalformed | TraceAssociation;

/** What was recorded of a device. */
export interface TracePage {
  readonly endpoint: string;
  /** True while messages are recorded: somebody watches, or it was switched on. */
  readonly isRecording: boolean;
  /** Until when it is switched on, if it is. */
  readonly recordingUntil: string | null;
  /** The oldest first. */
  readonly entries: readonly TraceEntry[];
  /** How many entries between `after` and the first one here there was no room for. */
  readonly lost: number;
  /** What to give as `after` for what comes later. */
  readonly next: number;
}

/** Which part of a trace to give. */
export interface TraceQuery {
  readonly after?: number;
  readonly limit?: number;
  /** Seconds to wait for something to come after `after`; the trace is recorded meanwhile, and a minute longer. */
  readonly wait?: number;
}

/** Switches recording on, for so many seconds. */
export interface TraceSwitch {
  readonly seconds: number;
}

const closed = { additionalProperties: false };
const security = Type.Enum([...securityKinds]);
const facts = {
  id: Type.Integer(),
  time: Type.String({ format: 'date-time' }),
  address: Type.String(),
  service: Type.Unsafe<'management' | 'bootstrap'>(Type.Enum(['management', 'bootstrap'])),
};
const datagram = {
  ...facts,
  direction: Type.Unsafe<'in' | 'out'>(Type.Enum(['in', 'out'])),
  local: Type.String(),
  transport: Type.Unsafe<'udp' | 'tcp' | 'sms'>(Type.Enum(['udp', 'tcp', 'sms'])),
  security,
  identity: Type.Optional(Type.String()),
  size: Type.Integer(),
};
const block = Type.Optional(
  Type.Object({ number: Type.Integer(), isMore: Type.Boolean(), size: Type.Integer() }, closed),
);
const payload = Type.Object(
  {
    length: Type.Integer(),
    contentFormat: Type.Optional(Type.Integer()),
    formatName: Type.Optional(Type.String()),
    hex: Type.Optional(Type.String()),
    withheld: Type.Optional(
      Type.Unsafe<'security-material' | 'unknown-request'>(
        Type.Enum(['security-material', 'unknown-request']),
      ),
    ),
    content: Type.Optional(ContentDocumentSchema),
    text: Type.Optional(Type.String()),
    links: Type.Optional(
      Type.Array(
        Type.Object({ target: Type.String(), attributes: Type.Record(Type.String(), Type.String()) }, closed),
      ),
    ),
    problem: Type.Optional(Type.String()),
  },
  closed,
);

export const TraceEntrySchema: Schema<TraceEntry> = schemaOf<TraceEntry>()(
  Type.Union([
    Type.Object(
      {
        kind: Type.Literal('message'),
        ...datagram,
        type: Type.Unsafe<TraceMessage['type']>(Type.Enum(['CON', 'NON', 'ACK', 'RST'])),
        code: Type.String(),
        codeName: Type.String(),
        messageId: Type.Integer(),
        token: Type.String(),
        options: Type.Array(
          Type.Object(
            {
              number: Type.Integer(),
              name: Type.Optional(Type.String()),
              value: Type.Union([Type.String(), Type.Number()]),
            },
            closed,
          ),
        ),
        path: Type.Optional(Type.String()),
        isRepeated: Type.Boolean(),
        observe: Type.Optional(Type.Integer()),
        block1: block,
        block2: block,
        payload: Type.Optional(payload),
      },
      closed,
    ),
    Type.Object(
      { kind: Type.Literal('malformed'), ...datagram, reason: Type.String(), hex: Type.String() },
      closed,
    ),
    Type.Object(
      {
        kind: Type.Literal('dtls'),
        ...facts,
        event: Type.Unsafe<TraceAssociation['event']>(
          Type.Enum(['claimed', 'established', 'failed', 'closed', 'address-changed']),
        ),
        security: Type.Optional(security),
        identity: Type.Optional(Type.String()),
        suite: Type.Optional(Type.String()),
        isResumed: Type.Optional(Type.Boolean()),
        reason: Type.Optional(Type.String()),
        alert: Type.Optional(Type.Integer()),
      },
      closed,
    ),
  ]),
);

export const TracePageSchema: Schema<TracePage> = schemaOf<TracePage>()(
  Type.Object(
    {
      endpoint: Type.String(),
      isRecording: Type.Boolean(),
      recordingUntil: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
      entries: Type.Array(TraceEntrySchema),
      lost: Type.Integer(),
      next: Type.Integer(),
    },
    closed,
  ),
);

export const TraceQuerySchema: Schema<TraceQuery> = schemaOf<TraceQuery>()(
  Type.Object(
    {
      after: Type.Optional(Type.Integer({ minimum: 0, description: 'Only entries with a higher id.' })),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 2000, description: 'At most so many. Default 500.' }),
      ),
      wait: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 60,
          description:
            'Seconds to wait for something new; the trace is recorded meanwhile, and a minute longer.',
        }),
      ),
    },
    closed,
  ),
);

export const TraceSwitchSchema: Schema<TraceSwitch> = schemaOf<TraceSwitch>()(
  Type.Object(
    {
      seconds: Type.Number({
        minimum: 1,
        maximum: 86_400,
        description: 'For how long it is recorded although nobody watches.',
      }),
    },
    closed,
  ),
);

import { Type } from 'typebox';

import {
  type BootstrapFailureDocument,
  BootstrapFailureSchema,
  type BootstrapStepDocument,
  BootstrapStepSchema,
} from './bootstrap-session-document.ts';
import { type ContentDocument, ContentDocumentSchema } from './content-document.ts';
import {
  type DeviceSummary,
  DeviceSummarySchema,
  type SecurityKind,
  securityKinds,
} from './device-summary.ts';
import { type FirmwareUpdateDocument, FirmwareUpdateSchema } from './firmware-update-document.ts';
import { type OperationDocument, OperationDocumentSchema } from './operation-document.ts';
import { type Schema, schemaOf } from './schema.ts';

/** A value of the past that came with a notification. */
export interface HistoricContent {
  /** When it was measured: RFC 3339, in UTC. */
  readonly measuredAt: string;
  readonly content: ContentDocument;
}

interface EventFacts {
  /** When the server took note of it: RFC 3339, in UTC. */
  readonly time: string;
}

/**
 * What happened. `reset` is sent when events between the last one a reader had and now are lost: what the
 * reader knows may be out of date, and it should list the devices again.
 */
export type ServerEvent =
  | (EventFacts & {
      readonly type: 'registered';
      readonly endpoint: string;
      readonly device: DeviceSummary;
      /** True when the device was registered before, and this registration took that one's place. */
      readonly replaced: boolean;
    })
  | (EventFacts & { readonly type: 'updated'; readonly endpoint: string; readonly device: DeviceSummary })
  | (EventFacts & {
      readonly type: 'deregistered';
      readonly endpoint: string;
      readonly registrationId: string;
    })
  | (EventFacts & { readonly type: 'expired'; readonly endpoint: string; readonly registrationId: string })
  | (EventFacts & {
      readonly type: 'notification';
      readonly endpoint: string;
      readonly path: string;
      /** False when a newer notification of the same observation arrived before this one (RFC 7641 §3.4). */
      readonly isFresh: boolean;
      /** The newest content, and when it was measured if the device said so. */
      readonly content: ContentDocument;
      readonly measuredAt?: string;
      /** Older contents, newest first. */
      readonly history?: readonly HistoricContent[];
    })
  | (EventFacts & {
      readonly type: 'observation-ended';
      readonly endpoint: string;
      readonly path: string;
      readonly reason: string;
      /** Of the error with which the device ended it: `4.04`. */
      readonly coapCode?: string;
    })
  | (EventFacts & {
      /** It was accepted, is sent now, or is over. */
      readonly type: 'operation-queued' | 'operation-sent' | 'operation-finished';
      readonly endpoint: string;
      readonly operation: OperationDocument;
    })
  /** A request of a device was refused: the answer was `coapCode`, and why. */
  | (EventFacts & {
      readonly type: 'refused';
      /** When it is known. */
      readonly endpoint?: string;
      readonly operation: 'register' | 'update' | 'deregister' | 'bootstrap' | 'other';
      readonly address: string;
      readonly security: SecurityKind;
      /** As in `DeviceSummary`. */
      readonly identity?: string;
      /** Like `4.03`. */
      readonly coapCode: string;
      readonly reason: string;
    })
  /** A bootstrap of a device began. */
  | (EventFacts & {
      readonly type: 'bootstrap-started';
      readonly endpoint: string;
      readonly session: string;
      readonly initiatedBy: 'client' | 'server';
      readonly address: string;
      readonly security: SecurityKind;
    })
  /** A device answered an operation of its bootstrap. */
  | (EventFacts & {
      readonly type: 'bootstrap-step';
      readonly endpoint: string;
      readonly session: string;
      readonly step: BootstrapStepDocument;
    })
  | (EventFacts & {
      readonly type: 'bootstrap-finished';
      readonly endpoint: string;
      readonly session: string;
    })
  /** The device has what it had before. */
  | (EventFacts & {
      readonly type: 'bootstrap-failed';
      readonly endpoint: string;
      readonly session: string;
      readonly failure: BootstrapFailureDocument;
    })
  /** An update of firmware came on. `update` has no log. */
  | (EventFacts & {
      readonly type: 'firmware-progress';
      readonly endpoint: string;
      readonly update: FirmwareUpdateDocument;
    })
  /** An update of firmware is over, in one way or another. */
  | (EventFacts & {
      readonly type: 'firmware-finished';
      readonly endpoint: string;
      readonly update: FirmwareUpdateDocument;
    })
  /** A device could not secure an association; nothing of what it claimed is proved. */
  | (EventFacts & {
      readonly type: 'handshake-failed';
      /** Whose credential it claimed to have, when somebody has it. */
      readonly endpoint?: string;
      readonly address: string;
      /** What it claimed, when it came to that. */
      readonly security?: SecurityKind;
      readonly identity?: string;
      readonly reason: string;
    })
  | (EventFacts & { readonly type: 'reset' });

/** What kind of thing happened. */
export type ServerEventType = ServerEvent['type'];

const time = Type.String({ format: 'date-time' });
const security = Type.Enum([...securityKinds]);
const of = { time, endpoint: Type.String() };
const closed = { additionalProperties: false };

export const ServerEventSchema: Schema<ServerEvent> = schemaOf<ServerEvent>()(
  Type.Union([
    Type.Object(
      { type: Type.Literal('registered'), ...of, device: DeviceSummarySchema, replaced: Type.Boolean() },
      closed,
    ),
    Type.Object({ type: Type.Literal('updated'), ...of, device: DeviceSummarySchema }, closed),
    Type.Object({ type: Type.Literal('deregistered'), ...of, registrationId: Type.String() }, closed),
    Type.Object({ type: Type.Literal('expired'), ...of, registrationId: Type.String() }, closed),
    Type.Object(
      {
        type: Type.Literal('notification'),
        ...of,
        path: Type.String(),
        isFresh: Type.Boolean(),
        content: ContentDocumentSchema,
        measuredAt: Type.Optional(time),
        history: Type.Optional(
          Type.Array(Type.Object({ measuredAt: time, content: ContentDocumentSchema }, closed)),
        ),
      },
      closed,
    ),
    Type.Object(
      {
        type: Type.Literal('observation-ended'),
        ...of,
        path: Type.String(),
        reason: Type.String(),
        coapCode: Type.Optional(Type.String()),
      },
      closed,
    ),
    Type.Object(
      {
        type: Type.Enum(['operation-queued', 'operation-sent', 'operation-finished']),
        ...of,
        operation: OperationDocumentSchema,
      },
      closed,
    ),
    Type.Object(
      {
        type: Type.Enum(['firmware-progress', 'firmware-finished']),
        ...of,
        update: FirmwareUpdateSchema,
      },
      closed,
    ),
    Type.Object(
      {
        type: Type.Literal('refused'),
        time,
        endpoint: Type.Optional(Type.String()),
        operation: Type.Enum(['register', 'update', 'deregister', 'bootstrap', 'other']),
        address: Type.String(),
        security,
        identity: Type.Optional(Type.String()),
        coapCode: Type.String(),
        reason: Type.String(),
      },
      closed,
    ),
    Type.Object(
      {
        type: Type.Literal('bootstrap-started'),
        ...of,
        session: Type.String(),
        initiatedBy: Type.Unsafe<'client' | 'server'>(Type.Enum(['client', 'server'])),
        address: Type.String(),
        security,
      },
      closed,
    ),
    Type.Object(
      { type: Type.Literal('bootstrap-step'), ...of, session: Type.String(), step: BootstrapStepSchema },
      closed,
    ),
    Type.Object({ type: Type.Literal('bootstrap-finished'), ...of, session: Type.String() }, closed),
    Type.Object(
      {
        type: Type.Literal('bootstrap-failed'),
        ...of,
        session: Type.String(),
        failure: BootstrapFailureSchema,
      },
      closed,
    ),
    Type.Object(
      {
        type: Type.Literal('handshake-failed'),
        time,
        endpoint: Type.Optional(Type.String()),
        address: Type.String(),
        security: Type.Optional(security),
        identity: Type.Optional(Type.String()),
        reason: Type.String(),
      },
      closed,
    ),
    Type.Object({ type: Type.Literal('reset'), time }, closed),
  ]),
);

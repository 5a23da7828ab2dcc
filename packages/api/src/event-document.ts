import { Type } from 'typebox';

import { type ContentDocument, ContentDocumentSchema } from './content-document.ts';
import { type DeviceSummary, DeviceSummarySchema } from './device-summary.ts';
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
    })
  | (EventFacts & { readonly type: 'reset' });

export type ServerEventType = ServerEvent['type'];

const time = Type.String({ format: 'date-time' });
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
      { type: Type.Literal('observation-ended'), ...of, path: Type.String(), reason: Type.String() },
      closed,
    ),
    Type.Object({ type: Type.Literal('reset'), time }, closed),
  ]),
);

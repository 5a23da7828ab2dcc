import { Type } from 'typebox';

import { type BootstrapTargetDocument, BootstrapTargetSchema } from './bootstrap-document.ts';
import { containsSchema } from './contains.ts';
import { maxEndpointNameLength, type SecurityKind, securityKinds } from './device-summary.ts';
import { type Schema, schemaOf } from './schema.ts';

/** The operations of a bootstrap (1.0 §5.2.7). */
const bootstrapOperationNames = ['request', 'discover', 'delete', 'write', 'finish'] as const;

/** A step of a bootstrap. */
export type BootstrapOperationWord = (typeof bootstrapOperationNames)[number];

/** One message of a session and what came of it; what was written is never shown. Times are RFC 3339, in UTC. */
export interface BootstrapStepDocument {
  readonly operation: BootstrapOperationWord;
  /** Such as `/0/1`. */
  readonly path?: string;
  /** `tlv`, `json`, `text` or `opaque`. */
  readonly format?: string;
  /** Bytes that were written. */
  readonly length?: number;
  readonly startedAt: string;
  /** Absent while none has come. */
  readonly answer?: {
    readonly at: string;
    readonly coapCode: string;
    /** Of a refusal. */
    readonly coapMeaning?: string;
    readonly diagnostic?: string;
  };
}

/** Why a session failed; see the guide to bootstrap. */
const bootstrapFailureKinds = [
  'refused',
  'no-answer',
  'rejected',
  'misbehaved',
  'superseded',
  'timed-out',
  'association-ended',
  'closed',
] as const;

/** Why a bootstrap did not come to its end. */
export interface BootstrapFailureDocument {
  readonly kind: (typeof bootstrapFailureKinds)[number];
  readonly reason: string;
}

/** A bootstrap of a device. */
export interface BootstrapSessionDocument {
  readonly id: string;
  readonly endpoint: string;
  readonly initiatedBy: 'client' | 'server';
  /** Such as `192.0.2.7:40123`. */
  readonly address: string;
  readonly security: SecurityKind;
  /** Whose configuration it is given. */
  readonly target: BootstrapTargetDocument;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly outcome: 'running' | 'finished' | 'failed';
  /** When it failed: the device has what it had before. */
  readonly failure?: BootstrapFailureDocument;
  readonly steps: readonly BootstrapStepDocument[];
}

/** Sessions, the newest first. */
export interface BootstrapSessionList {
  readonly sessions: readonly BootstrapSessionDocument[];
  /** What to give as `before` for the older ones; `null` when there are none. */
  readonly next: string | null;
}

/** Which sessions to list. */
export interface BootstrapSessionQuery {
  /** Only those of this endpoint. */
  readonly endpoint?: string;
  /** Only those whose endpoint name has this in it, whatever the case of letters. */
  readonly contains?: string;
  /** Only those that ended so, or are under way. */
  readonly outcome?: BootstrapSessionDocument['outcome'];
  /** Only those that began before the one with this id: the last of the page before. */
  readonly before?: string;
  /** 1 to 1000. Default 100. */
  readonly limit?: number;
}

/** The body of beginning a session with a device that waits for it. */
export interface BootstrapStartInput {
  readonly endpoint: string;
  /** Where it waits: `coap://host:port`. Default: where it came from when it last asked. */
  readonly uri?: string;
}

const closed = { additionalProperties: false };
const instant = Type.String({ format: 'date-time' });
const endpoint = Type.String({ minLength: 1, maxLength: maxEndpointNameLength });

export const BootstrapStepSchema: Schema<BootstrapStepDocument> = schemaOf<BootstrapStepDocument>()(
  Type.Object(
    {
      operation: Type.Unsafe<BootstrapOperationWord>(Type.Enum([...bootstrapOperationNames])),
      path: Type.Optional(Type.String()),
      format: Type.Optional(Type.String()),
      length: Type.Optional(Type.Integer()),
      startedAt: instant,
      answer: Type.Optional(
        Type.Object(
          {
            at: instant,
            coapCode: Type.String(),
            coapMeaning: Type.Optional(Type.String()),
            diagnostic: Type.Optional(Type.String()),
          },
          closed,
        ),
      ),
    },
    closed,
  ),
);

export const BootstrapFailureSchema: Schema<BootstrapFailureDocument> = schemaOf<BootstrapFailureDocument>()(
  Type.Object(
    {
      kind: Type.Unsafe<BootstrapFailureDocument['kind']>(Type.Enum([...bootstrapFailureKinds])),
      reason: Type.String(),
    },
    closed,
  ),
);

export const BootstrapSessionSchema: Schema<BootstrapSessionDocument> = schemaOf<BootstrapSessionDocument>()(
  Type.Object(
    {
      id: Type.String(),
      endpoint: Type.String(),
      initiatedBy: Type.Unsafe<'client' | 'server'>(Type.Enum(['client', 'server'])),
      address: Type.String(),
      security: Type.Unsafe<SecurityKind>(Type.Enum([...securityKinds])),
      target: BootstrapTargetSchema,
      startedAt: instant,
      endedAt: Type.Optional(instant),
      outcome: Type.Unsafe<BootstrapSessionDocument['outcome']>(Type.Enum(['running', 'finished', 'failed'])),
      failure: Type.Optional(BootstrapFailureSchema),
      steps: Type.Array(BootstrapStepSchema),
    },
    closed,
  ),
);

export const BootstrapSessionListSchema: Schema<BootstrapSessionList> = schemaOf<BootstrapSessionList>()(
  Type.Object(
    {
      sessions: Type.Array(BootstrapSessionSchema),
      next: Type.Union([Type.String(), Type.Null()], {
        description: 'Give it as "before" for the older ones; null when there are none.',
      }),
    },
    closed,
  ),
);

export const BootstrapSessionQuerySchema: Schema<BootstrapSessionQuery> = schemaOf<BootstrapSessionQuery>()(
  Type.Object(
    {
      endpoint: Type.Optional(endpoint),
      contains: Type.Optional(containsSchema),
      outcome: Type.Optional(
        Type.Unsafe<BootstrapSessionDocument['outcome']>(Type.Enum(['running', 'finished', 'failed'])),
      ),
      before: Type.Optional(
        Type.String({ maxLength: 64, description: 'Only those that began before the one with this id.' }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);

export const BootstrapStartInputSchema: Schema<BootstrapStartInput> = schemaOf<BootstrapStartInput>()(
  Type.Object(
    {
      endpoint,
      uri: Type.Optional(
        Type.String({ minLength: 1, maxLength: 512, description: 'Where it waits: coap://host:port.' }),
      ),
    },
    closed,
  ),
);

import { Type } from 'typebox';

import { type ApiErrorWord, apiErrorWords } from './error-document.ts';
import { type Schema, schemaOf } from './schema.ts';

/** Who did something: a user in a browser, a program with a token, the server itself, or who did not prove who it is. */
export const auditActorKinds = ['user', 'token', 'server', 'unknown'] as const;
export type AuditActorKind = (typeof auditActorKinds)[number];

/** How it went: it was done (or accepted), not allowed, or it failed. */
export const auditOutcomes = ['done', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** Something that somebody did, or was not allowed to do. */
export interface AuditEntryDocument {
  /** Counts up. */
  readonly id: number;
  readonly time: string;
  readonly actorKind: AuditActorKind;
  /** The name of the user or of the token; `null` for nobody that is known. */
  readonly actor: string | null;
  /** The address it was asked from; `null` when the server did it by itself. */
  readonly from: string | null;
  /** The name of the operation in OpenAPI, such as `execute` or `addUser`. */
  readonly action: string;
  readonly endpoint: string | null;
  /** The path on the device, such as `/3/0/4`. */
  readonly path: string | null;
  /** The user, token, session, credential, image … that it was about. */
  readonly subject: string | null;
  readonly outcome: AuditOutcome;
  /** The HTTP status of the answer; `null` when the server did it by itself. */
  readonly status: number | null;
  /** The word of the error, if it was one. */
  readonly error: ApiErrorWord | null;
}

/** One page of entries, the newest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntryDocument[];
  /** Give it as `after` for the next page, which is older; `null` on the last. */
  readonly next: string | null;
}

export interface AuditQuery {
  /** Only what this user or token did. */
  readonly actor?: string;
  /** Only this operation. */
  readonly action?: string;
  /** Only what was about this device. */
  readonly endpoint?: string;
  readonly outcome?: AuditOutcome;
  /** Only from this time on. */
  readonly since?: string;
  /** Only before this time. */
  readonly until?: string;
  /** The `next` of the page before. */
  readonly after?: string;
  /** Entries a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

const closed = { additionalProperties: false };
const instant = Type.String({ format: 'date-time' });
const optionalText = Type.Union([Type.String(), Type.Null()]);

export const AuditEntrySchema: Schema<AuditEntryDocument> = schemaOf<AuditEntryDocument>()(
  Type.Object(
    {
      id: Type.Integer(),
      time: instant,
      actorKind: Type.Enum([...auditActorKinds]),
      actor: optionalText,
      from: optionalText,
      action: Type.String(),
      endpoint: optionalText,
      path: optionalText,
      subject: optionalText,
      outcome: Type.Enum([...auditOutcomes]),
      status: Type.Union([Type.Integer(), Type.Null()]),
      error: Type.Union([Type.Enum([...apiErrorWords]), Type.Null()]),
    },
    closed,
  ),
);

export const AuditPageSchema: Schema<AuditPage> = schemaOf<AuditPage>()(
  Type.Object(
    { entries: Type.Array(AuditEntrySchema), next: Type.Union([Type.String(), Type.Null()]) },
    closed,
  ),
);

const text = Type.String({ minLength: 1, maxLength: 1024 });

export const AuditQuerySchema: Schema<AuditQuery> = schemaOf<AuditQuery>()(
  Type.Object(
    {
      actor: Type.Optional(text),
      action: Type.Optional(text),
      endpoint: Type.Optional(text),
      outcome: Type.Optional(Type.Enum([...auditOutcomes])),
      since: Type.Optional(instant),
      until: Type.Optional(instant),
      after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);

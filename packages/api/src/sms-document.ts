import { Type } from 'typebox';

import { containsSchema } from './contains.ts';
import { maxEndpointNameLength } from './device-summary.ts';
import { type Schema, schemaOf } from './schema.ts';

/** How much of a budget of short messages is left. Each part of a concatenated one counts; a day is any 24 hours. */
export interface SmsBudgetDocument {
  /** `day` and `answers-day` are for all numbers, `device-day` and `answers-device-day` for one. */
  readonly budget: string;
  readonly limit: number;
  readonly left: number;
}

/** How short messages are at the server. */
export interface SmsStatusDocument {
  /** Our number. */
  readonly number: string;
  /** Whether short messages can be sent and received now. */
  readonly isUp: boolean;
  /** Why they cannot; `null` while they can, and while the account is being tried. */
  readonly reason: string | null;
  /** When the account or the modem is tried again; `null` where no wait is going on. */
  readonly retryAt: string | null;
  /** The message centre does not know the account as it is: somebody has to look at the settings. */
  readonly isMisconfigured: boolean;
  /** What goes without DTLS: `nothing`, `triggers` or `everything`. */
  readonly unprotected: string;
  readonly budgets: readonly SmsBudgetDocument[];
}

/** A datagram that was sent as short messages, or was to be. */
export interface SmsOutboxEntryDocument {
  readonly id: number;
  readonly to: string;
  /** The endpoint for which the number is provisioned; `null` when it is for none. */
  readonly endpoint: string | null;
  /** `request`, `trigger`, `response`, `notification` or `handshake`. */
  readonly purpose: string;
  /** Short messages that it takes. */
  readonly parts: number;
  /** Short messages that are paid for, or may be. */
  readonly spent: number;
  /** `queued`, `submitting`, `submitted`, `delivered`, `failed`, `expired` or `unknown`. */
  readonly state: string;
  readonly queuedAt: string;
  readonly changedAt: string;
  /** Why it failed; `null` when it did not, or nobody knows. */
  readonly reason: string | null;
}

/** What is on its way and what was lately, the newest first. */
export interface SmsOutboxDocument {
  readonly entries: readonly SmsOutboxEntryDocument[];
  /** What to give as `after` for the older ones; `null` when there are none. */
  readonly next: number | null;
}

/** Which entries of the outbox to list. */
export interface SmsOutboxQuery {
  /** Only those whose endpoint name or number has this in it, whatever the case of letters. */
  readonly contains?: string;
  /** Begin after the page that gave this as `next`. */
  readonly after?: number;
  /** Entries a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

/** The telephone number that somebody entered for a device. */
export interface SmsNumberDocument {
  readonly endpoint: string;
  readonly number: string;
  readonly provisionedAt: string;
}

/** One page of the provisioned numbers, by endpoint name. */
export interface SmsNumbersDocument {
  readonly numbers: readonly SmsNumberDocument[];
  /** What to give as `after` for the next page; `null` on the last. */
  readonly next: string | null;
}

/** Which numbers to list. */
export interface SmsNumbersQuery {
  /** Only those whose endpoint name or number has this in it, whatever the case of letters. */
  readonly contains?: string;
  /** Begin after this endpoint name. */
  readonly after?: string;
  /** Numbers a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

/** The number of a device. */
export interface SmsNumberInput {
  /** 3 to 15 digits with country code, without "+". */
  readonly number: string;
}

/** How a registered device is reached by short messages. */
export interface DeviceSmsDocument {
  /** The number that short messages go to; `null` when they go to none, for the reason beside it. */
  readonly number: string | null;
  readonly reason: string | null;
  /** What is left for that number. */
  readonly budgets: readonly SmsBudgetDocument[];
  /** Short messages that a datagram of so many bytes would take, where that was asked. */
  readonly parts: number | null;
}

/** What became of a short message that is to wake a device. */
export interface WakeDocument {
  readonly endpoint: string;
  /** The device answered, or sent an Update; false while it has done neither. */
  readonly isAnswered: boolean;
  /** What the outbox says of the short message; `null` when it is not in there any more. */
  readonly message: SmsOutboxEntryDocument | null;
}

const closed = { additionalProperties: false };
const count = Type.Integer({ minimum: 0 });
const instant = Type.String({ format: 'date-time' });
const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);
const endpoint = Type.String({ minLength: 1, maxLength: maxEndpointNameLength });
const number = Type.String({
  pattern: '^[0-9]{3,15}$',
  description: 'Digits with country code, without "+".',
});
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 }));
const budget = Type.Object({ budget: Type.String(), limit: count, left: count }, closed);

export const SmsStatusSchema: Schema<SmsStatusDocument> = schemaOf<SmsStatusDocument>()(
  Type.Object(
    {
      number,
      isUp: Type.Boolean(),
      reason: orNull(Type.String()),
      retryAt: orNull(Type.String()),
      isMisconfigured: Type.Boolean(),
      unprotected: Type.String(),
      budgets: Type.Array(budget),
    },
    closed,
  ),
);

const SmsOutboxEntrySchema: Schema<SmsOutboxEntryDocument> = schemaOf<SmsOutboxEntryDocument>()(
  Type.Object(
    {
      id: count,
      to: Type.String(),
      endpoint: orNull(endpoint),
      purpose: Type.String(),
      parts: count,
      spent: count,
      state: Type.String(),
      queuedAt: instant,
      changedAt: instant,
      reason: orNull(Type.String()),
    },
    closed,
  ),
);

export const SmsOutboxSchema: Schema<SmsOutboxDocument> = schemaOf<SmsOutboxDocument>()(
  Type.Object({ entries: Type.Array(SmsOutboxEntrySchema), next: orNull(count) }, closed),
);

export const SmsOutboxQuerySchema: Schema<SmsOutboxQuery> = schemaOf<SmsOutboxQuery>()(
  Type.Object(
    {
      contains: Type.Optional(containsSchema),
      after: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: Number.MAX_SAFE_INTEGER,
          description: 'Only those that are older than the one with this id.',
        }),
      ),
      limit,
    },
    closed,
  ),
);

export const SmsNumberSchema: Schema<SmsNumberDocument> = schemaOf<SmsNumberDocument>()(
  Type.Object({ endpoint, number, provisionedAt: instant }, closed),
);

export const SmsNumbersSchema: Schema<SmsNumbersDocument> = schemaOf<SmsNumbersDocument>()(
  Type.Object({ numbers: Type.Array(SmsNumberSchema), next: orNull(endpoint) }, closed),
);

export const SmsNumbersQuerySchema: Schema<SmsNumbersQuery> = schemaOf<SmsNumbersQuery>()(
  Type.Object({ contains: Type.Optional(containsSchema), after: Type.Optional(endpoint), limit }, closed),
);

export const SmsNumberInputSchema: Schema<SmsNumberInput> = schemaOf<SmsNumberInput>()(
  Type.Object({ number }, closed),
);

export const DeviceSmsSchema: Schema<DeviceSmsDocument> = schemaOf<DeviceSmsDocument>()(
  Type.Object(
    {
      number: orNull(number),
      reason: orNull(Type.String()),
      budgets: Type.Array(budget),
      parts: orNull(count),
    },
    closed,
  ),
);

export const WakeSchema: Schema<WakeDocument> = schemaOf<WakeDocument>()(
  Type.Object({ endpoint, isAnswered: Type.Boolean(), message: orNull(SmsOutboxEntrySchema) }, closed),
);

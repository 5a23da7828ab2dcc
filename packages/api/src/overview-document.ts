import { Type } from 'typebox';

import { type ServerEvent, ServerEventSchema } from './event-document.ts';
import { type Schema, schemaOf } from './schema.ts';

/** What is counted; each as so many in a minute. */
export const overviewCounts = [
  'messagesIn',
  'messagesOut',
  'retransmissions',
  'duplicates',
  'registrations',
  'updates',
  'deregistrations',
  'expiries',
  'notifications',
  'handshakes',
  'handshakeFailures',
] as const;

/** What the overview counts. */
export type OverviewCount = (typeof overviewCounts)[number];

/** How often each of them happened. */
export type OverviewCounts = Readonly<Record<OverviewCount, number>>;

/** A minute of the past. */
export interface OverviewMinute extends OverviewCounts {
  /** When it began. RFC 3339, in UTC. */
  readonly time: string;
}

/** An event and its id. */
export interface LoggedEventDocument {
  readonly id: string;
  readonly event: ServerEvent;
}

/** What goes on at a server. */
export interface OverviewDocument {
  readonly time: string;
  /** When the server started. */
  readonly startedAt: string;
  /** Devices by their state. */
  readonly devices: {
    readonly registered: number;
    readonly online: number;
    readonly asleep: number;
    readonly offline: number;
  };
  /** What happened in the last 60 seconds. */
  readonly lastMinute: OverviewCounts;
  /** The whole minutes before this one, at most 60, the oldest first. */
  readonly minutes: readonly OverviewMinute[];
  /** The newest events but those of Updates and notifications, the newest first. */
  readonly events: readonly LoggedEventDocument[];
}

/** Events of the past. */
export interface EventPage {
  /** The newest first. */
  readonly events: readonly LoggedEventDocument[];
  /** What to give as `before` for older ones; `null` when none is known. */
  readonly next: string | null;
}

/** Which events of the past to give. */
export interface EventLogQuery {
  readonly endpoint?: string;
  /** Only of this type. */
  readonly type?: string;
  /** Only events before the one with this id. */
  readonly before?: string;
  readonly limit?: number;
}

const closed = { additionalProperties: false };
const instant = Type.String({ format: 'date-time' });
const count = Type.Integer();
const counts = {
  messagesIn: count,
  messagesOut: count,
  retransmissions: count,
  duplicates: count,
  registrations: count,
  updates: count,
  deregistrations: count,
  expiries: count,
  notifications: count,
  handshakes: count,
  handshakeFailures: count,
};
const events = Type.Array(Type.Object({ id: Type.String(), event: ServerEventSchema }, closed));

export const OverviewSchema: Schema<OverviewDocument> = schemaOf<OverviewDocument>()(
  Type.Object(
    {
      time: instant,
      startedAt: instant,
      devices: Type.Object({ registered: count, online: count, asleep: count, offline: count }, closed),
      lastMinute: Type.Object(counts, closed),
      minutes: Type.Array(Type.Object({ time: instant, ...counts }, closed)),
      events,
    },
    closed,
  ),
);

export const EventPageSchema: Schema<EventPage> = schemaOf<EventPage>()(
  Type.Object({ events, next: Type.Union([Type.String(), Type.Null()]) }, closed),
);

export const EventLogQuerySchema: Schema<EventLogQuery> = schemaOf<EventLogQuery>()(
  Type.Object(
    {
      endpoint: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
      type: Type.Optional(Type.String({ minLength: 1, maxLength: 40, description: 'Such as registered.' })),
      before: Type.Optional(
        Type.String({ maxLength: 100, description: 'Only events before the one with this id.' }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);

import { Type } from 'typebox';

import { type Schema, schemaOf } from './schema.ts';

/** An Object that a device named in its registration. */
export interface DeviceObject {
  readonly id: number;
  /** From the definitions the server knows; absent for an Object it does not. */
  readonly name?: string;
  /** Only when the device named a version. */
  readonly version?: string;
  /** Object Instance ids in ascending order. */
  readonly instances: readonly number[];
}

/** How a device proved who it is: not at all, or over DTLS with one of three kinds of credentials (1.0 §7.1.4). */
export const securityKinds = ['none', 'psk', 'raw-public-key', 'certificate'] as const;

/** How a device proves who it is. */
export type SecurityKind = (typeof securityKinds)[number];

/** Whether a device can be reached: always, in queue mode while it is awake (1.0 §8.3), or not as it is not registered. */
const presences = ['reachable', 'awake', 'asleep', 'gone'] as const;

/** Whether a device listens at the moment. */
export type Presence = (typeof presences)[number];

/** A device that can be reached now, one that sleeps, and one that is not registered any more. */
export const deviceStates = ['online', 'asleep', 'offline'] as const;

/** Whether a device is there, in one word. */
export type DeviceState = (typeof deviceStates)[number];

/** What a server knows of a device that is registered (1.0 §5.3.1); of one that is not, as it was at the end. */
export interface DeviceSummary {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  readonly registrationId: string;
  /** Seconds after the last registration or update at which the registration lapses. */
  readonly lifetime: number;
  /** LwM2M version the device speaks, such as `1.0`. */
  readonly version: string;
  /** `U`, `UQ`, `S`, `SQ`, `US` or `UQS`. */
  readonly bindingMode: string;
  readonly state: DeviceState;
  readonly presence: Presence;
  /** Until when it is awake unless it is heard of again: RFC 3339, in UTC. */
  readonly awakeUntil?: string;
  /** Of one device in queue mode, when it is asked for by name: for how many seconds it is awake after its messages. */
  readonly awakeWindow?: number;
  readonly smsNumber?: string;
  /** Where its datagrams come from: `192.0.2.7:40123`, `[2001:db8::1]:40123`. */
  readonly address: string;
  readonly transport: 'udp' | 'tcp' | 'sms';
  readonly security: SecurityKind;
  /** The PSK identity, or the fingerprint of the public key or certificate: `sha256:…`. Absent without security. */
  readonly identity?: string;
  /** The alternate root of its Objects; `/` when there is none. */
  readonly rootPath: string;
  readonly objects: readonly DeviceObject[];
  /** Content-Format numbers it announced. */
  readonly contentFormats: readonly number[];
  /** Registration attributes that LwM2M does not define. */
  readonly additional: Readonly<Record<string, string>>;
  /** What it says of itself (`/3/0/0`, `/3/0/1` and `/3/0/3`), as far as it is known. */
  readonly manufacturer?: string;
  readonly modelNumber?: string;
  readonly firmwareVersion?: string;
  /** Words that operators gave it, sorted. */
  readonly tags: readonly string[];
  /** How many operations wait for it or are sent. */
  readonly queued: number;
  /** When it was last heard. RFC 3339, in UTC; as are the next three. */
  readonly lastSeen: string;
  readonly registeredAt: string;
  readonly updatedAt: string;
  /** When the registration lapses unless it is updated. */
  readonly expiresAt: string;
}

/** One page of the list of devices, in the order of their endpoint names. */
export interface DevicePage {
  readonly devices: readonly DeviceSummary[];
  /** What to give as `after` for the next page; `null` on the last. */
  readonly next: string | null;
  /** How many devices fit in all. */
  readonly total: number;
}

/** Which devices to list. */
export interface DeviceQuery {
  /** Conditions such as `state:online model:"X1" fw<2.1 seen<1h tag:lab has:/3303`; without one, registered devices. */
  readonly filter?: string;
  /** Endpoint names that begin with this. */
  readonly prefix?: string;
  /** Endpoint names that have this in them, whatever the case of letters. */
  readonly contains?: string;
  /** Begin after this endpoint name. */
  readonly after?: string;
  /** Devices a page: 1 to 1000. Default 100. */
  readonly limit?: number;
  /** How many of those that fit to pass over. */
  readonly offset?: number;
}

/** The longest endpoint name that the interface takes, in characters: far above any naming scheme of 1.0 §6.2.1. */
export const maxEndpointNameLength = 512;

const id = Type.Integer({ minimum: 0, maximum: 65535 });
const instant = Type.String({ format: 'date-time' });

const deviceObject = Type.Object(
  {
    id,
    name: Type.Optional(Type.String()),
    version: Type.Optional(Type.String()),
    instances: Type.Array(id),
  },
  { additionalProperties: false },
);

export const DeviceSummarySchema: Schema<DeviceSummary> = schemaOf<DeviceSummary>()(
  Type.Object(
    {
      endpoint: Type.String({ description: 'The Endpoint Client Name.' }),
      registrationId: Type.String(),
      lifetime: Type.Integer({ minimum: 0, description: 'Seconds.' }),
      version: Type.String({ description: 'LwM2M version, such as 1.0.' }),
      bindingMode: Type.String(),
      state: Type.Enum([...deviceStates]),
      presence: Type.Enum([...presences], {
        description: 'Whether it can be reached: always, or in queue mode while it is awake.',
      }),
      awakeUntil: Type.Optional(instant),
      awakeWindow: Type.Optional(Type.Number({ description: 'Seconds that it is awake after a message.' })),
      smsNumber: Type.Optional(Type.String()),
      address: Type.String({ description: 'IP address and port.' }),
      transport: Type.Enum(['udp', 'tcp', 'sms']),
      security: Type.Enum([...securityKinds], { description: 'How the device proved who it is.' }),
      identity: Type.Optional(
        Type.String({
          description: 'The PSK identity, or the fingerprint of the public key or certificate.',
        }),
      ),
      rootPath: Type.String(),
      objects: Type.Array(deviceObject),
      contentFormats: Type.Array(Type.Integer()),
      additional: Type.Record(Type.String(), Type.String()),
      manufacturer: Type.Optional(Type.String()),
      modelNumber: Type.Optional(Type.String()),
      firmwareVersion: Type.Optional(Type.String()),
      tags: Type.Array(Type.String()),
      queued: Type.Integer({ description: 'Operations that wait for it.' }),
      lastSeen: instant,
      registeredAt: instant,
      updatedAt: instant,
      expiresAt: instant,
    },
    { additionalProperties: false },
  ),
);

export const DevicePageSchema: Schema<DevicePage> = schemaOf<DevicePage>()(
  Type.Object(
    {
      devices: Type.Array(DeviceSummarySchema),
      next: Type.Union([Type.String(), Type.Null()], {
        description: 'Give it as "after" for the next page; null on the last.',
      }),
      total: Type.Integer({ description: 'How many devices fit in all.' }),
    },
    { additionalProperties: false },
  ),
);

const endpointFragment = Type.String({ minLength: 1, maxLength: maxEndpointNameLength });

export const DeviceQuerySchema: Schema<DeviceQuery> = schemaOf<DeviceQuery>()(
  Type.Object(
    {
      filter: Type.Optional(
        Type.String({
          maxLength: 1000,
          description: 'Conditions such as state:online model:"X1" fw<2.1 seen<1h tag:lab has:/3303.',
        }),
      ),
      prefix: Type.Optional(endpointFragment),
      contains: Type.Optional(endpointFragment),
      after: Type.Optional(endpointFragment),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
      offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
    },
    { additionalProperties: false },
  ),
);

/** What can be changed of a device: `null` gives it the awake window of all. */
export interface DeviceChange {
  /** Seconds. */
  readonly awakeWindow: number | null;
}

export const DeviceChangeSchema: Schema<DeviceChange> = schemaOf<DeviceChange>()(
  Type.Object(
    {
      awakeWindow: Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 86_400 }), Type.Null()], {
        description: 'Seconds that a device in queue mode is awake after a message; null for that of all.',
      }),
    },
    { additionalProperties: false },
  ),
);

/** The tags of a device; those that it had go. */
export interface DeviceTags {
  readonly tags: readonly string[];
}

/** Tags of a device, and characters of one: words, no documents. */
const tagLimits: { readonly tags: number; readonly length: number } = { tags: 50, length: 64 };

export const DeviceTagsSchema: Schema<DeviceTags> = schemaOf<DeviceTags>()(
  Type.Object(
    {
      tags: Type.Array(
        Type.String({
          minLength: 1,
          maxLength: tagLimits.length,
          // No blanks, commas, quotation marks or stars, so that it can be written in a filter as it is.
          pattern: String.raw`^[^\s,"*]+$`,
        }),
        { maxItems: tagLimits.tags },
      ),
    },
    { additionalProperties: false },
  ),
);

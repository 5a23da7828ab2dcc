import { Type } from 'typebox';

import { containsSchema } from './contains.ts';
import { maxEndpointNameLength } from './device-summary.ts';
import { type Schema, schemaOf } from './schema.ts';

/** With what a device fetches an image. */
export const firmwareProtocols = ['coap', 'coaps', 'http', 'https'] as const;

/** How a device pulls an image. */
export type FirmwareProtocolName = (typeof firmwareProtocols)[number];

/** How an image goes to its device: the server writes it there, the device fetches it, or as the device can. */
export const firmwareMethods = ['automatic', 'push', 'pull'] as const;

/** Who moves the image: the server pushes it, or the device pulls it. */
export type FirmwareMethodName = (typeof firmwareMethods)[number];

/** Blocks that are pushed, in bytes (RFC 7959 §2.2). */
const firmwareBlockSizes = [16, 32, 64, 128, 256, 512, 1024] as const;
type FirmwareBlockSize = (typeof firmwareBlockSizes)[number];

/** Where an update stands; the last three are final. */
export const firmwareUpdateStates = [
  'waiting',
  'transferring',
  'downloaded',
  'installing',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
] as const;

/** Where an update stands. */
export type FirmwareUpdateState = (typeof firmwareUpdateStates)[number];

/** Why updates fail: see the guide to firmware. */
const firmwareFailureReasons = [
  'result',
  'refused',
  'unsupported',
  'misbehaved',
  'lost',
  'no-progress',
  'outcome-unknown',
  'image-unreadable',
] as const;

/** Why an update failed, in one word. */
export type FirmwareFailureReason = (typeof firmwareFailureReasons)[number];

/** The body of starting an update. */
export interface FirmwareUpdateInput {
  /** The id of an image. */
  readonly image: string;
  /** Default `automatic`. */
  readonly method?: FirmwareMethodName;
  /** Only this one, when the device pulls. */
  readonly protocol?: FirmwareProtocolName;
  /** The largest block that is pushed, in bytes. */
  readonly blockSize?: FirmwareBlockSize;
  /** `automatic` (the default): as soon as the device has the image. `manual`: when that is asked for. */
  readonly install?: 'automatic' | 'manual';
}

/** Why an update failed. */
export interface FirmwareFailureDocument {
  readonly reason: FirmwareFailureReason;
  /** What happened, in one sentence. */
  readonly message: string;
  /** The Update Result of the device (`/5/0/5`). */
  readonly result?: number;
  /** What it means, as the rest of a sentence that begins with the device. */
  readonly resultMeaning?: string;
  /** Of a refusal: `4.05`. */
  readonly coapCode?: string;
}

/** Something that happened. */
export interface FirmwareLogDocument {
  readonly at: string;
  readonly message: string;
}

/** The update of one device. Times are RFC 3339, in UTC. */
export interface FirmwareUpdateDocument {
  readonly endpoint: string;
  /** Counted from 1 for each device. */
  readonly id: number;
  /** The image as it was when the update began. */
  readonly image: {
    readonly id: string;
    readonly name: string;
    readonly version?: string;
    readonly model?: string;
    readonly size: number;
  };
  readonly state: FirmwareUpdateState;
  readonly install: 'automatic' | 'manual';
  /** What was wished. */
  readonly method: FirmwareMethodName;
  readonly protocol?: FirmwareProtocolName;
  readonly blockSize?: number;
  /** How the image goes to the device, while it does. */
  readonly transfer?: { readonly method: 'push' | 'pull'; readonly protocol?: FirmwareProtocolName };
  /** Bytes of the image that the device has, as far as is known. */
  readonly transferred: number;
  /** Transfers that were begun. */
  readonly attempts: number;
  readonly startedAt: string;
  /** When it came on last. */
  readonly activeAt: string;
  /** Of one that is over. */
  readonly finishedAt?: string;
  /** What the device said its firmware was before. */
  readonly versionBefore?: string;
  /** What it says it is now, after a success. */
  readonly firmwareVersion?: string;
  readonly failure?: FirmwareFailureDocument;
  /** What happened, the latest last. Not in events. */
  readonly log?: readonly FirmwareLogDocument[];
}

/** One page of the updates that are under way, ordered by endpoint name. */
export interface FirmwareUpdatePage {
  /** Without their logs. */
  readonly updates: readonly FirmwareUpdateDocument[];
  /** What to give as `after` for the next page; `null` on the last. */
  readonly next: string | null;
}

/** Which updates to list. */
export interface FirmwareUpdateQuery {
  /** Only those whose endpoint name has this in them, whatever the case of letters. */
  readonly contains?: string;
  /** Only those to this image. */
  readonly image?: string;
  readonly state?: FirmwareUpdateState;
  /** Begin after this endpoint name. */
  readonly after?: string;
  /** Updates a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

const closed = { additionalProperties: false };
const instant = Type.String({ format: 'date-time' });
const install = Type.Unsafe<'automatic' | 'manual'>(
  Type.Enum(['automatic', 'manual'], {
    description: 'As soon as the device has the image, or when that is asked for.',
  }),
);
const method = Type.Unsafe<FirmwareMethodName>(Type.Enum([...firmwareMethods]));
const state = Type.Unsafe<FirmwareUpdateState>(Type.Enum([...firmwareUpdateStates]));
const imageId = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'The id of an image.' });
const protocol = Type.Unsafe<FirmwareProtocolName>(Type.Enum([...firmwareProtocols]));

export const FirmwareUpdateInputSchema: Schema<FirmwareUpdateInput> = schemaOf<FirmwareUpdateInput>()(
  Type.Object(
    {
      image: imageId,
      method: Type.Optional(method),
      protocol: Type.Optional(protocol),
      blockSize: Type.Optional(
        Type.Unsafe<FirmwareBlockSize>({
          enum: [...firmwareBlockSizes],
          description: 'The largest block that is pushed, in bytes.',
        }),
      ),
      install: Type.Optional(install),
    },
    closed,
  ),
);

export const FirmwareUpdateSchema: Schema<FirmwareUpdateDocument> = schemaOf<FirmwareUpdateDocument>()(
  Type.Object(
    {
      endpoint: Type.String(),
      id: Type.Integer({ minimum: 1 }),
      image: Type.Object(
        {
          id: Type.String(),
          name: Type.String(),
          version: Type.Optional(Type.String()),
          model: Type.Optional(Type.String()),
          size: Type.Integer(),
        },
        closed,
      ),
      state,
      install,
      method,
      protocol: Type.Optional(protocol),
      blockSize: Type.Optional(Type.Integer()),
      transfer: Type.Optional(
        Type.Object(
          {
            method: Type.Unsafe<'push' | 'pull'>(Type.Enum(['push', 'pull'])),
            protocol: Type.Optional(protocol),
          },
          closed,
        ),
      ),
      transferred: Type.Integer({
        minimum: 0,
        description: 'Bytes that the device has, as far as is known.',
      }),
      attempts: Type.Integer({ minimum: 0, description: 'Transfers that were begun.' }),
      startedAt: instant,
      activeAt: instant,
      finishedAt: Type.Optional(instant),
      versionBefore: Type.Optional(Type.String()),
      firmwareVersion: Type.Optional(Type.String()),
      failure: Type.Optional(
        Type.Object(
          {
            reason: Type.Unsafe<FirmwareFailureReason>(Type.Enum([...firmwareFailureReasons])),
            message: Type.String(),
            result: Type.Optional(Type.Integer({ description: 'The Update Result of the device (/5/0/5).' })),
            resultMeaning: Type.Optional(Type.String()),
            coapCode: Type.Optional(Type.String()),
          },
          closed,
        ),
      ),
      log: Type.Optional(Type.Array(Type.Object({ at: instant, message: Type.String() }, closed))),
    },
    closed,
  ),
);

export const FirmwareUpdatePageSchema: Schema<FirmwareUpdatePage> = schemaOf<FirmwareUpdatePage>()(
  Type.Object(
    {
      updates: Type.Array(FirmwareUpdateSchema),
      next: Type.Union([Type.String(), Type.Null()], {
        description: 'Give it as "after" for the next page; null on the last.',
      }),
    },
    closed,
  ),
);

export const FirmwareUpdateQuerySchema: Schema<FirmwareUpdateQuery> = schemaOf<FirmwareUpdateQuery>()(
  Type.Object(
    {
      contains: Type.Optional(containsSchema),
      image: Type.Optional(imageId),
      state: Type.Optional(state),
      after: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: maxEndpointNameLength,
          description: 'Begin after this endpoint name.',
        }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);

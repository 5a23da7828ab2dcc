import { Type } from 'typebox';

import { type Schema, schemaOf } from './schema.ts';

/** An image of firmware that devices can be updated to. */
export interface FirmwareImageDocument {
  /** The SHA-256 of its bytes in lower-case hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** What a device that runs it says of its firmware (`/3/0/3`). */
  readonly version?: string;
  /** The Model Number (`/3/0/1`) of the devices that it is for. */
  readonly model?: string;
  /** In bytes. */
  readonly size: number;
  /** RFC 3339, in UTC. */
  readonly addedAt: string;
}

/** One page of the images, ordered by name. */
export interface FirmwareImagePage {
  readonly images: readonly FirmwareImageDocument[];
  /** What to give as `after` for the next page; `null` on the last. */
  readonly next: string | null;
}

/** Which images to list. */
export interface FirmwareImageQuery {
  /** Only those whose names have this in them, in any case of letters. */
  readonly contains?: string;
  readonly version?: string;
  /** Only those for this model, not those for any. */
  readonly model?: string;
  /** Only those whose ids begin so. */
  readonly id?: string;
  /** The `next` of the page before. */
  readonly after?: string;
  /** Images a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

/** What is said of an image that is added. */
export interface FirmwareImageFacts {
  /** Like that of a file, without its folder. */
  readonly name: string;
  readonly version?: string;
  readonly model?: string;
}

const closed = { additionalProperties: false };

/** Names, versions and models are up to 255 bytes long, and so never more characters. */
const text = (description: string): Type.TString =>
  Type.String({ minLength: 1, maxLength: 255, description });

export const FirmwareImageSchema: Schema<FirmwareImageDocument> = schemaOf<FirmwareImageDocument>()(
  Type.Object(
    {
      id: Type.String({ description: 'The SHA-256 of the bytes, in hexadecimal digits.' }),
      name: Type.String(),
      version: Type.Optional(Type.String()),
      model: Type.Optional(Type.String()),
      size: Type.Integer({ minimum: 1, description: 'In bytes.' }),
      addedAt: Type.String({ format: 'date-time' }),
    },
    closed,
  ),
);

export const FirmwareImagePageSchema: Schema<FirmwareImagePage> = schemaOf<FirmwareImagePage>()(
  Type.Object(
    {
      images: Type.Array(FirmwareImageSchema),
      next: Type.Union([Type.String(), Type.Null()], {
        description: 'Give it as "after" for the next page; null on the last.',
      }),
    },
    closed,
  ),
);

export const FirmwareImageQuerySchema: Schema<FirmwareImageQuery> = schemaOf<FirmwareImageQuery>()(
  Type.Object(
    {
      contains: Type.Optional(text('Only those whose names have this in them, in any case of letters.')),
      version: Type.Optional(text('Only those of this version.')),
      model: Type.Optional(text('Only those for this model, not those for any.')),
      id: Type.Optional(
        Type.String({ pattern: '^[0-9a-f]{1,64}$', description: 'Only those whose ids begin so.' }),
      ),
      after: Type.Optional(Type.String({ minLength: 1, maxLength: 600 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);

export const FirmwareImageFactsSchema: Schema<FirmwareImageFacts> = schemaOf<FirmwareImageFacts>()(
  Type.Object(
    {
      name: text('What it is called, such as thermometer-2.1.bin.'),
      version: Type.Optional(text('What a device that runs it says of its firmware (/3/0/3).')),
      model: Type.Optional(text('The Model Number (/3/0/1) of the devices that it is for. Default: any.')),
    },
    closed,
  ),
);

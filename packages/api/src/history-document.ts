import { type DataType, dataTypes } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import { type ValueDocument, ValueDocumentSchema } from './content-document.ts';
import { nextPathSchema } from './path-page.ts';
import type { ValueOrigin } from './known-value-document.ts';
import { type Schema, schemaOf } from './schema.ts';

/** A path of which values are kept. */
export interface HistorySeriesDocument {
  /** Of a Resource, or of a Resource Instance: `/3303/0/5700`, `/3/0/7/1`. */
  readonly path: string;
  readonly name?: string;
  readonly units?: string;
  readonly type: DataType;
  /** When its first and its last value are of. RFC 3339, in UTC. */
  readonly first: string;
  readonly last: string;
}

/** The Resources of a device that have a history. */
export interface HistorySeriesList {
  /** By path in numeric order. */
  readonly series: readonly HistorySeriesDocument[];
  /** What to give as `after` for the rest; null at the end. */
  readonly next: string | null;
}

/** A value that a Resource had. */
export interface HistorySampleDocument {
  /** When it was measured if the device said so, else when it came to be known. */
  readonly time: string;
  readonly value: ValueDocument;
  readonly origin: ValueOrigin;
}

/** The values of a part of time as one. */
export interface HistoryBucketDocument {
  /** When it begins. */
  readonly time: string;
  readonly count: number;
  /** Of the numbers among them; booleans are 0 and 1. Absent without any. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly mean?: number;
  readonly last: ValueDocument;
}

/** What a path had between two times. */
export interface HistoryDocument {
  readonly path: string;
  readonly name?: string;
  readonly units?: string;
  readonly from: string;
  readonly to: string;
  /** In the order of their times; empty when buckets were asked for. */
  readonly samples: readonly HistorySampleDocument[];
  /** With `resolution`: in the order of their times, those without values left out. */
  readonly buckets: readonly HistoryBucketDocument[];
  /** Seconds of a bucket; null for samples. */
  readonly resolution: number | null;
  /** What to give as `from` for the rest; null when this is all. */
  readonly next: string | null;
}

/** Which part of a history is asked for. */
export interface HistoryQuery {
  readonly path: string;
  /** RFC 3339. Default: a day before `to`. */
  readonly from?: string;
  /** RFC 3339; before this. Default: now. */
  readonly to?: string;
  /** Samples at most, 1 to 10,000. Default 1000. */
  readonly limit?: number;
  /** Seconds of a bucket; gives buckets in place of samples. */
  readonly resolution?: number;
  readonly format?: 'json' | 'csv';
}

const closed = { additionalProperties: false };
const instant = Type.String({ format: 'date-time' });
const named = {
  path: Type.String(),
  name: Type.Optional(Type.String()),
  units: Type.Optional(Type.String()),
};
const number = Type.Optional(Type.Number());

export const HistorySeriesListSchema: Schema<HistorySeriesList> = schemaOf<HistorySeriesList>()(
  Type.Object(
    {
      series: Type.Array(
        Type.Object(
          { ...named, type: Type.Unsafe<DataType>(Type.Enum([...dataTypes])), first: instant, last: instant },
          closed,
        ),
      ),
      next: nextPathSchema,
    },
    closed,
  ),
);

export const HistorySchema: Schema<HistoryDocument> = schemaOf<HistoryDocument>()(
  Type.Object(
    {
      ...named,
      from: instant,
      to: instant,
      samples: Type.Array(
        Type.Object(
          {
            time: instant,
            value: ValueDocumentSchema,
            origin: Type.Unsafe<ValueOrigin>(Type.Enum(['read', 'notified', 'written'])),
          },
          closed,
        ),
      ),
      buckets: Type.Array(
        Type.Object(
          {
            time: instant,
            count: Type.Integer(),
            minimum: number,
            maximum: number,
            mean: number,
            last: ValueDocumentSchema,
          },
          closed,
        ),
      ),
      resolution: Type.Union([Type.Number(), Type.Null()]),
      next: Type.Union([instant, Type.Null()]),
    },
    closed,
  ),
);

export const HistoryQuerySchema: Schema<HistoryQuery> = schemaOf<HistoryQuery>()(
  Type.Object(
    {
      path: Type.String({
        maxLength: 30,
        description: 'Of a Resource, or of a Resource Instance of a multiple one: /3303/0/5700.',
      }),
      from: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339. Default: a day before to.' })),
      to: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339. Default: now.' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
      resolution: Type.Optional(
        Type.Number({
          minimum: 1,
          maximum: 31_536_000,
          description: 'Seconds of a bucket: gives minimum, maximum and mean of each in place of samples.',
        }),
      ),
      format: Type.Optional(Type.Unsafe<'json' | 'csv'>(Type.Enum(['json', 'csv']))),
    },
    closed,
  ),
);

import { Type } from 'typebox';

import { nextPathSchema } from './path-page.ts';
import { type ResourceDocument, ResourceDocumentSchema } from './content-document.ts';
import { type Schema, schemaOf } from './schema.ts';

/** How the server came to know a value: it asked the device, the device told it by itself, or took it from the server. */
const valueOrigins = ['read', 'notified', 'written'] as const;

/** How a value came to be known. */
export type ValueOrigin = (typeof valueOrigins)[number];

/** The last that is known of a Resource. */
export interface KnownValueDocument {
  readonly path: string;
  readonly resource: ResourceDocument;
  readonly origin: ValueOrigin;
  /** When it came, or was taken: RFC 3339, in UTC. */
  readonly knownAt: string;
  /** When it was measured by the clock of the device, if it said so. */
  readonly measuredAt?: string;
}

/** The last known values of a device. */
export interface KnownValues {
  /** By path in numeric order. */
  readonly values: readonly KnownValueDocument[];
  /** What to give as `after` for the rest; null at the end. */
  readonly next: string | null;
}

const instant = Type.String({ format: 'date-time' });

export const KnownValuesSchema: Schema<KnownValues> = schemaOf<KnownValues>()(
  Type.Object(
    {
      values: Type.Array(
        Type.Object(
          {
            path: Type.String(),
            resource: ResourceDocumentSchema,
            origin: Type.Enum([...valueOrigins]),
            knownAt: instant,
            measuredAt: Type.Optional(instant),
          },
          { additionalProperties: false },
        ),
      ),
      next: nextPathSchema,
    },
    { additionalProperties: false },
  ),
);

import { Type } from 'typebox';

import { type Schema, schemaOf } from './schema.ts';

/** NOTIFICATION attributes as a device reports them (1.0 §5.1.2); periods in seconds. */
export interface AttributesDocument {
  readonly pmin?: number;
  readonly pmax?: number;
  readonly gt?: number;
  readonly lt?: number;
  readonly st?: number;
}

/** What to change: a number sets the attribute, `null` unsets it, an absent one stays. */
export type AttributesInput = { readonly [Name in keyof AttributesDocument]?: number | null };

/** One line of a Discover (1.0 §5.4.2). */
export interface DiscoverDocument {
  readonly path: string;
  /** From the definition; absent when the server has none. */
  readonly name?: string;
  /** The version of an Object. */
  readonly version?: string;
  /** How many Resource Instances a multiple Resource has. */
  readonly dimension?: number;
  readonly attributes: AttributesDocument;
}

/** What a Discover told. */
export interface DiscoverResult {
  readonly links: readonly DiscoverDocument[];
}

/** Longest period that makes sense on the wire: a 32-bit number of seconds. */
const period = Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: 'Seconds.' });
const threshold = Type.Number();

export const AttributesSchema: Schema<AttributesDocument> = schemaOf<AttributesDocument>()(
  Type.Object(
    {
      pmin: Type.Optional(period),
      pmax: Type.Optional(period),
      gt: Type.Optional(threshold),
      lt: Type.Optional(threshold),
      st: Type.Optional(threshold),
    },
    { additionalProperties: false },
  ),
);

export const AttributesInputSchema: Schema<AttributesInput> = schemaOf<AttributesInput>()(
  Type.Object(
    {
      pmin: Type.Optional(Type.Union([period, Type.Null()])),
      pmax: Type.Optional(Type.Union([period, Type.Null()])),
      gt: Type.Optional(Type.Union([threshold, Type.Null()])),
      lt: Type.Optional(Type.Union([threshold, Type.Null()])),
      st: Type.Optional(Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()])),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
);

export const DiscoverDocumentSchema: Schema<DiscoverDocument> = schemaOf<DiscoverDocument>()(
  Type.Object(
    {
      path: Type.String(),
      name: Type.Optional(Type.String()),
      version: Type.Optional(Type.String()),
      dimension: Type.Optional(Type.Integer()),
      attributes: AttributesSchema,
    },
    { additionalProperties: false },
  ),
);

export const DiscoverResultSchema: Schema<DiscoverResult> = schemaOf<DiscoverResult>()(
  Type.Object({ links: Type.Array(DiscoverDocumentSchema) }, { additionalProperties: false }),
);

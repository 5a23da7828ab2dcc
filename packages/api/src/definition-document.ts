import { type DataType, dataTypes } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import { type Schema, schemaOf } from './schema.ts';

/** What may be done with a Resource over the Device Management interface; empty is bootstrap only. */
const operationWords = ['', 'R', 'W', 'RW', 'E'] as const;

/** What can be done with a Resource, as definitions have it. */
export type ResourceOperationsWord = (typeof operationWords)[number];

/** Inclusive bounds: of a number's value, of the length in bytes of a string or opaque value, or the allowed values. */
export type RangeDocument =
  | { readonly kind: 'interval'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'length'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'enumeration'; readonly values: readonly (number | string)[] };

/** What a definition says of a Resource. */
export interface ResourceDefinitionDocument {
  readonly id: number;
  readonly name: string;
  readonly operations: ResourceOperationsWord;
  readonly isMultiple: boolean;
  readonly isMandatory: boolean;
  readonly type: DataType;
  readonly range?: RangeDocument;
  /** As printed in the definition. */
  readonly units?: string;
  /** Of a definition that was uploaded with one. */
  readonly description?: string;
}

/** Where a definition comes from: the server brings it, or an operator gave it. */
export type DefinitionSource = 'built-in' | 'uploaded';

/** A definition in a list. */
export interface DefinitionSummary {
  readonly id: number;
  readonly name: string;
  /** `major.minor`. */
  readonly version: string;
  readonly source: DefinitionSource;
}

/** One page of the definitions, by id and version. */
export interface DefinitionPage {
  readonly definitions: readonly DefinitionSummary[];
  /** What to give as `after` for the next page; `null` on the last. */
  readonly next: string | null;
  /** How many fit in all. */
  readonly total: number;
}

/** Which definitions to list. */
export interface DefinitionListQuery {
  /** Those with this in their name, in any case of letters, or with this id. */
  readonly search?: string;
  readonly source?: DefinitionSource;
  /** Begin after this one: `3303/1.1`. */
  readonly after?: string;
  readonly limit?: number;
}

/** The definitions that an upload brought. */
export interface DefinitionsUploaded {
  readonly definitions: readonly DefinitionSummary[];
}

/** What the server knows of an Object. */
export interface DefinitionDocument {
  readonly id: number;
  readonly name: string;
  /** `major.minor`. */
  readonly version: string;
  readonly isMultiple: boolean;
  readonly isMandatory: boolean;
  readonly source: DefinitionSource;
  /** Of a definition that was uploaded with one. */
  readonly description?: string;
  /** In the order of their ids. */
  readonly resources: readonly ResourceDefinitionDocument[];
}

/** Which version of a definition to give. */
export interface DefinitionQuery {
  /** As the device named it; the nearest of the same major version is given. Default: the newest. */
  readonly version?: string;
}

const closed = { additionalProperties: false };
const id = Type.Integer({ minimum: 0, maximum: 65_535 });
const number = Type.Number();

const source = Type.Unsafe<DefinitionSource>(Type.Enum(['built-in', 'uploaded']));
const summary = Type.Object({ id, name: Type.String(), version: Type.String(), source }, closed);

const range = Type.Union([
  Type.Object({ kind: Type.Literal('interval'), minimum: number, maximum: number }, closed),
  Type.Object({ kind: Type.Literal('length'), minimum: number, maximum: number }, closed),
  Type.Object(
    { kind: Type.Literal('enumeration'), values: Type.Array(Type.Union([number, Type.String()])) },
    closed,
  ),
]);

export const DefinitionSchema: Schema<DefinitionDocument> = schemaOf<DefinitionDocument>()(
  Type.Object(
    {
      id,
      name: Type.String(),
      version: Type.String(),
      isMultiple: Type.Boolean(),
      isMandatory: Type.Boolean(),
      source,
      description: Type.Optional(Type.String()),
      resources: Type.Array(
        Type.Object(
          {
            id,
            name: Type.String(),
            operations: Type.Unsafe<ResourceOperationsWord>(Type.Enum([...operationWords])),
            isMultiple: Type.Boolean(),
            isMandatory: Type.Boolean(),
            type: Type.Unsafe<DataType>(Type.Enum([...dataTypes, 'none'])),
            range: Type.Optional(range),
            units: Type.Optional(Type.String()),
            description: Type.Optional(Type.String()),
          },
          closed,
        ),
      ),
    },
    closed,
  ),
);

export const DefinitionPageSchema: Schema<DefinitionPage> = schemaOf<DefinitionPage>()(
  Type.Object(
    {
      definitions: Type.Array(summary),
      next: Type.Union([Type.String(), Type.Null()]),
      total: Type.Integer(),
    },
    closed,
  ),
);

export const DefinitionsUploadedSchema: Schema<DefinitionsUploaded> = schemaOf<DefinitionsUploaded>()(
  Type.Object({ definitions: Type.Array(summary) }, closed),
);

export const DefinitionListQuerySchema: Schema<DefinitionListQuery> = schemaOf<DefinitionListQuery>()(
  Type.Object(
    {
      search: Type.Optional(
        Type.String({ minLength: 1, maxLength: 100, description: 'A part of a name, or an id.' }),
      ),
      source: Type.Optional(source),
      after: Type.Optional(
        Type.String({
          pattern: String.raw`^\d{1,5}/\d{1,5}\.\d{1,5}$`,
          description: 'The next of the page before, such as 3303/1.1.',
        }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);

export const DefinitionQuerySchema: Schema<DefinitionQuery> = schemaOf<DefinitionQuery>()(
  Type.Object(
    {
      version: Type.Optional(
        Type.String({ pattern: String.raw`^\d{1,3}\.\d{1,3}$`, description: 'Such as 1.0.' }),
      ),
    },
    closed,
  ),
);

import { type DataType, dataTypes } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import { type Schema, schemaOf } from './schema.ts';

/**
 * A value in JSON. By data type: string and corelnk are strings; integer, unsigned-integer and time (Unix
 * seconds) are integers, exact to 64 bits; float is a number (or the text `NaN`, `Infinity`, `-Infinity`);
 * boolean is a boolean; opaque is base64 text; objlnk is text such as `3303:0`.
 */
export type ValueDocument = string | number | bigint | boolean;

interface ResourceFacts {
  /** From the definition; absent when the server has none. */
  readonly name?: string;
  readonly type: DataType;
  /** Units as printed in the definition. */
  readonly units?: string;
}

/** The value of a Resource. */
export interface SingleResourceDocument extends ResourceFacts {
  readonly value: ValueDocument;
}

/** The values of a Multiple Resource, by the ids of its instances. */
export interface MultipleResourceDocument extends ResourceFacts {
  /** By Resource Instance id. */
  readonly values: Readonly<Record<string, ValueDocument>>;
}

/** The content of a Resource. */
export type ResourceDocument = SingleResourceDocument | MultipleResourceDocument;

/** Resources by their ids. */
export type ResourceDocuments = Readonly<Record<string, ResourceDocument>>;

/** What is at a path. */
export type ContentDocument =
  | {
      readonly path: string;
      readonly kind: 'object';
      readonly name?: string;
      readonly instances: Readonly<Record<string, { readonly resources: ResourceDocuments }>>;
    }
  | {
      readonly path: string;
      readonly kind: 'object-instance';
      readonly name?: string;
      readonly resources: ResourceDocuments;
    }
  | ({ readonly path: string; readonly kind: 'resource' } & ResourceDocument)
  | ({ readonly path: string; readonly kind: 'resource-instance' } & SingleResourceDocument);

const dataType = Type.Unsafe<DataType>(Type.Enum([...dataTypes, 'none']));
const facts = { name: Type.Optional(Type.String()), type: dataType, units: Type.Optional(Type.String()) };

export const ValueDocumentSchema: Schema<ValueDocument> = Type.Unsafe<ValueDocument>({
  description:
    'A string, number or boolean: integer, unsigned-integer and time are integers, exact to 64 bits; float is a number; opaque is base64; objlnk is "object:instance".',
});

const singleResource = Type.Object({ ...facts, value: ValueDocumentSchema }, { additionalProperties: false });
const multipleResource = Type.Object(
  { ...facts, values: Type.Record(Type.String(), ValueDocumentSchema) },
  { additionalProperties: false },
);
const resources = Type.Record(Type.String(), Type.Union([singleResource, multipleResource]), {
  description: 'By Resource id.',
});
export const ResourceDocumentSchema: Schema<ResourceDocument> = schemaOf<ResourceDocument>()(
  Type.Union([singleResource, multipleResource]),
);
const at = { path: Type.String(), name: Type.Optional(Type.String()) };

export const ContentDocumentSchema: Schema<ContentDocument> = schemaOf<ContentDocument>()(
  Type.Union(
    [
      Type.Object(
        {
          ...at,
          kind: Type.Literal('object'),
          instances: Type.Record(Type.String(), Type.Object({ resources }, { additionalProperties: false })),
        },
        { additionalProperties: false },
      ),
      Type.Object(
        { ...at, kind: Type.Literal('object-instance'), resources },
        { additionalProperties: false },
      ),
      Type.Object(
        { ...at, ...facts, kind: Type.Literal('resource'), value: ValueDocumentSchema },
        { additionalProperties: false },
      ),
      Type.Object(
        {
          ...at,
          ...facts,
          kind: Type.Literal('resource'),
          values: Type.Record(Type.String(), ValueDocumentSchema),
        },
        { additionalProperties: false },
      ),
      Type.Object(
        { ...at, ...facts, kind: Type.Literal('resource-instance'), value: ValueDocumentSchema },
        { additionalProperties: false },
      ),
    ],
    { description: 'What is at the path: its kind is that of the path.' },
  ),
);

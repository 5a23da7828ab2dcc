import { type DataType, dataTypes } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import { type ValueDocument, ValueDocumentSchema } from './content-document.ts';
import { type Schema, schemaOf } from './schema.ts';

/**
 * The new content of a Resource: one value, or values by Resource Instance id. A text is read by the
 * plain-text rules of the Resource's type (`"12"` is an integer's value), so that any type can be given as text.
 * The type is the definition's; `type` is for Resources the server has no definition of.
 */
export type ResourceInput =
  | { readonly value: ValueDocument; readonly type?: DataType }
  | { readonly values: Readonly<Record<string, ValueDocument>>; readonly type?: DataType };

/** The new content of an Object Instance: Resources by id, each in full or only its value. */
export interface InstanceInput {
  readonly resources: Readonly<Record<string, ResourceInput | ValueDocument>>;
}

/** The body of a Write: of a Resource or of an Object Instance, as the path says. */
export type WriteInput = ResourceInput | InstanceInput;

/** The body of a Create. */
export interface CreateInput extends InstanceInput {
  /** The id of the new Object Instance; the device chooses when absent. */
  readonly instanceId?: number;
}

/** The answer to a Create. */
export interface CreatedInstance {
  /** Such as `/3303/1`. */
  readonly path: string;
}

/** How a Write treats what it does not name (1.0 §5.4.3): `replace` removes it, `update` keeps it. */
export type WriteMode = 'replace' | 'update';

const type = Type.Optional(Type.Unsafe<DataType>(Type.Enum([...dataTypes])));
const ids = '^(0|[1-9][0-9]{0,4})$';

const singleInput = Type.Object({ value: ValueDocumentSchema, type }, { additionalProperties: false });
const multipleInput = Type.Object(
  { values: Type.Record(Type.String({ pattern: ids }), ValueDocumentSchema), type },
  { additionalProperties: false },
);
/** Resources of an Object Instance, as input. */
export const ResourcesInputSchema: Schema<InstanceInput['resources']> = schemaOf<
  InstanceInput['resources']
>()(
  Type.Record(Type.String({ pattern: ids }), Type.Union([singleInput, multipleInput, ValueDocumentSchema]), {
    description: 'By Resource id: a value, or an object with value or values.',
  }),
);

export const WriteInputSchema: Schema<WriteInput> = schemaOf<WriteInput>()(
  Type.Union([
    singleInput,
    multipleInput,
    Type.Object({ resources: ResourcesInputSchema }, { additionalProperties: false }),
  ]),
);

export const CreateInputSchema: Schema<CreateInput> = schemaOf<CreateInput>()(
  Type.Object(
    {
      resources: ResourcesInputSchema,
      instanceId: Type.Optional(Type.Integer({ minimum: 0, maximum: 65534 })),
    },
    { additionalProperties: false },
  ),
);

export const CreatedInstanceSchema: Schema<CreatedInstance> = schemaOf<CreatedInstance>()(
  Type.Object({ path: Type.String() }, { additionalProperties: false }),
);

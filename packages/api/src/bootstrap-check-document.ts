import { type DataType, dataTypes } from '@dunlin/lwm2m';
import { Type } from 'typebox';

import {
  type BootstrapInput,
  BootstrapInputSchema,
  type BootstrapTargetDocument,
  BootstrapTargetSchema,
} from './bootstrap-document.ts';
import { type ValueDocument, ValueDocumentSchema } from './content-document.ts';
import { type Schema, schemaOf } from './schema.ts';

/** The body of checking a configuration without setting it. */
export interface BootstrapCheckInput {
  /** Keys that are left out are those of its present configuration, as when it is set. */
  readonly target: BootstrapTargetDocument;
  readonly configuration: BootstrapInput;
}

/** Something that is wrong with a configuration. */
export interface BootstrapProblemDocument {
  /** `endpoint` or `pattern`, or the member of the configuration: `servers.0.uri`. */
  readonly field: string;
  /** The rest of a sentence that begins with the field. */
  readonly reason: string;
}

/** One value that a device is written. */
export interface BootstrapValuePreview {
  /** Of a Resource, or of an instance of one: `/0/1/0`. */
  readonly path: string;
  /** From the definition; absent when the server has none. */
  readonly name?: string;
  readonly type: DataType;
  /** Absent when it is withheld. */
  readonly value?: ValueDocument;
  /** `secret`: a key, which is never shown. `issued`: made anew at each bootstrap. */
  readonly withheld?: 'secret' | 'issued';
}

/** Something that a device is asked in a bootstrap. */
export interface BootstrapStepPreview {
  readonly operation: 'discover' | 'delete' | 'write' | 'finish';
  readonly path?: string;
  /** Of a Write that a device without the Object may refuse. */
  readonly optional?: boolean;
  readonly values?: readonly BootstrapValuePreview[];
}

/** What is wrong with a configuration, or what a device will be asked because of it. */
export interface BootstrapCheckDocument {
  /** Empty when it can be set. */
  readonly problems: readonly BootstrapProblemDocument[];
  /**
   * In their order, for a device that has nothing but the account of its Bootstrap-Server and the Device Object; deletes
   * are asked only of one that has something there. Empty when there are problems.
   */
  readonly steps: readonly BootstrapStepPreview[];
}

const closed = { additionalProperties: false };

export const BootstrapCheckInputSchema: Schema<BootstrapCheckInput> = schemaOf<BootstrapCheckInput>()(
  Type.Object({ target: BootstrapTargetSchema, configuration: BootstrapInputSchema }, closed),
);

const value = Type.Object(
  {
    path: Type.String(),
    name: Type.Optional(Type.String()),
    type: Type.Unsafe<DataType>(Type.Enum([...dataTypes])),
    value: Type.Optional(ValueDocumentSchema),
    withheld: Type.Optional(Type.Union([Type.Literal('secret'), Type.Literal('issued')])),
  },
  closed,
);

const step = Type.Object(
  {
    operation: Type.Union([
      Type.Literal('discover'),
      Type.Literal('delete'),
      Type.Literal('write'),
      Type.Literal('finish'),
    ]),
    path: Type.Optional(Type.String()),
    optional: Type.Optional(Type.Boolean()),
    values: Type.Optional(Type.Array(value)),
  },
  closed,
);

export const BootstrapCheckSchema: Schema<BootstrapCheckDocument> = schemaOf<BootstrapCheckDocument>()(
  Type.Object(
    {
      problems: Type.Array(Type.Object({ field: Type.String(), reason: Type.String() }, closed)),
      steps: Type.Array(step),
    },
    closed,
  ),
);

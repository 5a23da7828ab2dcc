import { Type } from 'typebox';

import { type AttributesInput, AttributesInputSchema } from './attributes-document.ts';
import { type ContentDocument, ContentDocumentSchema } from './content-document.ts';
import { type Schema, schemaOf } from './schema.ts';

/** An observation that the server holds on a device. */
export interface ObservationDocument {
  readonly path: string;
  readonly name?: string;
  /** RFC 3339, in UTC. */
  readonly observedAt: string;
}

export interface ObservationList {
  readonly observations: readonly ObservationDocument[];
}

/** The answer to establishing an observation. */
export interface ObservationStarted {
  readonly path: string;
  /** False when the server observed the path already; it then did so anew. */
  readonly isNew: boolean;
  readonly content: ContentDocument;
}

/** The body of establishing an observation: attributes to write first. */
export interface ObserveInput {
  readonly attributes?: AttributesInput;
}

export const ObservationListSchema: Schema<ObservationList> = schemaOf<ObservationList>()(
  Type.Object(
    {
      observations: Type.Array(
        Type.Object(
          {
            path: Type.String(),
            name: Type.Optional(Type.String()),
            observedAt: Type.String({ format: 'date-time' }),
          },
          { additionalProperties: false },
        ),
      ),
    },
    { additionalProperties: false },
  ),
);

export const ObservationStartedSchema: Schema<ObservationStarted> = schemaOf<ObservationStarted>()(
  Type.Object(
    { path: Type.String(), isNew: Type.Boolean(), content: ContentDocumentSchema },
    { additionalProperties: false },
  ),
);

export const ObserveInputSchema: Schema<ObserveInput> = schemaOf<ObserveInput>()(
  Type.Object({ attributes: Type.Optional(AttributesInputSchema) }, { additionalProperties: false }),
);

import { Type } from 'typebox';

import { type AttributesInput, AttributesInputSchema } from './attributes-document.ts';
import { type ContentDocument, ContentDocumentSchema } from './content-document.ts';
import { nextPathSchema } from './path-page.ts';
import { desiredProperties, type DesiredProblem, type DesiredState } from './desired-document.ts';
import { type Schema, schemaOf } from './schema.ts';

/** An observation that the server holds on a device, or wishes to hold. */
export interface ObservationDocument extends DesiredProblem {
  readonly path: string;
  readonly name?: string;
  readonly state: DesiredState;
  /**
   * True for one that lasts until it is withdrawn, whatever the registration; false for one that a program holds
   * that runs in the server.
   */
  readonly isDesired: boolean;
  /** Since when it is wished, or observed when it is not: RFC 3339, in UTC. */
  readonly since: string;
  /** Since when the device observes, when it does. */
  readonly observedAt?: string;
}

/** The observations of a device, a page of them. */
export interface ObservationList {
  readonly observations: readonly ObservationDocument[];
  /** What to give as `after` for the rest; null at the end. */
  readonly next: string | null;
}

/** The answer to establishing an observation. */
export interface ObservationStarted {
  readonly path: string;
  /** False when the observation was wished already. */
  readonly isNew: boolean;
  readonly state: DesiredState;
  /** The first content; absent while it is pending. */
  readonly content?: ContentDocument;
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
            ...desiredProperties,
            isDesired: Type.Boolean(),
            observedAt: Type.Optional(Type.String({ format: 'date-time' })),
          },
          { additionalProperties: false },
        ),
      ),
      next: nextPathSchema,
    },
    { additionalProperties: false },
  ),
);

export const ObservationStartedSchema: Schema<ObservationStarted> = schemaOf<ObservationStarted>()(
  Type.Object(
    {
      path: Type.String(),
      isNew: Type.Boolean(),
      state: desiredProperties.state,
      content: Type.Optional(ContentDocumentSchema),
    },
    { additionalProperties: false },
  ),
);

export const ObserveInputSchema: Schema<ObserveInput> = schemaOf<ObserveInput>()(
  Type.Object({ attributes: Type.Optional(AttributesInputSchema) }, { additionalProperties: false }),
);

import { Type } from 'typebox';

import { nextPathSchema } from './path-page.ts';
import { type AttributesInput, AttributesInputSchema } from './attributes-document.ts';
import { type Schema, schemaOf } from './schema.ts';

/**
 * Where a wish stands: `active` (the device does it), `refused` (it said no, and is asked again when it registers
 * anew), `pending` (it is asked when it can be reached).
 */
export const desiredStates = ['active', 'pending', 'refused'] as const;

/** Where a wish for a device stands. */
export type DesiredState = (typeof desiredStates)[number];

/** Why a wish is refused, or why the last attempt failed. */
export interface DesiredProblem {
  readonly reason?: string;
  /** The response code of the device: `4.04`. */
  readonly coapCode?: string;
}

/** Attributes that are wished for a device, whatever its registration. */
export interface DesiredAttributesDocument extends DesiredProblem {
  readonly path: string;
  readonly name?: string;
  /** Numbers are to be set; `null` is to be unset and may not be yet. */
  readonly attributes: AttributesInput;
  readonly state: DesiredState;
  /** RFC 3339, in UTC. */
  readonly since: string;
}

/** The attributes that are wished for at a device, a page of them. */
export interface DesiredAttributesList {
  readonly attributes: readonly DesiredAttributesDocument[];
  /** What to give as `after` for the rest; null at the end. */
  readonly next: string | null;
}

/** The parts of a schema that all wishes have. */
export const desiredProperties: {
  readonly path: Type.TString;
  readonly name: Type.TOptional<Type.TString>;
  readonly state: Schema<DesiredState>;
  readonly since: Type.TString;
  readonly reason: Type.TOptional<Type.TString>;
  readonly coapCode: Type.TOptional<Type.TString>;
} = {
  path: Type.String(),
  name: Type.Optional(Type.String()),
  state: Type.Unsafe<DesiredState>(Type.Enum([...desiredStates])),
  since: Type.String({ format: 'date-time' }),
  reason: Type.Optional(Type.String()),
  coapCode: Type.Optional(Type.String({ description: 'The response code of the device: 4.04.' })),
};

export const DesiredAttributesSchema: Schema<DesiredAttributesDocument> =
  schemaOf<DesiredAttributesDocument>()(
    Type.Object({ ...desiredProperties, attributes: AttributesInputSchema }, { additionalProperties: false }),
  );

export const DesiredAttributesListSchema: Schema<DesiredAttributesList> = schemaOf<DesiredAttributesList>()(
  Type.Object(
    { attributes: Type.Array(DesiredAttributesSchema), next: nextPathSchema },
    { additionalProperties: false },
  ),
);

import { Type } from 'typebox';

import { type Schema, schemaOf } from './schema.ts';

/**
 * What went wrong, as a word that programs may compare. With the status of the answer:
 * `bad-request` 400, `unauthenticated` 401, `forbidden` 403 (the role does not include it), `forbidden-origin` 403,
 * `unknown-device` 404, `no-observation` 404, `unknown-credential` 404, `unknown-operation` 404, `unknown-image` 404,
 * `unknown-update` 404, `unknown-configuration` 404, `unknown-session` 404, `unknown-number` 404, `unknown-user` 404, `unknown-token` 404,
 * `not-found` 404 (no such route), `conflict` 409 (it is somebody else's, there is no room,
 * or it is under way), `operation-cancelled` 409, `payload-too-large` 413, `unsupported-media-type` 415,
 * `too-many-requests` 429, `internal` 500, `device-refused` 502 (the device answered with an error code),
 * `device-misbehaved` 502 (its answer made no sense), `unavailable` 503, `not-sent` 503 (nothing was sent to the
 * device; the message says what stood in the way, such as a budget for short messages), `no-answer` 504, `outcome-unknown` 504 (no
 * answer, and it may have happened), `operation-expired` 504.
 */
export const apiErrorWords = [
  'bad-request',
  'unauthenticated',
  'forbidden',
  'forbidden-origin',
  'unknown-device',
  'no-observation',
  'unknown-credential',
  'unknown-operation',
  'unknown-image',
  'unknown-update',
  'unknown-configuration',
  'unknown-session',
  'unknown-number',
  'unknown-user',
  'unknown-token',
  'not-found',
  'conflict',
  'payload-too-large',
  'unsupported-media-type',
  'too-many-requests',
  'internal',
  'device-refused',
  'device-misbehaved',
  'unavailable',
  'not-sent',
  'no-answer',
  'outcome-unknown',
  'operation-expired',
  'operation-cancelled',
] as const;

/** The word that programs tell errors by. */
export type ApiErrorWord = (typeof apiErrorWords)[number];

/** The body of every answer of class 4xx and 5xx. */
export interface ErrorDocument {
  readonly error: ApiErrorWord;
  /** What happened, to whom, and what to do, in one sentence for people. */
  readonly message: string;
  /** The part of the request at fault: `path`, `query.limit`, `body.value`, `header.last-event-id` … */
  readonly field?: string;
  /** The character of it at fault, from 1, where it is a text with a form of its own such as a filter. */
  readonly position?: number;
  /** The response code of the device: `4.05`. */
  readonly coapCode?: string;
  /** The name of that code: `Method Not Allowed`. */
  readonly coapMeaning?: string;
  /** The diagnostic text that came with it. */
  readonly diagnostic?: string;
}

export const ErrorDocumentSchema: Schema<ErrorDocument> = schemaOf<ErrorDocument>()(
  Type.Object(
    {
      error: Type.Enum([...apiErrorWords]),
      message: Type.String(),
      field: Type.Optional(Type.String({ description: 'The part of the request at fault.' })),
      position: Type.Optional(Type.Integer({ description: 'The character of that part, from 1.' })),
      coapCode: Type.Optional(Type.String({ description: 'The response code of the device: 4.05.' })),
      coapMeaning: Type.Optional(Type.String()),
      diagnostic: Type.Optional(Type.String({ description: 'The text the device sent with the code.' })),
    },
    { additionalProperties: false },
  ),
);

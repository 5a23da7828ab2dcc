import { Type } from 'typebox';

import {
  type AttributesInput,
  AttributesInputSchema,
  type DiscoverDocument,
  DiscoverDocumentSchema,
} from './attributes-document.ts';
import { type ContentDocument, ContentDocumentSchema } from './content-document.ts';
import { type ErrorDocument, ErrorDocumentSchema } from './error-document.ts';
import { containsSchema } from './contains.ts';
import { type Schema, schemaOf } from './schema.ts';
import { type CreateInput, type WriteInput } from './write-document.ts';

/** What can be queued for a device. */
export const queueableOperations = [
  'read',
  'discover',
  'write-replace',
  'write-update',
  'write-attributes',
  'execute',
  'create',
  'delete',
] as const;

/** What can wait for a device. */
export type QueueableOperation = (typeof queueableOperations)[number];

/** Where an operation stands: `waiting` and `sent` are open, the others final. */
export const operationStates = ['waiting', 'sent', 'done', 'failed', 'expired', 'cancelled'] as const;

/** Where an operation in the queue of a device stands. */
export type OperationState = (typeof operationStates)[number];

/** The body of queueing an operation. */
export interface OperationInputDocument {
  readonly operation: QueueableOperation;
  /** Such as `/3/0/14`. */
  readonly path: string;
  /** Of a Write or a Create: what the body of its own route would be. */
  readonly input?: WriteInput | CreateInput;
  /** Of a Write-Attributes. */
  readonly attributes?: AttributesInput;
  /** Of an Execute, as on the wire: `0='text',1`. */
  readonly arguments?: string;
  /** Seconds that it may wait. Default: a week. */
  readonly expiresIn?: number;
}

/** What was asked, beside operation and path. */
export interface OperationRequestDocument {
  readonly content?: ContentDocument;
  readonly attributes?: AttributesInput;
  readonly arguments?: string;
}

/** What a device gave back; `{}` when it just did what was asked. */
export interface OperationResultDocument {
  /** Of a Read. */
  readonly content?: ContentDocument;
  /** Of a Discover. */
  readonly links?: readonly DiscoverDocument[];
  /** Of a Create: the path of the new Object Instance. */
  readonly path?: string;
  /** Of a result that is longer than what is kept: its length in characters of JSON. */
  readonly length?: number;
}

/** An operation that was accepted for a device. */
export interface OperationDocument {
  readonly endpoint: string;
  /** Counted from 1 for each device. */
  readonly id: number;
  readonly operation: QueueableOperation;
  readonly path: string;
  /** What is at the path is called, from the definition. */
  readonly name?: string;
  readonly request: OperationRequestDocument;
  readonly state: OperationState;
  /** RFC 3339, in UTC; as are the others. */
  readonly queuedAt: string;
  /** Until when it may begin. */
  readonly expiresAt: string;
  /** How often it was sent. */
  readonly attempts: number;
  /** Of one that is sent. */
  readonly sentAt?: string;
  /** Of one that is over. */
  readonly finishedAt?: string;
  /** Of one that is done. */
  readonly result?: OperationResultDocument;
  /** Of one that failed: what the answer of its own route would have been. */
  readonly error?: ErrorDocument;
}

/** One page of the operations of a device, in the order of their ids. */
export interface OperationPage {
  readonly operations: readonly OperationDocument[];
  /** What to give as `after` for the next page; `null` on the last. */
  readonly next: number | null;
}

/** Which operations to list. */
export interface OperationQuery {
  /** Only those in this state. */
  readonly state?: OperationState;
  /** Only those with this in their path, the name of what is there, or the name of the operation, in any case of letters. */
  readonly contains?: string;
  /** Begin after this id. */
  readonly after?: number;
  /** Operations a page: 1 to 1000. Default 100. */
  readonly limit?: number;
}

const closed = { additionalProperties: false };
const instant = Type.String({ format: 'date-time' });
const path = Type.String({ description: 'Such as /3/0/14.' });

/** Seconds that an operation may wait: up to a year. */
export const expiresInSchema: Schema<number> = Type.Unsafe<number>(
  Type.Number({ exclusiveMinimum: 0, maximum: 31_536_000, description: 'Seconds. Default: a week.' }),
);

export const OperationInputSchema: Schema<OperationInputDocument> = schemaOf<OperationInputDocument>()(
  Type.Object(
    {
      operation: Type.Enum([...queueableOperations]),
      path,
      input: Type.Optional(
        Type.Unsafe<WriteInput | CreateInput>({
          description: 'Of a Write or a Create: what the body of its own route would be.',
        }),
      ),
      attributes: Type.Optional(AttributesInputSchema),
      arguments: Type.Optional(Type.String({ description: "Of an Execute: 0='text',1." })),
      expiresIn: Type.Optional(expiresInSchema),
    },
    closed,
  ),
);

export const OperationDocumentSchema: Schema<OperationDocument> = schemaOf<OperationDocument>()(
  Type.Object(
    {
      endpoint: Type.String(),
      id: Type.Integer({ minimum: 1 }),
      operation: Type.Enum([...queueableOperations]),
      path,
      name: Type.Optional(Type.String()),
      request: Type.Object(
        {
          content: Type.Optional(ContentDocumentSchema),
          attributes: Type.Optional(AttributesInputSchema),
          arguments: Type.Optional(Type.String()),
        },
        closed,
      ),
      state: Type.Enum([...operationStates]),
      queuedAt: instant,
      expiresAt: instant,
      attempts: Type.Integer({ minimum: 0 }),
      sentAt: Type.Optional(instant),
      finishedAt: Type.Optional(instant),
      result: Type.Optional(
        Type.Object(
          {
            content: Type.Optional(ContentDocumentSchema),
            links: Type.Optional(Type.Array(DiscoverDocumentSchema)),
            path: Type.Optional(Type.String()),
            length: Type.Optional(Type.Integer({ minimum: 0 })),
          },
          closed,
        ),
      ),
      error: Type.Optional(ErrorDocumentSchema),
    },
    closed,
  ),
);

export const OperationPageSchema: Schema<OperationPage> = schemaOf<OperationPage>()(
  Type.Object(
    {
      operations: Type.Array(OperationDocumentSchema),
      next: Type.Union([Type.Integer(), Type.Null()], {
        description: 'Give it as "after" for the next page; null on the last.',
      }),
    },
    closed,
  ),
);

export const OperationQuerySchema: Schema<OperationQuery> = schemaOf<OperationQuery>()(
  Type.Object(
    {
      state: Type.Optional(Type.Enum([...operationStates])),
      contains: Type.Optional(containsSchema),
      after: Type.Optional(Type.Integer({ minimum: 0 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    },
    closed,
  ),
);

import { type ErrorDocument, ErrorDocumentSchema } from '@dunlin/api';
import { Type, type TSchema, type TUnsafe } from 'typebox';

/** An answer without a body. */
export const noContent: { readonly 204: TUnsafe<void> } = {
  204: Type.Unsafe<void>({ type: 'null', description: 'Done.' }),
};

/** The parts of a route's schema that differ from route to route. */
export interface RouteParts {
  readonly params?: TSchema;
  readonly querystring?: TSchema;
  readonly body?: TSchema;
  readonly headers?: TSchema;
  readonly consumes?: readonly string[];
  readonly produces?: readonly string[];
  readonly response: Readonly<Record<number, TSchema>>;
}

/** A route's schema for checking and for OpenAPI, with the error answer that all routes have in common. */
export function described<P extends RouteParts>(
  tag: string,
  operationId: string,
  summary: string,
  parts: P,
): P & {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly summary: string;
  readonly response: P['response'] & { readonly '4xx': TUnsafe<ErrorDocument> };
} {
  return {
    ...parts,
    tags: [tag],
    operationId,
    summary,
    response: { ...parts.response, '4xx': ErrorDocumentSchema, '5xx': ErrorDocumentSchema },
  };
}

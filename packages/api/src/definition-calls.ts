import type { ApiCallOptions, ApiCalls } from './api-calls.ts';
import { type DefinitionDocument, type DefinitionQuery, DefinitionSchema } from './definition-document.ts';

/** The definitions of Objects that the server knows. */
export class DefinitionCalls {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** The definition of an Object; rejects with `not-found` when there is none. */
  get(
    objectId: number,
    { version }: Readonly<DefinitionQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<DefinitionDocument> {
    return this.#calls.json(DefinitionSchema, {
      method: 'GET',
      path: `/definitions/${objectId}`,
      query: { version },
      ...options,
    });
  }
}

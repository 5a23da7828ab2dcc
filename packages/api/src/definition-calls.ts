import type { ApiCallOptions, ApiCalls } from './api-calls.ts';
import {
  type DefinitionDocument,
  type DefinitionListQuery,
  type DefinitionPage,
  DefinitionPageSchema,
  type DefinitionQuery,
  DefinitionSchema,
  type DefinitionSummary,
  DefinitionsUploadedSchema,
} from './definition-document.ts';

/** The definitions of Objects that the server knows. */
export class DefinitionCalls {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** One page of the definitions that the server knows. */
  list(
    { search, source, after, limit }: Readonly<DefinitionListQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<DefinitionPage> {
    return this.#calls.json(DefinitionPageSchema, {
      method: 'GET',
      path: '/definitions',
      query: { search, source, after, limit },
      ...options,
    });
  }

  /** Adds the definitions of a DDF file, each in place of an uploaded one of the same id and version. */
  async upload(
    xml: string | Uint8Array,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<readonly DefinitionSummary[]> {
    const { definitions } = await this.#calls.json(DefinitionsUploadedSchema, {
      method: 'POST',
      path: '/definitions',
      raw: xml,
      headers: { 'content-type': 'application/xml' },
      ...options,
    });
    return definitions;
  }

  /** Removes a definition that was uploaded. */
  async remove(objectId: number, version: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: `/definitions/${objectId}/${version}`, ...options });
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

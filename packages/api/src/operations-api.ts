import type { ApiCalls } from './api-calls.ts';
import {
  type OperationDocument,
  OperationDocumentSchema,
  type OperationInputDocument,
  type OperationPage,
  OperationPageSchema,
  type OperationQuery,
} from './operation-document.ts';

/** How long the server shall wait for the end of an operation before it answers, in seconds; 0 when absent. */
export interface OperationWaitOptions {
  readonly signal?: AbortSignal;
  readonly wait?: number;
}

/** Operations that were accepted for devices: they wait until the device can be reached, and outlive the server. */
export class OperationsApi {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** One page of the operations of a device, open and finished, in the order of their ids. */
  list(
    endpoint: string,
    query: Readonly<OperationQuery> = {},
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<OperationPage> {
    const { state, contains, after, limit } = query;
    return this.#calls.json(OperationPageSchema, {
      method: 'GET',
      path: operationPath(endpoint),
      query: { state, contains, after, limit },
      ...options,
    });
  }

  /** One operation as it is; with `wait` as it is when it is finished, or that time is over. */
  get(
    endpoint: string,
    id: number,
    { signal, wait }: Readonly<OperationWaitOptions> = {},
  ): Promise<OperationDocument> {
    return this.#calls.json(OperationDocumentSchema, {
      method: 'GET',
      path: operationPath(endpoint, id),
      query: { wait },
      signal,
    });
  }

  /** Queues an operation for a device that is registered, or was before. */
  enqueue(
    endpoint: string,
    input: OperationInputDocument,
    { signal, wait }: Readonly<OperationWaitOptions> = {},
  ): Promise<OperationDocument> {
    return this.#calls.json(OperationDocumentSchema, {
      method: 'POST',
      path: operationPath(endpoint),
      query: { wait },
      signal,
      json: input,
    });
  }

  /** Cancels an operation that waits, or forgets one that is finished. */
  async cancel(endpoint: string, id: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: operationPath(endpoint, id), ...options });
  }
}

function operationPath(endpoint: string, id?: number): string {
  const operations = `/devices/${encodeURIComponent(endpoint)}/operations`;
  return id === undefined ? operations : `${operations}/${id}`;
}

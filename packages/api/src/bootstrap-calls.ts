import type { ApiCallOptions, ApiCalls } from './api-calls.ts';
import {
  type BootstrapCheckDocument,
  type BootstrapCheckInput,
  BootstrapCheckSchema,
} from './bootstrap-check-document.ts';
import {
  type BootstrapDocument,
  BootstrapDocumentSchema,
  type BootstrapInput,
  type BootstrapPage,
  BootstrapPageSchema,
  type BootstrapQuery,
  type BootstrapTargetDocument,
} from './bootstrap-document.ts';
import {
  type BootstrapSessionDocument,
  type BootstrapSessionList,
  BootstrapSessionListSchema,
  type BootstrapSessionQuery,
  BootstrapSessionSchema,
  type BootstrapStartInput,
} from './bootstrap-session-document.ts';
import { CredentialCalls } from './credential-calls.ts';

/** The Bootstrap-Server: what devices are given, and how it went; its credentials are others than the server's. */
export class BootstrapCalls extends CredentialCalls {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    super(calls, '/bootstrap');
    this.#calls = calls;
  }

  /** One page of the configurations: those for endpoints first, each by name. */
  configurations(
    query: Readonly<BootstrapQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<BootstrapPage> {
    const { contains, after, limit } = query;
    return this.#calls.json(BootstrapPageSchema, {
      method: 'GET',
      path: '/bootstrap/configurations',
      query: { contains, after, limit },
      ...options,
    });
  }

  configuration(
    target: BootstrapTargetDocument,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<BootstrapDocument> {
    return this.#calls.json(BootstrapDocumentSchema, { method: 'GET', path: pathOf(target), ...options });
  }

  /** Sets a configuration in place of the one for the same target, whose keys stay where none are given. */
  setConfiguration(
    target: BootstrapTargetDocument,
    input: BootstrapInput,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<BootstrapDocument> {
    return this.#calls.json(BootstrapDocumentSchema, {
      method: 'PUT',
      path: pathOf(target),
      json: input,
      ...options,
    });
  }

  /** What is wrong with a configuration, or what a device will be asked because of it; nothing is set. */
  checkConfiguration(
    input: BootstrapCheckInput,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<BootstrapCheckDocument> {
    return this.#calls.json(BootstrapCheckSchema, {
      method: 'POST',
      path: '/bootstrap/check',
      json: input,
      ...options,
    });
  }

  async removeConfiguration(
    target: BootstrapTargetDocument,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: pathOf(target), ...options });
  }

  /** Sessions under way and those that ended last, the newest first. */
  sessions(
    query: Readonly<BootstrapSessionQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<BootstrapSessionList> {
    const { endpoint, contains, outcome, before, limit } = query;
    return this.#calls.json(BootstrapSessionListSchema, {
      method: 'GET',
      path: '/bootstrap/sessions',
      query: { endpoint, contains, outcome, before, limit },
      ...options,
    });
  }

  session(id: string, options: Readonly<ApiCallOptions> = {}): Promise<BootstrapSessionDocument> {
    return this.#calls.json(BootstrapSessionSchema, {
      method: 'GET',
      path: `/bootstrap/sessions/${encodeURIComponent(id)}`,
      ...options,
    });
  }

  /** Begins a session with a device that waits for it; resolves to the session as it begins. */
  startSession(
    input: BootstrapStartInput,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<BootstrapSessionDocument> {
    return this.#calls.json(BootstrapSessionSchema, {
      method: 'POST',
      path: '/bootstrap/sessions',
      json: input,
      ...options,
    });
  }
}

function pathOf(target: BootstrapTargetDocument): string {
  return 'endpoint' in target
    ? `/bootstrap/endpoints/${encodeURIComponent(target.endpoint)}`
    : `/bootstrap/patterns/${encodeURIComponent(target.pattern)}`;
}

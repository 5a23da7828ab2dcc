import type { ApiCallOptions, ApiCalls } from './api-calls.ts';
import {
  type FirmwareImageDocument,
  type FirmwareImageFacts,
  type FirmwareImagePage,
  FirmwareImagePageSchema,
  type FirmwareImageQuery,
  FirmwareImageSchema,
} from './firmware-image-document.ts';
import {
  type FirmwareUpdateDocument,
  type FirmwareUpdateInput,
  type FirmwareUpdatePage,
  FirmwareUpdatePageSchema,
  type FirmwareUpdateQuery,
  FirmwareUpdateSchema,
} from './firmware-update-document.ts';
import type { HttpBody } from './http-fetch.ts';

/** What is said of an image that is uploaded. */
export interface FirmwareUploadOptions extends ApiCallOptions {
  /** The bytes that come, so that too many are refused before they are sent. */
  readonly size?: number;
}

/** How long an answer may wait for news of an update. */
export interface FirmwareWaitOptions extends ApiCallOptions {
  /** How long the server shall wait for the end of the update before it answers, in seconds; 0 when absent. */
  readonly wait?: number;
}

/** Images of firmware, and what devices are updated to. */
export class FirmwareCalls {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** Adds an image, piece by piece when it is an iterable. The same bytes again give the image its new facts. */
  upload(
    bytes: HttpBody,
    { name, version, model }: FirmwareImageFacts,
    { size, signal }: Readonly<FirmwareUploadOptions> = {},
  ): Promise<FirmwareImageDocument> {
    return this.#calls.json(FirmwareImageSchema, {
      method: 'POST',
      path: '/firmware',
      query: { name, version, model },
      raw: bytes,
      signal,
      headers: {
        'content-type': 'application/octet-stream',
        ...(size === undefined ? {} : { 'content-length': String(size) }),
      },
    });
  }

  /** One page of the images, ordered by name. */
  images(
    query: Readonly<FirmwareImageQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<FirmwareImagePage> {
    const { contains, version, model, id, after, limit } = query;
    return this.#calls.json(FirmwareImagePageSchema, {
      method: 'GET',
      path: '/firmware',
      query: { contains, version, model, id, after, limit },
      ...options,
    });
  }

  image(id: string, options: Readonly<ApiCallOptions> = {}): Promise<FirmwareImageDocument> {
    return this.#calls.json(FirmwareImageSchema, { method: 'GET', path: imagePath(id), ...options });
  }

  /** Removes an image; refused with `conflict` while a device is being updated to it. */
  async removeImage(id: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: imagePath(id), ...options });
  }

  /** One page of the updates that are under way, ordered by endpoint name. */
  updates(
    query: Readonly<FirmwareUpdateQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<FirmwareUpdatePage> {
    const { image, state, contains, after, limit } = query;
    return this.#calls.json(FirmwareUpdatePageSchema, {
      method: 'GET',
      path: '/firmware/updates',
      query: { image, state, contains, after, limit },
      ...options,
    });
  }

  /** Starts the update of a device that is registered, or was before. It goes on by itself, whatever restarts. */
  update(
    endpoint: string,
    input: FirmwareUpdateInput,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<FirmwareUpdateDocument> {
    return this.#calls.json(FirmwareUpdateSchema, {
      method: 'POST',
      path: updatePath(endpoint),
      json: input,
      ...options,
    });
  }

  /** The update that is under way, or the last one; with `wait` as it is when it is over, or that time is. */
  status(
    endpoint: string,
    { wait, signal }: Readonly<FirmwareWaitOptions> = {},
  ): Promise<FirmwareUpdateDocument> {
    return this.#calls.json(FirmwareUpdateSchema, {
      method: 'GET',
      path: updatePath(endpoint),
      query: { wait },
      signal,
    });
  }

  /** Has the image installed that the device has, or as soon as it has it. */
  install(endpoint: string, options: Readonly<ApiCallOptions> = {}): Promise<FirmwareUpdateDocument> {
    return this.#calls.json(FirmwareUpdateSchema, {
      method: 'POST',
      path: `${updatePath(endpoint)}/install`,
      ...options,
    });
  }

  /** Cancels the update that is under way; one that is over stays as it was. */
  cancel(endpoint: string, options: Readonly<ApiCallOptions> = {}): Promise<FirmwareUpdateDocument> {
    return this.#calls.json(FirmwareUpdateSchema, {
      method: 'DELETE',
      path: updatePath(endpoint),
      ...options,
    });
  }
}

function imagePath(id: string): string {
  return `/firmware/${encodeURIComponent(id)}`;
}

function updatePath(endpoint: string): string {
  return `/devices/${encodeURIComponent(endpoint)}/firmware`;
}

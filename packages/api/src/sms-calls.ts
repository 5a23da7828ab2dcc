import type { ApiCallOptions, ApiCalls } from './api-calls.ts';
import {
  type DeviceSmsDocument,
  DeviceSmsSchema,
  type SmsNumberDocument,
  SmsNumberSchema,
  SmsNumbersSchema,
  type SmsOutboxEntryDocument,
  SmsOutboxSchema,
  type SmsStatusDocument,
  SmsStatusSchema,
} from './sms-document.ts';

/** Short messages of the server: their state, what was sent, and the numbers of devices. */
export class SmsCalls {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  status(options: Readonly<ApiCallOptions> = {}): Promise<SmsStatusDocument> {
    return this.#calls.json(SmsStatusSchema, { method: 'GET', path: '/sms', ...options });
  }

  /** What is on its way and what was lately, the newest first; at most `limit`, by default 100. */
  async outbox({ limit, signal }: Readonly<ApiCallOptions & { readonly limit?: number }> = {}): Promise<
    readonly SmsOutboxEntryDocument[]
  > {
    const query = { limit };
    const { entries } = await this.#calls.json(SmsOutboxSchema, {
      method: 'GET',
      path: '/sms/outbox',
      query,
      signal,
    });
    return entries;
  }

  /** The provisioned numbers, by endpoint name. */
  async numbers(options: Readonly<ApiCallOptions> = {}): Promise<readonly SmsNumberDocument[]> {
    const { numbers } = await this.#calls.json(SmsNumbersSchema, {
      method: 'GET',
      path: '/sms/numbers',
      ...options,
    });
    return numbers;
  }

  /** Says which number a device has: short messages go there, and those that come from there are its own. */
  provision(
    endpoint: string,
    number: string,
    options: Readonly<ApiCallOptions> = {},
  ): Promise<SmsNumberDocument> {
    return this.#calls.json(SmsNumberSchema, {
      method: 'PUT',
      path: numberPath(endpoint),
      json: { number },
      ...options,
    });
  }

  async withdraw(endpoint: string, options: Readonly<ApiCallOptions> = {}): Promise<void> {
    await this.#calls.call({ method: 'DELETE', path: numberPath(endpoint), ...options });
  }

  /** How a registered device is reached; with `bytes`, what a datagram of that length would cost. */
  device(
    endpoint: string,
    { bytes, signal }: Readonly<ApiCallOptions & { readonly bytes?: number }> = {},
  ): Promise<DeviceSmsDocument> {
    return this.#calls.json(DeviceSmsSchema, {
      method: 'GET',
      path: `/devices/${encodeURIComponent(endpoint)}/sms`,
      query: { bytes },
      signal,
    });
  }
}

function numberPath(endpoint: string): string {
  return `/sms/numbers/${encodeURIComponent(endpoint)}`;
}

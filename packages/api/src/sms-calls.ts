import type { ApiCallOptions, ApiCalls } from './api-calls.ts';
import {
  type DeviceSmsDocument,
  DeviceSmsSchema,
  type SmsNumberDocument,
  SmsNumberSchema,
  type SmsNumbersDocument,
  type SmsNumbersQuery,
  SmsNumbersSchema,
  type SmsOutboxDocument,
  type SmsOutboxQuery,
  SmsOutboxSchema,
  type SmsStatusDocument,
  SmsStatusSchema,
  type WakeDocument,
  WakeSchema,
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

  /** One page of what is on its way and what was lately, the newest first. */
  outbox(
    query: Readonly<SmsOutboxQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<SmsOutboxDocument> {
    const { contains, after, limit } = query;
    return this.#calls.json(SmsOutboxSchema, {
      method: 'GET',
      path: '/sms/outbox',
      query: { contains, after, limit },
      ...options,
    });
  }

  /** One page of the provisioned numbers, by endpoint name. */
  numbers(
    query: Readonly<SmsNumbersQuery> = {},
    options: Readonly<ApiCallOptions> = {},
  ): Promise<SmsNumbersDocument> {
    const { contains, after, limit } = query;
    return this.#calls.json(SmsNumbersSchema, {
      method: 'GET',
      path: '/sms/numbers',
      query: { contains, after, limit },
      ...options,
    });
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

  /**
   * Has a device send an Update by one short message; waits up to `wait` seconds (30) for it to answer. Who asks while
   * one is under way hears of the same short message.
   */
  wake(
    endpoint: string,
    { wait, signal }: Readonly<ApiCallOptions & { readonly wait?: number }> = {},
  ): Promise<WakeDocument> {
    return this.#calls.json(WakeSchema, {
      method: 'POST',
      path: `/devices/${encodeURIComponent(endpoint)}/wake`,
      query: { wait },
      signal,
    });
  }
}

function numberPath(endpoint: string): string {
  return `/sms/numbers/${encodeURIComponent(endpoint)}`;
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Secret, UsageError } from '@dunlin/base';
import { type ClientOptions, device, LwM2mClient, type ServerAccount } from '@dunlin/client';
import type { Binding } from '@dunlin/coap';
import { SimulatedNetwork } from '@dunlin/simulation';

/** A binding that must not be opened. */
const unused: Binding = { open: () => Promise.reject(new Error('a binding was opened')) };
const sms: NonNullable<ClientOptions['sms']> = {
  number: '491700000001',
  open: () => ({ plain: unused, secure: unused }),
};
const key = new Secret(new Uint8Array(16));

function open(account: Partial<ServerAccount>, options: Partial<ClientOptions> = {}): Promise<LwM2mClient> {
  return LwM2mClient.open({
    endpoint: 'phone',
    servers: [{ uri: 'coap://192.0.2.1', shortServerId: 1, ...account }],
    objects: [device({ manufacturer: 'Dunlin', supportedBindingAndModes: 'UQS', onReboot: () => undefined })],
    binding: new SimulatedNetwork(1).binding('192.0.2.7', 40_000),
    sms,
    ...options,
  });
}

describe('An account that is reached by short messages', () => {
  test('says in words what is wrong', async () => {
    const number = '10690';
    const cases: readonly [Partial<ServerAccount>, RegExp][] = [
      [{ binding: 'S' }, /needs `sms`: its number/],
      [{ binding: 'UQS', sms: { number: 'Dunlin' } }, /no telephone number/],
      [{ sms: { number, security: { mode: 'psk', identity: '', key } } }, /identity .* is empty/],
      [
        { sms: { number, security: { mode: 'psk', identity: 'a', key: new Secret(new Uint8Array(15)) } } },
        /not of 16, 32 or 48 bytes/,
      ],
      [{ uri: 'tel:+10690', binding: 'UQS', sms: { number } }, /needs a URI with coap/],
    ];
    for (const [account, message] of cases) {
      await assert.rejects(
        open(account),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    }
  });

  test('needs a way of short messages', async () => {
    const { sms: _, ...without } = { sms };
    await assert.rejects(
      LwM2mClient.open({
        endpoint: 'phone',
        servers: [{ uri: 'coap://192.0.2.1', shortServerId: 1, binding: 'S', sms: { number: '10690' } }],
        objects: [
          device({ manufacturer: 'Dunlin', supportedBindingAndModes: 'S', onReboot: () => undefined }),
        ],
        ...without,
      }),
      /cannot be reached without `sms`/,
    );
  });
});

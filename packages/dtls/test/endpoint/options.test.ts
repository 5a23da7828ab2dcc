import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, test } from 'node:test';

import { rawPublicKeyCredential } from '../../src/credentials/credential.ts';
import { DtlsEndpoint } from '../../src/dtls-endpoint.ts';
import type { DtlsEndpointOptions } from '../../src/dtls-endpoint-options.ts';
import { makeKeys, validTime } from '../support/certificate-authority.ts';
import { wellFormed } from '../support/codec.ts';
import { keyCredential, modeOf } from '../support/modes.ts';
import { addressOf, randomOf } from '../support/party.ts';

const server: DtlsEndpointOptions = {
  random: randomOf(1),
  role: 'server',
  credentials: { preSharedKeys: {} },
};

describe('an endpoint is not made', () => {
  const rawPublicKey = wellFormed(rawPublicKeyCredential(makeKeys().privateKey));
  const publicHalf = createPublicKey(rawPublicKey.privateKey);
  const wrong: Readonly<Record<string, Partial<DtlsEndpointOptions>>> = {
    'without credentials for a server': { credentials: undefined } as never,
    'with a hint that no client has to read': {
      credentials: { preSharedKeys: { identityHint: 'x'.repeat(257) } },
    },
    'with a key that cannot sign': {
      credentials: { rawPublicKey: { ...rawPublicKey, privateKey: publicHalf } },
    },
    'with connection ids of no length there is': { connectionId: { length: 65 } },
    'with connection ids of half a byte': { connectionId: { length: 0.5 } },
    'with a record_size_limit that is too small': { recordSizeLimit: 63 },
    'with a record_size_limit that is too large': { recordSizeLimit: 16_385 },
    'without any suite': { suites: [] },
    'without any group': { groups: [] },
    'with datagrams that have no room for a fragment': { flight: { maxDatagramLength: 139 } },
    'with a jitter of more than all': { flight: { jitter: 1.5 } },
    'with a negative number of retransmissions': { flight: { maxRetransmissions: -1 } },
    'with a limit that lets nothing in': { limits: { maxHandshakes: 0 } },
  };
  for (const [what, options] of Object.entries(wrong)) {
    test(what, () => {
      assert.throws(() => new DtlsEndpoint({ ...server, ...options }), { code: 'usage' });
    });
  }
});

describe('connecting', () => {
  const connect = (role: 'server' | 'client', changes: object): void => {
    const endpoint = new DtlsEndpoint({ ...server, role });
    const options = { credential: keyCredential(), ...changes };
    endpoint.connect(addressOf('192.0.2.1', 5684), options, validTime);
  };

  test('is for clients', () => {
    assert.throws(() => connect('server', {}), { code: 'usage' });
    connect('client', {});
  });

  test('needs a suite that fits the credential, and a name for it', () => {
    const endpoint = new DtlsEndpoint({
      random: randomOf(2),
      role: 'client',
      suites: [modeOf('TLS_ECDHE_ECDSA').suite],
    });
    const to = addressOf('192.0.2.1', 5684);
    assert.throws(() => endpoint.connect(to, { credential: keyCredential() }, validTime), { code: 'usage' });
    for (const credentialId of ['', 'x'.repeat(256)]) {
      assert.throws(() => connect('client', { credentialId }), { code: 'usage' });
    }
  });
});

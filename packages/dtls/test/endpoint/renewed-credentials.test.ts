import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { UsageError, utf8Encode } from '@dunlin/base';

import { rawPublicKeyCredential } from '../../src/credentials/credential.ts';
import { makeKeys } from '../support/certificate-authority.ts';
import { wellFormed } from '../support/codec.ts';
import { modeOf, pairOf } from '../support/modes.ts';

const mode = modeOf('TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8');
const renewed = wellFormed(rawPublicKeyCredential(makeKeys().privateKey));
const trustsRenewed = { kind: 'raw-public-key', publicKeys: [renewed.publicKey] } as const;

describe('a server whose credentials are renewed', () => {
  it('shows the new ones from then on, and its associations go on', () => {
    const { world, server, client } = pairOf(mode, 1);
    const first = client.endpoint.connect(server.address, mode.client, world.now);
    world.run(1000);
    server.endpoint.renewCredentials({ ...mode.server.credentials, rawPublicKey: renewed });
    client.endpoint.send(first, utf8Encode('still there'), world.now);
    world.run(1000);
    assert.deepEqual(server.texts(), ['still there']);

    client.endpoint.connect(server.address, { ...mode.client, trust: trustsRenewed }, world.now);
    world.run(1000);
    assert.equal(client.all('established').length, 2);
    client.endpoint.connect(server.address, mode.client, world.now);
    world.run(200_000);
    assert.equal(client.all('established').length, 2, 'the old key is shown no more');
  });

  it('ends a handshake with the credentials that it began with', () => {
    const { world, server, client } = pairOf(mode, 2);
    client.endpoint.connect(server.address, mode.client, world.now);
    // Two hellos and a cookie: the flight of the server is on its way.
    world.run(35);
    server.endpoint.renewCredentials({ ...mode.server.credentials, rawPublicKey: renewed });
    world.run(1000);
    assert.equal(client.all('established').length, 1);
  });

  it('refuses what it could not sign with', () => {
    const { server } = pairOf(mode, 3);
    const { privateKey } = makeKeys('secp521r1');
    assert.throws(
      () => server.endpoint.renewCredentials({ rawPublicKey: { ...renewed, privateKey } }),
      UsageError,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { CertificateType } from '../../src/wire/extension/certificate-types.ts';
import { modes, pairOf } from '../support/modes.ts';
import { lastEstablished } from '../support/party.ts';

const { rawPublicKey, x509 } = CertificateType;
const [withKeys, withCertificates] = modes.filter(
  ({ suite }) => suite.name === 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8',
);
assert.ok(withKeys !== undefined && withCertificates !== undefined);

describe('a server with a raw public key and a certificate (RFC 7250 §4.2)', () => {
  const credentials = {
    ...withKeys.server.credentials,
    ...withCertificates.server.credentials,
    clientCertificateTypes: [rawPublicKey, x509],
  };

  for (const [mode, offered, shown] of [
    [withKeys, [rawPublicKey], 'raw-public-key'],
    [withKeys, [x509, rawPublicKey], 'raw-public-key'],
    [withKeys, [x509], 'certificate'],
    [withCertificates, [x509], 'certificate'],
    [withCertificates, [rawPublicKey, x509], 'certificate'],
    [withCertificates, [rawPublicKey], 'raw-public-key'],
  ] as const) {
    test(`shows a ${shown} to a client with a ${mode.identity} that lists ${offered.map(nameOf).join(', ')}`, () => {
      const { world, server, client } = pairOf(mode, 1, { server: { credentials } });
      const { credential, serverName } = mode.client;
      client.endpoint.connect(
        server.address,
        { credential, serverName, serverCertificateTypes: offered },
        world.now,
      );
      world.run(1000);
      assert.equal(lastEstablished(client)?.peer.kind, shown);
      assert.equal(lastEstablished(server)?.peer.kind, mode.identity);
    });
  }
});

function nameOf(type: CertificateType): string {
  return type === x509 ? 'X.509' : 'raw keys';
}

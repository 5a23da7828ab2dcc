import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { clientSecurity, type ClientSecurityFlags } from '../../src/client/client-security.ts';
import { issue } from '../../../../packages/dtls/test/support/certificate-authority.ts';
import { pem } from '../../../../packages/dtls/test/support/pem.ts';
import { testContext } from '../support/test-context.ts';

const own = issue({ subject: 'lamp' });
const server = issue({ subject: 'server.example' });
const files = {
  key: '000102\n',
  'own.key': String(own.privateKey.export({ format: 'pem', type: 'sec1' })),
  'own.pub': pem('PUBLIC KEY', own.publicKey),
  'own.crt': pem('CERTIFICATE', own.certificate),
  'server.pub': pem('PUBLIC KEY', server.publicKey),
  'server.crt': `${pem('CERTIFICATE', server.certificate)}${pem('CERTIFICATE', own.certificate)}`,
};

const read = (flags: ClientSecurityFlags) => clientSecurity(testContext(undefined, { files }), 'lamp', flags);
const pkcs8 = Uint8Array.from(own.privateKey.export({ format: 'der', type: 'pkcs8' }));

describe('the security of a simulated device', () => {
  it('is none without flags', async () => {
    assert.deepEqual(await read({}), { mode: 'none' });
  });

  it('is a pre-shared key, whose identity is the endpoint name unless it is said', async () => {
    for (const flags of [{ pskKey: '000102' }, { pskKeyFile: 'key' }]) {
      const security = await read(flags);
      assert.ok(security.mode === 'psk');
      assert.equal(security.identity, 'lamp');
      assert.deepEqual(security.key.reveal(), Uint8Array.of(0, 1, 2));
    }
    const named = await read({ pskKey: '00', pskIdentity: 'i' });
    assert.equal(named.mode === 'psk' ? named.identity : undefined, 'i');
  });

  it('is a raw public key, derived from the private one unless it is given', async () => {
    for (const more of [{}, { publicKey: 'own.pub' }]) {
      const security = await read({ privateKey: 'own.key', serverPublicKey: 'server.pub', ...more });
      assert.ok(security.mode === 'raw-public-key');
      assert.deepEqual(security.publicKey, own.publicKey);
      assert.deepEqual(security.serverPublicKey, server.publicKey);
      assert.deepEqual(security.privateKey.reveal(), pkcs8);
    }
  });

  it('is a certificate, and that of the server', async () => {
    const flags = { privateKey: 'own.key', certificate: 'own.crt', serverCertificate: 'server.crt' };
    const security = await read(flags);
    assert.ok(security.mode === 'certificate');
    assert.deepEqual(security.certificate, own.certificate);
    assert.deepEqual(security.serverCertificate, server.certificate);
    assert.deepEqual(security.privateKey.reveal(), pkcs8);
  });
});

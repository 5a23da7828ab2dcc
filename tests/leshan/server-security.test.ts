// `dunlin client` at a server on Leshan 1.5: DTLS in each mode that LwM2M 1.0 has, and queue mode.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { certify, type Certification } from '../support/dtls-keys.ts';
import { TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import { dunlin, Program } from '../support/program.ts';
import { derOfCertificate, derOfPrivateKey, derOfPublicKey } from './support/key-digits.ts';
import { LeshanProgram, skip } from './support/leshan-program.ts';

/** Scandium 2, which Leshan 1 has, does not know RFC 7627. */
const old = ['--extended-master-secret', 'optional'];
const key = '000102030405060708090a0b0c0d0e0f';

describe('dunlin client at a server on Leshan', { skip: skip || skipWithout('openssl') }, () => {
  let folder: TemporaryFolder;
  let certification: Certification;

  before(async () => {
    folder = new TemporaryFolder();
    certification = await certify(folder.path);
  });

  after(() => folder[Symbol.dispose]());

  const open = (uri: string, endpoint: string, ...args: readonly string[]): Program =>
    new Program(dunlin('client', '--server', uri, '--endpoint', endpoint, ...args));

  /** Registers, is asked and notifies, and goes. */
  const works = async (
    server: LeshanProgram,
    endpoint: string,
    identity: RegExp,
    ...args: readonly string[]
  ): Promise<void> => {
    const [, coaps] = await server.ports();
    await using device = open(`coaps://127.0.0.1:${coaps}`, endpoint, ...old, ...args);
    await server.told(new RegExp(`^registered ${endpoint}$`));
    assert.match(await server.ask('registration', endpoint), identity);
    assert.equal(await server.ask('read', endpoint, '/3/0/0', 'TLV'), '2.05 "Dunlin"');
    // Leshan has no definition of this Object here: what comes as text stays one.
    assert.match(await server.ask('observe', endpoint, '/3303/0/5700', 'TEXT'), /^2\.05 "/);
    device.type('set /3303/0/5700 -40.5');
    await server.told(new RegExp(`^notified ${endpoint} /3303/0/5700 "-40.5"$`));
    device.type('quit');
    assert.equal((await device.ended()).exitCode, 0);
    await server.told(new RegExp(`^deregistered ${endpoint}$`));
  };

  it('registers with a pre-shared key (R-710)', async () => {
    await using server = new LeshanProgram('Server');
    await server.ask('psk', 'by-psk', 'identity', key);
    await works(server, 'by-psk', /psk=identity/, '--psk-identity', 'identity', '--psk-key', key);
  });

  it('registers with a raw public key, and knows that of the server (R-711)', async () => {
    const { server: own, client } = certification;
    await using server = new LeshanProgram('Server', {
      public: derOfPublicKey(own.publicKeyFile),
      secret: derOfPrivateKey(own.keyFile),
    });
    await server.ask('rpk', 'by-rpk', derOfPublicKey(client.publicKeyFile));
    const keys = ['--private-key', client.keyFile, '--server-public-key', own.publicKeyFile];
    await works(server, 'by-rpk', /rpk=/, ...keys);
  });

  it('registers with a certificate, and knows that of the server (R-712)', async () => {
    const { server: own, client, authorityFile } = certification;
    await using server = new LeshanProgram('Server', {
      certificate: derOfCertificate(own.certificateFile),
      secret: derOfPrivateKey(own.keyFile),
      trust: derOfCertificate(authorityFile),
    });
    // Leshan compares the common name of the certificate with the endpoint name.
    await server.ask('x509', 'client');
    const keys = ['--private-key', client.keyFile, '--certificate', client.certificateFile];
    await works(server, 'client', /x509=client/, ...keys, '--server-certificate', own.certificateFile);
  });

  it('takes no server without extended master secret unless it is told to (RFC 7627 §5.2)', async () => {
    await using server = new LeshanProgram('Server');
    const [, coaps] = await server.ports();
    await server.ask('psk', 'strict', 'strict', key);
    await using device = open(`coaps://127.0.0.1:${coaps}`, 'strict', '--psk-key', key);
    await device.waitFor(/extended_master_secret/);
    assert.equal(server.count(/^registered /), 0);
  });

  it('is asleep for the server when its awake window is over, and awake with the next Update (R-801)', async () => {
    await using server = new LeshanProgram('Server', { awake: '2000' });
    const [coap] = await server.ports();
    await using device = open(`coap://127.0.0.1:${coap}`, 'sleeper', '--queue');
    await server.told(/^registered sleeper$/);
    assert.match(await server.ask('registration', 'sleeper'), /"binding":"UQ"/);
    await server.told(/^sleeping sleeper$/);
    assert.match(await server.ask('read', 'sleeper', '/3/0/0'), /^failed ClientSleepingException /);
    device.type('update');
    await server.told(/^awake sleeper$/, server.count(/^awake sleeper$/) + 1);
    assert.equal(await server.ask('read', 'sleeper', '/3/0/0', 'TLV'), '2.05 "Dunlin"');
  });
});

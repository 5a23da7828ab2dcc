// A device on Leshan 1.5 proves itself to `dunlin server`, by Scandium's DTLS, in each mode that LwM2M 1.0 has.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { DunlinApi } from '@dunlin/api';

import { certify, type Certification } from '../support/dtls-keys.ts';
import { DunlinServer, TemporaryFolder, testToken } from '../support/dunlin-server.ts';
import { dunlin as program } from '../support/program.ts';
import { EventWatch } from '../support/event-watch.ts';
import { skipWithout } from '../support/peer-program.ts';
import { derOfCertificate, derOfPrivateKey, hexOfBase64 } from './support/key-digits.ts';
import { LeshanProgram, type LeshanSettings, skip } from './support/leshan-program.ts';

describe('a device on Leshan over DTLS', { skip: skip || skipWithout('openssl') }, () => {
  let folder: TemporaryFolder;
  let certification: Certification;
  let dunlin: DunlinServer;
  let api: DunlinApi;

  before(async () => {
    folder = new TemporaryFolder();
    certification = await certify(folder.path);
    const { keyFile, certificateFile } = certification.server;
    // Scandium 2, which Leshan 1 has, does not know RFC 7627.
    const old = ['--extended-master-secret', 'optional'];
    const identity = ['--server-key', keyFile, '--server-certificate', certificateFile];
    dunlin = await DunlinServer.start(`${folder.path}/data`, {}, program('server', ...old, ...identity));
    api = new DunlinApi({ url: dunlin.http, fetch, token: testToken });
  });

  after(async () => {
    await dunlin?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const open = (endpoint: string, settings: LeshanSettings): LeshanProgram =>
    new LeshanProgram('Client', { endpoint, server: dunlin.coaps, ...settings });

  /** Registers, is asked and notifies, all over DTLS, and goes. */
  const works = async (endpoint: string, security: string, settings: LeshanSettings): Promise<void> => {
    await using device = open(endpoint, settings);
    await device.told(/^registered /);
    assert.equal((await api.device(endpoint)).security, security);
    const content = await api.read(endpoint, '/3/0/0');
    assert.ok(content.kind === 'resource' && 'value' in content && content.value === 'Eclipse Leshan');
    await using events = await EventWatch.open(dunlin.http);
    await api.observe(endpoint, '/32800/0/20');
    await device.ask('set', '/32800/0', '20=7.5');
    await events.find('notification', (event) => event.endpoint === endpoint);
    await device.ask('update');
    await device.told(/^registration updated/);
    await device.quit();
    assert.equal((await api.device(endpoint)).state, 'offline');
  };

  it('registers with a pre-shared key (R-710)', async () => {
    const key = '000102030405060708090a0b0c0d0e0f';
    await api.addCredential({ kind: 'psk', endpoint: 'leshan-psk', identity: 'identity-psk', key });
    const identity = Buffer.from('identity-psk').toString('hex');
    await works('leshan-psk', 'psk', { mode: 'psk', public: identity, secret: key });
  });

  it('registers with a raw public key, and knows that of the server (R-711)', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const own = publicKey.export({ format: 'der', type: 'spki' });
    await api.addCredential({
      kind: 'raw-public-key',
      endpoint: 'leshan-rpk',
      publicKey: own.toString('base64'),
    });
    await works('leshan-rpk', 'raw-public-key', {
      mode: 'rpk',
      public: own.toString('hex'),
      secret: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('hex'),
      peer: hexOfBase64((await api.serverIdentity()).publicKey),
    });
  });

  it('registers with a certificate, and knows that of the server (R-712)', async () => {
    const { certificateFile, keyFile } = certification.client;
    const { certificate } = await api.serverIdentity();
    assert.ok(certificate !== null);
    await api.addCredential({
      kind: 'certificate',
      endpoint: 'leshan-x509',
      certificate: readFileSync(certificateFile, 'utf8'),
    });
    await works('leshan-x509', 'certificate', {
      mode: 'x509',
      public: derOfCertificate(certificateFile),
      secret: derOfPrivateKey(keyFile),
      peer: hexOfBase64(certificate.certificate),
    });
  });

  it('is refused where the extended master secret is required, and the event says so (RFC 7627 §5.3)', async () => {
    const key = 'ee'.repeat(16);
    await using strict = await DunlinServer.start(`${folder.path}/strict`);
    await using events = await EventWatch.open(strict.http);
    const identity = Buffer.from('leshan-old').toString('hex');
    await using device = open('leshan-old', {
      server: strict.coaps,
      mode: 'psk',
      public: identity,
      secret: key,
    });
    await device.told(/^registration refused/);
    const { reason } = await events.find('handshake-failed');
    assert.equal(reason, 'The client does not offer extended_master_secret (RFC 7627 §5.3).');
  });

  it('is refused with a key that is not its own, by the handshake (R-710)', async () => {
    const endpoint = 'leshan-wrong';
    await api.addCredential({ kind: 'psk', endpoint, identity: endpoint, key: 'aa'.repeat(16) });
    await using events = await EventWatch.open(dunlin.http);
    const identity = Buffer.from(endpoint).toString('hex');
    await using device = open(endpoint, { mode: 'psk', public: identity, secret: 'bb'.repeat(16) });
    await device.told(/^registration refused/);
    const { reason } = await events.find('handshake-failed', (event) => event.endpoint === endpoint);
    assert.match(reason, /^the pre-shared key is not that of credential /);
  });

  it('is refused as another endpoint than the one that its key is for (R-730)', async () => {
    const key = 'cc'.repeat(16);
    await api.addCredential({ kind: 'psk', endpoint: 'leshan-right', identity: 'leshan-right', key });
    const identity = Buffer.from('leshan-right').toString('hex');
    await using device = open('leshan-other', { mode: 'psk', public: identity, secret: key });
    await device.told(/^registration refused BAD_REQUEST the endpoint name does not belong to the /);
  });

  it('is refused without security when it has a credential', async () => {
    const endpoint = 'leshan-bare';
    await api.addCredential({ kind: 'psk', endpoint, identity: endpoint, key: 'dd'.repeat(16) });
    await using device = new LeshanProgram('Client', { endpoint, server: dunlin.coap });
    await device.told(
      /^registration refused FORBIDDEN this endpoint has credentials: it must come over DTLS/,
    );
  });
});

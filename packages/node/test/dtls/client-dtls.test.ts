// What a client makes of the keys in its Security Object: registrations over DTLS on a simulated network.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { instantFrom, milliseconds, Secret, seededRandom, utf8Encode } from '@dunlin/base';
import { device, LwM2mClient, type RegistrationEvent, type ServerSecurity } from '@dunlin/client';
import { certificateCredential, isMalformed, type Malformed, rawPublicKeyCredential } from '@dunlin/dtls';
import { clientDtls, deviceDtlsCredentials, dtls, type RecordCarrier } from '@dunlin/node';
import { type CredentialProof, DeviceCredentials, LwM2mServer, MemoryCredentialStore } from '@dunlin/server';
import { SimulatedNetwork } from '@dunlin/simulation';

import {
  type Certified,
  clientAuth,
  dnsName,
  extendedKeyUsage,
  issue,
  keyUsage,
  serverAuth,
  subjectAltName,
} from '../../../dtls/test/support/certificate-authority.ts';

const host = 'server.example';
const key = new Secret(utf8Encode('a key of sixteen'));

/** Everybody signs his own: LwM2M compares certificates byte by byte. */
const serverOf = (name: string, notAfter?: string): Certified =>
  issue({
    subject: 'server',
    extensions: [keyUsage(0), extendedKeyUsage(serverAuth), subjectAltName(dnsName(name))],
    ...(notAfter === undefined ? {} : { notAfter }),
  });
const server = serverOf(host);
const thing = issue({ subject: 'thing', extensions: [keyUsage(0), extendedKeyUsage(clientAuth)] });

const inPkcs8 = ({ privateKey }: Certified): Secret =>
  new Secret(Uint8Array.from(privateKey.export({ format: 'der', type: 'pkcs8' })));
const inSec1 = ({ privateKey }: Certified): Secret =>
  new Secret(Uint8Array.from(privateKey.export({ format: 'der', type: 'sec1' })));

const byKey: ServerSecurity = { mode: 'psk', identity: 'thing', key };
const byPublicKey = {
  mode: 'raw-public-key',
  publicKey: thing.publicKey,
  privateKey: inPkcs8(thing),
  serverPublicKey: server.publicKey,
} as const;
const byCertificate = {
  mode: 'certificate',
  certificate: thing.certificate,
  privateKey: inPkcs8(thing),
  serverCertificate: server.certificate,
} as const;

function sound<Value>(value: Value | Malformed): Value {
  assert.ok(!isMalformed(value));
  return value;
}

/** What becomes of the first attempt of a client with this security; `shown` is who the server is. */
async function attempt(security: ServerSecurity, shown: Certified = server): Promise<RegistrationEvent> {
  const network = new SimulatedNetwork(1);
  const carrier = (address: string): RecordCarrier => ({
    binding: network.binding(address, 5684),
    random: seededRandom(7),
    now: () => network.clock.now,
  });
  const credentials = new DeviceCredentials(new MemoryCredentialStore());
  const proofs: readonly CredentialProof[] = [
    { kind: 'psk', identity: 'thing' },
    { kind: 'raw-public-key', publicKey: thing.publicKey },
    { kind: 'certificate', certificate: thing.certificate },
  ];
  for (const proof of proofs) {
    const secret = proof.kind === 'psk' ? { key } : {};
    await credentials.put({
      id: proof.kind,
      endpointName: 'thing',
      proof,
      createdAt: instantFrom(0),
      ...secret,
    });
  }
  const own =
    security.mode === 'certificate'
      ? { certificate: sound(certificateCredential(shown.privateKey, [shown.certificate])) }
      : { rawPublicKey: sound(rawPublicKeyCredential(shown.privateKey)) };
  const clock = (): typeof network.clock.now => network.clock.now;
  const binding = dtls({
    port: 5684,
    carrier: carrier(host),
    credentials: deviceDtlsCredentials(credentials, { own, clock }),
  });
  await using _server = await LwM2mServer.open({ listen: [binding], credentials });
  const client = await LwM2mClient.open({
    endpoint: 'thing',
    servers: [{ uri: `coaps://${host}:5684`, shortServerId: 1, security }],
    objects: [device({ manufacturer: 'Dunlin', onReboot: () => undefined })],
    secureBinding: clientDtls({ port: 5684, carrier: carrier('10.0.0.9') }),
  });
  const events: RegistrationEvent[] = [];
  client.registered.subscribe((event) => events.push(event));
  client.registrationFailed.subscribe((event) => events.push(event));
  await network.runUntil(() => events.length > 0, milliseconds(100_000));
  const closing = client.close();
  await network.run(milliseconds(10_000));
  await closing;
  const [first] = events;
  assert.ok(first !== undefined);
  return first;
}

async function assertFails(outcome: Promise<RegistrationEvent>, message: RegExp): Promise<void> {
  const event = await outcome;
  assert.ok(event.kind === 'failed', event.kind);
  assert.equal(event.failure.operation, 'resolve');
  assert.equal(event.failure.problem, 'unauthenticated');
  assert.match(event.failure.message, message);
}

describe('a client registers with', () => {
  for (const [name, security] of [
    ['a pre-shared key (R-710)', byKey],
    ['raw public keys (R-711)', byPublicKey],
    ['certificates that nobody else has signed (R-712)', byCertificate],
    ['a private key in SEC 1 beside a public key (R-714)', { ...byPublicKey, privateKey: inSec1(thing) }],
    ['a private key in SEC 1 beside a certificate (R-714)', { ...byCertificate, privateKey: inSec1(thing) }],
  ] as const) {
    test(name, async () => {
      assert.equal((await attempt(security)).kind, 'registered');
    });
  }
});

describe('a client does not register, and says why,', () => {
  const other = serverOf(host);

  test('with a wrong key', () =>
    assertFails(
      attempt({ mode: 'psk', identity: 'thing', key: new Secret(utf8Encode('another key of 16')) }),
      /no DTLS association/,
    ));
  test('at a server that shows another raw public key (R-711)', () =>
    assertFails(attempt(byPublicKey, other), /key/));
  test('at a server that shows another certificate of the same name (R-712)', () =>
    assertFails(attempt(byCertificate, other), /certificate/));
  test('at a server whose certificate is the expected one and names another host (R-712)', () => {
    const elsewhere = serverOf('elsewhere.example');
    const security = { ...byCertificate, serverCertificate: elsewhere.certificate };
    return assertFails(attempt(security, elsewhere), /server\.example/);
  });
  test('at a server whose certificate has expired (R-713)', () => {
    const past = serverOf(host, '20291231000000Z');
    return assertFails(attempt({ ...byCertificate, serverCertificate: past.certificate }, past), /expired/);
  });

  const garbage = new Secret(utf8Encode('no key at all'));
  test('with a private key that is none', () =>
    assertFails(attempt({ ...byPublicKey, privateKey: garbage }), /Security Object/));
  test('with a private key that belongs to another public key', () =>
    assertFails(attempt({ ...byPublicKey, privateKey: inPkcs8(server) }), /Security Object/));
  test('with a private key that belongs to another certificate', () =>
    assertFails(attempt({ ...byCertificate, privateKey: inPkcs8(server) }), /Security Object/));
  test('with a certificate that is none', () =>
    assertFails(attempt({ ...byCertificate, certificate: utf8Encode('no certificate') }), /Security Object/));
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, Secret, TransmissionError } from '@dunlin/base';
import { formatCode, type IncomingResponse, Method, type PeerSecurity, ResponseCode } from '@dunlin/coap';
import {
  DeviceCredentials,
  type LwM2mServerOptions,
  MemoryCredentialStore,
  type NewCredential,
} from '@dunlin/server';
import { SimulatedNetwork } from '@dunlin/simulation';

import { issue } from '../../../dtls/test/support/certificate-authority.ts';
import { pskOf, proofOf } from '../support/credential-store-contract.ts';
import { RawDevice } from '../support/raw-device.ts';
import { SecuredBinding } from '../support/secured-binding.ts';
import { openTestServer, type TestServer } from '../support/test-server.ts';

const securePort = 5684;
const address = '10.0.0.9';

interface SecureWorld extends AsyncDisposable {
  readonly world: TestServer;
  readonly secure: SecuredBinding;
  readonly credentials: DeviceCredentials;
  /** Sends over the association that `associate` made last. */
  readonly device: RawDevice;
  associate(security: PeerSecurity, credentialId?: string): void;
}

async function open(options: Partial<LwM2mServerOptions> = {}): Promise<SecureWorld> {
  const network = new SimulatedNetwork(1);
  const secure = new SecuredBinding(network.binding('10.0.0.1', securePort));
  const credentials = new DeviceCredentials(new MemoryCredentialStore());
  const world = await openTestServer(
    { listen: [network.binding('10.0.0.1', 5683), secure], credentials, ...options },
    network,
  );
  const device = await RawDevice.open(network, { address: '10.0.0.1', port: securePort }, address);
  return {
    world,
    secure,
    credentials,
    device,
    associate: (security, credentialId) =>
      void secure.associations.set(address, {
        security,
        ...(credentialId === undefined ? {} : { credentialId }),
      }),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

function register(device: RawDevice, endpoint: string): Promise<IncomingResponse> {
  return device.register([`ep=${endpoint}`, 'lt=300', 'lwm2m=1.0', 'b=U'], '</1/0>,</3/0>');
}

/** Lets what a change of credentials starts come to its end. */
async function settle({ network }: TestServer): Promise<void> {
  await new Promise(setImmediate);
  await network.run(milliseconds(100));
  await new Promise(setImmediate);
}

const publicKey = Uint8Array.of(1, 2, 3);
const psk = (identity: string): PeerSecurity => ({ kind: 'psk', identity });

describe('R-730: the endpoint name belongs to the authenticated identity', () => {
  test('takes the endpoint of a PSK identity, by look-up rather than by equality', async () => {
    await using secure = await open();
    await secure.credentials.put(pskOf('node-1', '1', 'another-name'));
    secure.associate(psk('another-name'));
    assert.equal((await register(secure.device, 'node-1')).code, ResponseCode.created);
  });

  test('refuses the endpoint name of another identity with 4.00, and says why to the operator', async () => {
    await using secure = await open();
    await secure.credentials.put(pskOf('node-1', '1'));
    await secure.credentials.put(pskOf('node-2', '2'));
    secure.associate(psk('node-1'));
    assert.equal((await register(secure.device, 'node-2')).code, ResponseCode.badRequest);
    assert.equal((await register(secure.device, 'node-3')).code, ResponseCode.badRequest);
    const reasons = secure.world.diagnostics.map((each) =>
      each.kind === 'request-refused' ? `${each.endpointName} ${each.coapCode} ${each.reason}` : each.kind,
    );
    const reason = 'the endpoint name does not belong to the authenticated identity';
    assert.deepEqual(reasons, [`node-2 4.00 ${reason}`, `node-3 4.00 ${reason}`]);
    assert.deepEqual(secure.world.events, []);
  });

  test('knows the endpoint of a raw public key (R-711)', async () => {
    await using secure = await open();
    await secure.credentials.put(proofOf('node-1', '1', { kind: 'raw-public-key', publicKey }));
    secure.associate({ kind: 'raw-public-key', publicKey });
    assert.equal((await register(secure.device, 'node-2')).code, ResponseCode.badRequest);
    assert.equal((await register(secure.device, 'node-1')).code, ResponseCode.created);
  });

  test('knows the endpoint of a certificate, whatever its name (R-712)', async () => {
    await using secure = await open();
    const { certificate } = issue({ subject: 'no-name' });
    await secure.credentials.put(proofOf('node-1', '1', { kind: 'certificate', certificate }));
    secure.associate({ kind: 'certificate', certificate });
    assert.equal((await register(secure.device, 'no-name')).code, ResponseCode.badRequest);
    assert.equal((await register(secure.device, 'node-1')).code, ResponseCode.created);
  });

  test('takes the name in a certificate that a trust anchor vouches for, and no other', async () => {
    await using secure = await open();
    const authority = issue({ subject: 'authority' });
    const { certificate } = issue({ subject: 'node-1' }, authority);
    const anchor = { kind: 'trust-anchor', certificate: authority.certificate } as const;
    await secure.credentials.put(proofOf(undefined, '1', anchor));
    secure.associate({ kind: 'certificate', certificate }, '1');
    assert.equal((await register(secure.device, 'node-2')).code, ResponseCode.badRequest);
    assert.equal((await register(secure.device, 'node-1')).code, ResponseCode.created);
  });

  test('lets the trust anchor of one endpoint vouch for no other', async () => {
    await using secure = await open();
    const authority = issue({ subject: 'authority' });
    const anchor = { kind: 'trust-anchor', certificate: authority.certificate } as const;
    await secure.credentials.put(proofOf('node-1', '1', anchor));
    await secure.credentials.put(proofOf('node-2', '2', anchor));
    secure.associate(
      { kind: 'certificate', certificate: issue({ subject: 'node-2' }, authority).certificate },
      '1',
    );
    assert.equal((await register(secure.device, 'node-2')).code, ResponseCode.badRequest);
    secure.associate(
      { kind: 'certificate', certificate: issue({ subject: 'node-1' }, authority).certificate },
      '1',
    );
    assert.equal((await register(secure.device, 'node-1')).code, ResponseCode.created);
  });

  test('is judged for servers of other kinds as well', async () => {
    const credentials = new DeviceCredentials(new MemoryCredentialStore());
    await credentials.put(pskOf('node-1', '1'));
    const judge = async (endpointName: string, security: PeerSecurity): Promise<string> => {
      const peer = { key: 'k', transport: 'udp', address, port: 1, security } as const;
      const judged = await credentials.judge({ endpointName, peer });
      return judged.kind === 'refused' ? formatCode(judged.code) : judged.kind;
    };
    assert.equal(await judge('node-1', psk('node-1')), 'accepted');
    assert.equal(await judge('node-2', psk('node-1')), '4.00');
    assert.equal(await judge('node-1', psk('node-3')), '4.03');
    assert.equal(await judge('node-1', { kind: 'none' }), '4.03');
    assert.equal(await judge('node-2', { kind: 'none' }), 'accepted');
  });

  test('compares by equality where there is no table', async () => {
    await using secure = await open({ credentials: undefined });
    secure.associate(psk('node-1'));
    assert.equal((await register(secure.device, 'node-2')).code, ResponseCode.badRequest);
    assert.equal((await register(secure.device, 'node-1')).code, ResponseCode.created);
    secure.associate({ kind: 'certificate', certificate: issue({ subject: 'node-3' }).certificate });
    assert.equal((await register(secure.device, 'node-4')).code, ResponseCode.badRequest);
    assert.equal((await register(secure.device, 'node-3')).code, ResponseCode.created);
    secure.associate({ kind: 'raw-public-key', publicKey });
    assert.equal((await register(secure.device, 'node-5')).code, ResponseCode.badRequest);
  });
});

describe('plain CoAP and credentials', () => {
  test('refuses a registration without DTLS of an endpoint that has credentials with 4.03', async () => {
    await using secure = await open();
    await secure.credentials.put(pskOf('node-1', '1'));
    assert.equal((await register(secure.world.device, 'node-1')).code, ResponseCode.forbidden);
    assert.equal((await register(secure.world.device, 'node-2')).code, ResponseCode.created);
  });

  test('does not let plain CoAP take over a registration that was made over DTLS', async () => {
    await using secure = await open();
    const authority = issue({ subject: 'authority' });
    const anchor = { kind: 'trust-anchor', certificate: authority.certificate } as const;
    await secure.credentials.put(proofOf(undefined, '1', anchor));
    const { certificate } = issue({ subject: 'node-1' }, authority);
    secure.associate({ kind: 'certificate', certificate }, '1');
    assert.equal((await register(secure.device, 'node-1')).code, ResponseCode.created);
    assert.equal((await register(secure.world.device, 'node-1')).code, ResponseCode.forbidden);
  });

  test('ends the plain registration of an endpoint that gets its first credential', async () => {
    await using secure = await open();
    const { world } = secure;
    const location = await world.device.registered('node-1');
    await secure.credentials.put(pskOf('node-1', '1'));
    await settle(world);
    assert.deepEqual(world.events, ['registered node-1', 'deregistered node-1']);
    const update = await world.device.exchange({ method: Method.post, uriPath: location });
    assert.equal(update.code, ResponseCode.notFound);
  });
});

describe('R-732: Update and De-register come from who registered', () => {
  test('refuses them from another identity and from plain CoAP, and takes them over a new association', async () => {
    await using secure = await open();
    const { world, device } = secure;
    await secure.credentials.put(pskOf('node-1', '1'));
    await secure.credentials.put(pskOf('node-2', '2'));
    secure.associate(psk('node-1'));
    const location = await device.registered('node-1');
    for (const method of [Method.post, Method.delete]) {
      secure.associate(psk('node-2'));
      assert.equal((await device.exchange({ method, uriPath: location })).code, ResponseCode.badRequest);
      assert.equal(
        (await world.device.exchange({ method, uriPath: location })).code,
        ResponseCode.badRequest,
      );
    }
    secure.secure.associations.set(address, { id: 'a later one', security: psk('node-1') });
    const { code } = await device.exchange({ method: Method.post, uriPath: location });
    assert.equal(code, ResponseCode.changed);
  });
});

describe('revocation', () => {
  test('ends the registration that was made with the credential', async () => {
    await using secure = await open();
    const { world } = secure;
    await secure.credentials.put(pskOf('node-1', '1'));
    secure.associate(psk('node-1'));
    await secure.device.registered('node-1');
    await secure.credentials.remove('1');
    await settle(world);
    assert.deepEqual(world.events, ['registered node-1', 'deregistered node-1']);
    const { code } = await register(secure.device, 'node-1');
    assert.equal(code, ResponseCode.forbidden, 'an association that is about to end registers nothing');
  });

  test('leaves a registration alone that another credential of the endpoint made', async () => {
    await using secure = await open();
    await secure.credentials.put(pskOf('node-1', '1'));
    await secure.credentials.put(proofOf('node-1', '2', { kind: 'raw-public-key', publicKey }));
    secure.associate({ kind: 'raw-public-key', publicKey });
    await secure.device.registered('node-1');
    await secure.credentials.remove('1');
    await settle(secure.world);
    assert.deepEqual(secure.world.events, ['registered node-1']);
  });

  test('ends every registration that a trust anchor of all endpoints vouched for', async () => {
    await using secure = await open();
    const authority = issue({ subject: 'authority' });
    await secure.credentials.put(
      proofOf(undefined, '1', { kind: 'trust-anchor', certificate: authority.certificate }),
    );
    secure.associate(
      { kind: 'certificate', certificate: issue({ subject: 'node-1' }, authority).certificate },
      '1',
    );
    await secure.device.registered('node-1');
    await secure.world.device.registered('node-2');
    await secure.credentials.remove('1');
    await settle(secure.world);
    const { events } = secure.world;
    assert.deepEqual(events, ['registered node-1', 'registered node-2', 'deregistered node-1']);
  });

  test('tells of the replaced credential first, then of the new one', async () => {
    const credentials = new DeviceCredentials(new MemoryCredentialStore());
    const told: string[] = [];
    credentials.added.subscribe((credential) => told.push(`added ${credential.id} ${'key' in credential}`));
    credentials.revoked.subscribe(({ id }) => told.push(`revoked ${id}`));
    const second: NewCredential = { ...pskOf('node-1', '2'), key: new Secret(Uint8Array.of(7)) };
    await credentials.put(pskOf('node-1', '1'));
    await credentials.put(second);
    await credentials.put(pskOf('node-2', '3', 'node-1'));
    await credentials.remove('nobody');
    assert.deepEqual(told, ['added 1 false', 'revoked 1', 'added 2 false']);
  });
});

describe('the end of an association', () => {
  test('ends what is asked of the device at once, as no answer can come', async () => {
    await using secure = await open();
    const { world, device } = secure;
    await secure.credentials.put(pskOf('node-1', '1'));
    secure.associate(psk('node-1'));
    await device.registered('node-1');
    device.behaviour = () => 'silence';
    const reading = world.server.device('node-1').readContent('/3/0');
    const outcome = assert.rejects(
      reading,
      (error) => error instanceof TransmissionError && error.code === 'no-answer',
    );
    await world.network.run(milliseconds(1000));
    const before = world.network.clock.now;
    secure.secure.lose(address);
    await outcome;
    assert.equal(world.network.clock.now, before);
  });
});

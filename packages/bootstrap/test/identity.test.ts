import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds } from '@dunlin/base';
import type { EndpointIdentities } from '@dunlin/bootstrap';
import { Method, type PeerSecurity, ResponseCode } from '@dunlin/coap';
import { SimulatedNetwork } from '@dunlin/simulation';

import { issue } from '../../dtls/test/support/certificate-authority.ts';
import { SecuredBinding } from '../../server/test/support/secured-binding.ts';
import { patternConfiguration, pskServer } from './support/configurations.ts';
import { connectingBinding } from './support/connecting-binding.ts';
import {
  bootstrapAddress,
  openTestBootstrapServer,
  type TestBootstrapServer,
} from './support/test-bootstrap-server.ts';

interface SecureWorld extends AsyncDisposable {
  readonly bench: TestBootstrapServer;
  readonly secure: SecuredBinding;
  associate(security: PeerSecurity): void;
}

/** A Bootstrap-Server that only takes secured peers, and whose configurations hold keys. */
async function open(credentials?: EndpointIdentities): Promise<SecureWorld> {
  const network = new SimulatedNetwork(1);
  const secure = new SecuredBinding(network.binding(bootstrapAddress.address, bootstrapAddress.port));
  const configurations = [patternConfiguration('node-*', { servers: [pskServer()] })];
  const bench = await openTestBootstrapServer(configurations, { listen: [secure], credentials }, network);
  return {
    bench,
    secure,
    associate: (security) => void secure.associations.set('10.0.0.2', { security }),
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}

const psk = (identity: string): PeerSecurity => ({ kind: 'psk', identity });

describe('R-730: the endpoint name belongs to the authenticated identity', () => {
  test('which is equal to the PSK identity where there is no table', async () => {
    await using world = await open();
    world.associate(psk('node-1'));
    assert.equal((await world.bench.bootstrap()).security, 'psk');
    assert.equal(await world.bench.device.bootstrap('node-2'), '4.00');
    assert.deepEqual(
      world.bench.diagnostics.map((each) => (each.kind === 'request-refused' ? each.reason : each.kind)),
      ['the endpoint name does not belong to the authenticated identity'],
    );
  });

  test('or one of the names in the certificate; a raw public key has none', async () => {
    await using world = await open();
    const { certificate, publicKey } = issue({ subject: 'node-1' });
    world.associate({ kind: 'certificate', certificate });
    assert.equal((await world.bench.bootstrap()).security, 'certificate');
    assert.equal(await world.bench.device.bootstrap('node-2'), '4.00');
    world.associate({ kind: 'raw-public-key', publicKey });
    assert.equal(await world.bench.device.bootstrap('node-1'), '4.00');
  });

  test('or what a table says', async () => {
    const credentials: EndpointIdentities = {
      judge: ({ endpointName, peer }) =>
        peer.security.kind === 'raw-public-key' && endpointName === 'node-5'
          ? { kind: 'accepted' }
          : { kind: 'refused', code: ResponseCode.forbidden, reason: 'it is revoked' },
    };
    await using world = await open(credentials);
    world.associate({ kind: 'raw-public-key', publicKey: Uint8Array.of(1) });
    assert.equal((await world.bench.bootstrap('node-5')).outcome, 'finished');
    assert.equal(await world.bench.device.bootstrap('node-1'), '4.03');
  });

  test('and names the endpoint when the request does not, as that of a pre-shared key does', async () => {
    await using world = await open();
    world.associate(psk('node-7'));
    const response = await world.bench.device.exchange({ method: Method.post, uriPath: ['bs'] });
    assert.equal(response.code, ResponseCode.changed);
    await world.bench.network.runUntil(
      () => world.bench.events.includes('finished node-7'),
      milliseconds(10_000),
    );
  });
});

describe('The association of a session', () => {
  test('ends the session when it ends, as no answer can come', async () => {
    await using world = await open();
    world.associate(psk('node-1'));
    world.bench.device.misbehaviour = () => 'silence';
    assert.equal(await world.bench.device.bootstrap('node-1'), '2.04');
    world.secure.lose('10.0.0.2');
    assert.equal(world.bench.events.at(-1), 'failed node-1 association-ended');
    assert.equal(world.bench.server.coapSizes[0]?.requests, 0);
  });
});

describe('A session that the server begins over DTLS', () => {
  test('goes out by a binding that begins associations, to who then proves to be the device (R-215, R-735)', async () => {
    const network = new SimulatedNetwork(1);
    const connect = connectingBinding(network.binding('10.0.0.1', 40_000), psk('node-1'));
    await using bench = await openTestBootstrapServer(
      [patternConfiguration('node-*', { servers: [pskServer()] })],
      { connect: [connect] },
      network,
    );
    const { address, port } = bench.device.shell.local;
    const { id, security } = await bench.server.start('node-1', `coaps://${address}:${port}`);
    assert.equal(security, 'psk');
    await network.run(milliseconds(1000));
    assert.equal(bench.server.session(id)?.outcome, 'finished');
    await assert.rejects(bench.server.start('node-2', `coaps://${address}:${port}`), /does not belong/);
  });
});

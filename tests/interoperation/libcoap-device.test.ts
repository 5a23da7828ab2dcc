// libcoap's client plays the device: what the server makes of another implementation's messages.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { udp } from '@dunlin/node';
import { LwM2mServer } from '@dunlin/server';

import { coapClient } from '../support/coap-client.ts';
import { skipWithout } from '../support/peer-program.ts';

const skip = skipWithout('coap-client-notls');

async function openServer(): Promise<{ readonly server: LwM2mServer; readonly uri: string }> {
  const server = await LwM2mServer.open({ listen: [udp({ port: 0, address: '127.0.0.1' })] });
  return { server, uri: server.local[0]?.uri ?? '' };
}

function register(uri: string, query: string, ...args: readonly string[]): ReturnType<typeof coapClient> {
  return coapClient('-m', 'post', '-t', '40', ...args, `${uri}/rd?${query}`);
}

const links = ['-e', '</1/0>,</3/0>'];

describe('libcoap as a device', { skip }, () => {
  it('registers, updates and deregisters', async () => {
    const { server, uri } = await openServer();
    await using _ = server;
    const registered = await register(uri, 'ep=node1&lt=60&lwm2m=1.0&b=U', ...links);
    assert.deepEqual(
      registered.responses.map(({ type, code }) => `${type} ${code}`),
      ['ACK 2.01'],
    );
    const location = /^Location-Path:rd, Location-Path:([\w-]{1,16})$/.exec(
      registered.responses[0]?.options ?? '',
    )?.[1];
    assert.ok(location, registered.stdout);
    const registration = await server.device('node1').registration();
    assert.equal(registration?.id, location);
    assert.equal(registration.lifetime, 60);
    assert.deepEqual([...registration.objects.keys()], [1, 3]);

    const updated = await coapClient('-m', 'post', `${uri}/rd/${location}?lt=120`);
    assert.equal(updated.responses[0]?.code, '2.04');
    assert.equal((await server.device('node1').registration())?.lifetime, 120);

    assert.equal((await coapClient('-m', 'delete', `${uri}/rd/${location}`)).responses[0]?.code, '2.02');
    assert.equal(await server.device('node1').registration(), undefined);
    assert.equal((await coapClient('-m', 'delete', `${uri}/rd/${location}`)).responses[0]?.code, '4.04');
  });

  it('is told why it may not register', async () => {
    const { server, uri } = await openServer();
    await using _ = server;
    for (const [query, code] of [
      ['lt=60&lwm2m=1.0', '4.00'],
      ['ep=n&lt=60', '4.00'],
      ['ep=n&lt=soon&lwm2m=1.0', '4.00'],
      ['ep=n&lt=60&lwm2m=2.0', '4.12'],
    ] as const) {
      assert.equal((await register(uri, query, ...links)).responses[0]?.code, code, query);
    }
    assert.deepEqual((await server.registrations()).registrations, []);
  });

  it('registers with an object list in blocks, a fresh token for each', async () => {
    const { server, uri } = await openServer();
    await using _ = server;
    const folder = mkdtempSync(join(tmpdir(), 'dunlin-'));
    try {
      const file = join(folder, 'links');
      const instances = Array.from({ length: 200 }, (_unused, index) => `</3303/${index}>`);
      writeFileSync(file, ['</1/0>', '</3/0>', ...instances].join(','));
      const { responses } = await register(uri, 'ep=large&lt=60&lwm2m=1.0', '-b', '64', '-f', file);
      assert.ok(responses.length > 30, `${responses.length} blocks`);
      assert.ok(responses.slice(0, -1).every(({ code }) => code === '2.31'));
      assert.equal(responses.at(-1)?.code, '2.01');
      const registration = await server.device('large').registration();
      assert.equal(registration?.objects.get(3303)?.instances.length, 200);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('discovers where to register in /.well-known/core', async () => {
    const { server, uri } = await openServer();
    await using _ = server;
    const { stdout, responses } = await coapClient(`${uri}/.well-known/core`);
    assert.equal(responses[0]?.code, '2.05');
    assert.match(stdout, /<\/rd>;rt="?core\.rd"?/);
  });

  it('gets through although it loses its first datagrams', async () => {
    const { server, uri } = await openServer();
    await using _ = server;
    const { responses } = await register(uri, 'ep=lossy&lt=60&lwm2m=1.0', '-l', '1', ...links);
    assert.equal(responses.at(-1)?.code, '2.01');
    assert.equal((await server.registrations()).registrations.length, 1);
  });
});

// Bootstrap with Leshan 1.5 in both roles: its client at our Bootstrap-Server, and ours at its bootstrap server.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { type BootstrapSessionDocument, DunlinApi } from '@dunlin/api';

import { DunlinServer, TemporaryFolder, testToken } from '../support/dunlin-server.ts';
import { dunlin as program, Program } from '../support/program.ts';
import { LeshanProgram, skip } from './support/leshan-program.ts';

const key = '000102030405060708090a0b0c0d0e0f';
const hexOf = (text: string): string => Buffer.from(text).toString('hex');
const old = ['--extended-master-secret', 'optional'];

describe('a bootstrap of a device on Leshan', { skip }, () => {
  let folder: TemporaryFolder;
  let dunlin: DunlinServer;
  let api: DunlinApi;

  before(async () => {
    folder = new TemporaryFolder();
    dunlin = await DunlinServer.start(folder.path, {}, program('server', ...old));
    api = new DunlinApi({ url: dunlin.http, fetch, token: testToken });
  });

  after(async () => {
    await dunlin?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const session = async (endpoint: string): Promise<BootstrapSessionDocument> => {
    const [latest] = (await api.bootstrap.sessions({ endpoint })).sessions;
    assert.ok(latest !== undefined);
    return api.bootstrap.session(latest.id);
  };
  const stepsOf = async (endpoint: string): Promise<readonly string[]> => {
    const { outcome, steps } = await session(endpoint);
    return [
      ...steps.map(({ operation, path, answer }) => [operation, path, answer?.coapCode].join(' ')),
      outcome ?? '',
    ];
  };

  it('asks, is given an account without security, and registers there (R-213)', async () => {
    const endpoint = 'boot-bare';
    const account = { uri: dunlin.coap, shortServerId: 7, lifetime: 200, bindingMode: 'UQ' };
    await api.bootstrap.setConfiguration({ endpoint }, { servers: [account] });
    await using device = new LeshanProgram('Client', { endpoint, bootstrap: dunlin.bootstrapCoap });
    await device.told(/^bootstrapped$/);
    await device.told(/^registered /);
    assert.deepEqual(await stepsOf(endpoint), [
      'request  2.04',
      'discover / 2.05',
      'write /0/1 2.04',
      'write /1/0 2.04',
      'finish  2.04',
      'finished',
    ]);
    const { lifetime, bindingMode } = await api.device(endpoint);
    assert.deepEqual([lifetime, bindingMode], [200, 'UQ']);
    assert.match(await device.ask('get', '/1/0'), /"0":"7"/);
  });

  it('proves itself with a pre-shared key, is given another, and registers with it (R-710)', async () => {
    const endpoint = 'boot-psk';
    const identity = 'bootstrap-identity';
    await api.bootstrap.addCredential({ kind: 'psk', endpoint, identity, key });
    const servers = [
      { uri: dunlin.coaps, shortServerId: 7, security: { kind: 'issued', proof: 'psk' } as const },
    ];
    await api.bootstrap.setConfiguration({ endpoint }, { servers });
    await using device = new LeshanProgram('Client', {
      endpoint,
      bootstrap: dunlin.bootstrapCoaps,
      mode: 'psk',
      public: hexOf(identity),
      secret: key,
    });
    await device.told(/^registered /);
    assert.equal((await session(endpoint)).security, 'psk');
    assert.equal((await api.device(endpoint)).security, 'psk');
  });

  it('is given a raw public key over a pre-shared one, and registers with it (R-711)', async () => {
    const endpoint = 'boot-rpk';
    await api.bootstrap.addCredential({ kind: 'psk', endpoint, identity: endpoint, key });
    const security = { kind: 'issued', proof: 'raw-public-key' } as const;
    await api.bootstrap.setConfiguration(
      { endpoint },
      { servers: [{ uri: dunlin.coaps, shortServerId: 7, security }] },
    );
    await using device = new LeshanProgram('Client', {
      endpoint,
      bootstrap: dunlin.bootstrapCoaps,
      mode: 'psk',
      public: hexOf(endpoint),
      secret: key,
    });
    await device.told(/^registered /);
    assert.equal((await api.device(endpoint)).security, 'raw-public-key');
  });

  it('is written values and other Objects beside its account', async () => {
    const endpoint = 'boot-writes';
    await api.bootstrap.setConfiguration(
      { endpoint },
      {
        servers: [{ uri: dunlin.coap, shortServerId: 7 }],
        writes: [{ path: '/3/0/14', value: '+05:00' }],
      },
    );
    await using device = new LeshanProgram('Client', { endpoint, bootstrap: dunlin.bootstrapCoap });
    await device.told(/^registered /);
    assert.equal(await device.ask('get', '/3/0/14'), '"+05:00"');
  });

  it('is refused when nobody knows it (R-222)', async () => {
    await using device = new LeshanProgram('Client', {
      endpoint: 'boot-stranger',
      bootstrap: dunlin.bootstrapCoap,
    });
    await device.told(/^bootstrap refused BAD_REQUEST /);
  });
});

describe('a bootstrap by Leshan', { skip }, () => {
  let bootstrap: LeshanProgram;
  let server: LeshanProgram;
  let coap: number;
  let coaps: number;

  before(async () => {
    bootstrap = new LeshanProgram('Bootstrap');
    server = new LeshanProgram('Server');
    [coap, coaps] = await server.ports();
  });

  after(async () => {
    await bootstrap?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const open = (uri: string, endpoint: string, ...args: readonly string[]): Program =>
    new Program(program('client', '--bootstrap', uri, '--endpoint', endpoint, ...old, ...args));

  it('gives a client of ours an account without security, and it registers there (R-213)', async () => {
    const [port] = await bootstrap.ports();
    await bootstrap.ask('configure', 'ours', `uri=coap://127.0.0.1:${coap}`, 'lifetime=200', 'binding=UQ');
    await using _device = open(`coap://127.0.0.1:${port}`, 'ours');
    await bootstrap.told(/^finished ours$/);
    await server.told(/^registered ours$/);
    assert.match(await server.ask('registration', 'ours'), /"lifetime":200,.*"binding":"UQ"/);
    assert.match(await server.ask('read', 'ours', '/1/0/0', 'TLV'), /^2\.05 "123"/);
  });

  it('deletes what was there before (R-245)', async () => {
    const [port] = await bootstrap.ports();
    const target = `uri=coap://127.0.0.1:${coap}`;
    await bootstrap.ask('configure', 'cleared', target, 'delete=/0,/1');
    await using _device = open(`coap://127.0.0.1:${port}`, 'cleared');
    await bootstrap.told(/^finished cleared$/);
    await server.told(/^registered cleared$/);
  });

  it('gives it a pre-shared key over another one, and it registers with that (R-710)', async () => {
    const [, port] = await bootstrap.ports();
    await bootstrap.ask('psk', 'secured', 'boot-identity', key);
    await server.ask('psk', 'secured', 'identity', 'ab'.repeat(16));
    const account = [`uri=coaps://127.0.0.1:${coaps}`, 'identity=identity', `key=${'ab'.repeat(16)}`];
    await bootstrap.ask('configure', 'secured', ...account);
    const proof = ['--psk-identity', 'boot-identity', '--psk-key', key];
    await using _device = open(`coaps://127.0.0.1:${port}`, 'secured', ...proof);
    await bootstrap.told(/^finished secured$/);
    await server.told(/^registered secured$/);
    assert.match(await server.ask('registration', 'secured'), /psk=identity/);
  });

  it('refuses whom it does not know, which our client tells (R-222)', async () => {
    const [port] = await bootstrap.ports();
    await using device = open(`coap://127.0.0.1:${port}`, 'stranger');
    await device.waitFor(/4\.00/);
    await bootstrap.told(/^failed stranger /);
  });
});

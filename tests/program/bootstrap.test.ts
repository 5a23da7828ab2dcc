// From a device with nothing but the address of a Bootstrap-Server to one that is managed, as a user does it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { BootstrapDocument, BootstrapSessionDocument, CredentialDocument } from '@dunlin/api';

import { DunlinServer, TemporaryFolder, testEnvironment } from '../support/dunlin-server.ts';
import { freePort } from '../support/free-port.ts';
import { EventWatch } from '../support/event-watch.ts';
import { dunlin, Program, run } from '../support/program.ts';

interface Device {
  readonly endpoint: string;
  readonly security: string;
  readonly identity?: string;
  readonly lifetime: number;
}

/** Starts a device that knows a Bootstrap-Server, and nothing else. */
function newDevice(uri: string, endpoint: string, ...flags: readonly string[]): Program {
  return new Program(dunlin('client', '--bootstrap', uri, '--endpoint', endpoint, ...flags));
}

async function deviceOf(server: DunlinServer, endpoint: string): Promise<Device> {
  const answer = await server.get(`/api/v1/devices/${endpoint}`);
  assert.equal(answer.status, 200, endpoint);
  return (await answer.json()) as Device;
}

async function credentialsOf(server: DunlinServer, endpoint: string): Promise<readonly CredentialDocument[]> {
  const { credentials } = await server.json<{ credentials: readonly CredentialDocument[] }>(
    'credentials',
    'list',
    endpoint,
  );
  return credentials;
}

async function sessionsOf(
  server: DunlinServer,
  endpoint: string,
): Promise<readonly BootstrapSessionDocument[]> {
  const { sessions } = await server.json<{ sessions: readonly BootstrapSessionDocument[] }>(
    'bootstrap',
    'sessions',
    endpoint,
  );
  return sessions;
}

describe('devices that are provisioned by bootstrap', () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;

  before(async () => {
    server = await DunlinServer.start(folder.path, {}, dunlin('server', '--log-level', 'trace'));
  });

  after(async () => {
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('register over DTLS with a key that was made for them, after one command (R-213)', async () => {
    await using events = await EventWatch.open(server.http);
    const { bootstrapKey } = await server.json<{ bootstrapKey: string }>(
      'bootstrap',
      'set',
      'lamp',
      '--to',
      server.coaps,
      '--lifetime',
      '600',
      '--psk-generate',
      '--bootstrap-psk-generate',
    );
    assert.match(bootstrapKey, /^[0-9a-f]{32}$/);
    await using device = newDevice(server.bootstrapCoaps, 'lamp', '--psk-key', bootstrapKey);
    await device.waitFor(/registered/);
    const lamp = await deviceOf(server, 'lamp');
    assert.deepEqual([lamp.security, lamp.identity, lamp.lifetime], ['psk', 'lamp', 600]);
    assert.match((await server.command('read', 'lamp', '/3/0/0')).stdout, /Dunlin/);
    assert.equal((await credentialsOf(server, 'lamp')).length, 1);

    const [session] = await sessionsOf(server, 'lamp');
    assert.equal(session?.outcome, 'finished');
    assert.equal(session.security, 'psk');
    assert.deepEqual(
      session.steps.map(({ operation, path = '', answer }) => `${operation} ${path} ${answer?.coapCode}`),
      ['request  2.04', 'discover / 2.05', 'write /0/1 2.04', 'write /1/0 2.04', 'finish  2.04'],
    );
    await events.find('registered', ({ endpoint }) => endpoint === 'lamp');
    const types = events.events.map(({ type }) => type);
    assert.ok(types.indexOf('bootstrap-started') < types.indexOf('bootstrap-step'));
    assert.ok(types.indexOf('bootstrap-finished') < types.indexOf('registered'));
    assert.match(
      await (await server.get('/metrics')).text(),
      /^dunlin_bootstrap_sessions_total\{outcome="finished"\} 1$/m,
    );
    const said = `${server.program.stdout}${server.program.stderr}${JSON.stringify(events.events)}`;
    assert.ok(!said.includes(bootstrapKey), 'the key is shown by the command alone');
  });

  it('get a new key with each bootstrap, and the old one is good for nothing any more', async () => {
    await server.json('bootstrap', 'set', 'again', '--to', server.coaps, '--psk-generate');
    const key = '11'.repeat(16);
    await server.json('bootstrap', 'credentials', 'add', 'again', '--psk-key', key);
    const bootstrapped = async (): Promise<string | undefined> => {
      await using device = newDevice(server.bootstrapCoaps, 'again', '--psk-key', key);
      await device.waitFor(/registered/);
      const [credential, ...others] = await credentialsOf(server, 'again');
      assert.deepEqual(others, []);
      return credential?.id;
    };
    const first = await bootstrapped();
    const second = await bootstrapped();
    assert.notEqual(first, second);
  });

  it('get raw public keys as well (R-711)', async () => {
    await server.json('bootstrap', 'set', 'rpk', '--to', server.coaps, '--rpk-generate');
    const key = '22'.repeat(16);
    await server.json('bootstrap', 'credentials', 'add', 'rpk', '--psk-key', key);
    await using device = newDevice(server.bootstrapCoaps, 'rpk', '--psk-key', key);
    await device.waitFor(/registered/);
    assert.equal((await deviceOf(server, 'rpk')).security, 'raw-public-key');
  });

  it('come over plain CoAP where there are no keys to give, all of a pattern alike', async () => {
    const set = await server.command('bootstrap', 'set', '--pattern', 'plain-*', '--to', server.coap);
    assert.equal(set.stdout, `set the bootstrap of endpoints like plain-*: to ${server.coap}\n`);
    await using one = newDevice(server.bootstrapCoap, 'plain-1');
    await using two = newDevice(server.bootstrapCoap, 'plain-2');
    await Promise.all([one, two].map((device) => device.waitFor(/registered/)));
    assert.equal((await deviceOf(server, 'plain-2')).security, 'none');
    const [session] = await sessionsOf(server, 'plain-1');
    assert.deepEqual(session?.target, { pattern: 'plain-*' });
  });

  it('are given what they have not asked for when the server begins (R-214)', async () => {
    await using events = await EventWatch.open(server.http);
    const terms = { servers: [{ uri: server.coap, shortServerId: 1, lifetime: 100 }] };
    const config = join(folder.path, 'waiting.json');
    writeFileSync(config, JSON.stringify(terms));
    await server.json('bootstrap', 'set', 'waiting', '--file', config);
    await using device = newDevice(server.bootstrapCoap, 'waiting');
    await device.waitFor(/registered .* 100 s/);
    const {
      target: _target,
      updatedAt: _updatedAt,
      ...got
    } = await server.json<BootstrapDocument>('bootstrap', 'get', 'waiting');
    writeFileSync(config, JSON.stringify({ ...got, servers: [{ ...got.servers[0], lifetime: 200 }] }));
    await server.json('bootstrap', 'set', 'waiting', '--file', config);
    const started = await server.json<BootstrapSessionDocument>('bootstrap', 'start', 'waiting');
    assert.deepEqual([started.initiatedBy, started.outcome], ['server', 'finished']);
    await events.find(
      'updated',
      (event) => event.device.endpoint === 'waiting' && event.device.lifetime === 200,
    );
  });

  it('are given it over DTLS that the server begins, when they wait for it (R-215, R-735)', async () => {
    const { bootstrapKey } = await server.json<{ bootstrapKey: string }>(
      'bootstrap',
      'set',
      'waiting',
      '--to',
      server.coaps,
      '--psk-generate',
      '--bootstrap-psk-generate',
    );
    const port = await freePort();
    // It would ask by itself after an hour: whatever comes before is the server's doing.
    await using device = newDevice(
      server.bootstrapCoaps,
      'waiting',
      '--psk-key',
      bootstrapKey,
      '--bootstrap-listen',
      `127.0.0.1:${port}`,
      '--hold-off',
      '3600',
    );
    await device.waitFor(/waits for the bootstrap server/);
    await server.json('bootstrap', 'start', 'waiting', '--at', `coaps://127.0.0.1:${port}`);
    await device.waitFor(/registered/);
    const [session] = await sessionsOf(server, 'waiting');
    assert.deepEqual(
      [session?.initiatedBy, session?.security, session?.outcome],
      ['server', 'psk', 'finished'],
    );
    assert.equal((await deviceOf(server, 'waiting')).security, 'psk');
  });

  it('are refused when nobody knows them, over plain CoAP when they have credentials, and with keys when not secured', async () => {
    await using events = await EventWatch.open(server.http);
    const key = '33'.repeat(16);
    await server.json('bootstrap', 'set', 'strict', '--to', server.coap);
    await server.json('bootstrap', 'credentials', 'add', 'strict', '--psk-key', key);
    await server.json('bootstrap', 'set', 'bare', '--to', server.coaps, '--psk-generate');
    const refused = async (endpoint: string): Promise<string> => {
      await using _device = newDevice(server.bootstrapCoap, endpoint);
      const { coapCode, reason } = await events.find('refused', (event) => event.endpoint === endpoint);
      return `${coapCode} ${reason}`;
    };
    assert.match(await refused('nobody'), /^4\.00 /);
    assert.match(await refused('strict'), /^4\.03 /);
    assert.match(await refused('bare'), /^4\.\d\d .*(key|secur)/i);
    assert.deepEqual(await credentialsOf(server, 'bare'), [], 'nothing is made for whom it is not given to');
    await using _imposter = newDevice(
      server.bootstrapCoaps,
      'lamp',
      '--psk-identity',
      'strict',
      '--psk-key',
      key,
    );
    const { endpoint, identity } = await events.find('refused', (event) => event.identity === 'strict');
    assert.deepEqual([endpoint, identity], ['lamp', 'strict'], 'R-730');
  });

  it('have what they had before when their bootstrap fails, and it is said why', async () => {
    const config = join(folder.path, 'impossible.json');
    const writes = [{ path: '/4242/0/1', value: 'x', type: 'string' }];
    writeFileSync(config, JSON.stringify({ servers: [{ uri: server.coap, shortServerId: 1 }], writes }));
    await server.json('bootstrap', 'set', 'impossible', '--file', config);
    await using events = await EventWatch.open(server.http);
    await using _device = newDevice(server.bootstrapCoap, 'impossible');
    const { failure } = await events.find('bootstrap-failed', ({ endpoint }) => endpoint === 'impossible');
    assert.equal(failure.kind, 'refused');
    assert.match(failure.reason, /\/4242\/0/);
    assert.equal((await server.get('/api/v1/devices/impossible')).status, 404);
    const shown = await server.command('bootstrap', 'sessions', 'impossible');
    assert.match(shown.stdout, /\/4242\/0/);
  });
});

describe('a Bootstrap-Server that is killed and started again', () => {
  it('gives what it was told to give', async () => {
    using folder = new TemporaryFolder();
    const key = '44'.repeat(16);
    await using first = await DunlinServer.start(folder.path);
    await first.json('bootstrap', 'set', 'lamp', '--to', first.coaps, '--psk-generate');
    await first.json('bootstrap', 'credentials', 'add', 'lamp', '--psk-key', key);
    first.program.signal('SIGKILL');
    await first.program.ended();
    await using second = await DunlinServer.start(folder.path, first.ports);
    await using device = newDevice(second.bootstrapCoaps, 'lamp', '--psk-key', key);
    await device.waitFor(/registered/);
    assert.equal((await deviceOf(second, 'lamp')).security, 'psk');
  });
});

describe('dunlin bootstrap-server', () => {
  it('gives accounts of a server that runs elsewhere', async () => {
    using here = new TemporaryFolder();
    using elsewhere = new TemporaryFolder();
    await using server = await DunlinServer.start(elsewhere.path);
    const loopback = '127.0.0.1:0';
    await using program = new Program(
      dunlin(
        'bootstrap-server',
        '--bootstrap-coap',
        loopback,
        '--bootstrap-coaps',
        'none',
        '--http',
        loopback,
        '--data',
        here.path,
      ),
      { env: testEnvironment },
    );
    const [, bootstrap = ''] = await program.waitFor(/Bootstrap\s+(coap:\/\/\S+)/);
    const [, http = ''] = await program.waitFor(/HTTP\s+(http:\/\/\S+)/);
    const env = { DUNLIN_URL: http, ...testEnvironment };
    const command = (...args: readonly string[]) => run(dunlin(...args), { env });
    const keyFile = join(here.path, 'lamp.key');
    writeFileSync(keyFile, '55'.repeat(16));
    const added = await server.command('credentials', 'add', 'lamp', '--psk-key-file', keyFile);
    assert.equal(added.exitCode, 0, added.stderr);
    const set = await command(
      'bootstrap',
      'set',
      'lamp',
      '--to',
      server.coaps,
      '--psk-key-file',
      keyFile,
      '--allow-keys-without-security',
    );
    assert.equal(set.exitCode, 0, set.stderr);
    await using device = newDevice(bootstrap, 'lamp');
    await device.waitFor(/registered/);
    assert.equal((await deviceOf(server, 'lamp')).security, 'psk');

    const issued = await command('bootstrap', 'set', 'other', '--to', server.coaps, '--psk-generate');
    assert.equal(issued.exitCode, 2);
    assert.match(issued.stderr, /runs together with this Bootstrap-Server/);
    const devices = await command('devices');
    assert.notEqual(devices.exitCode, 0, 'it is no server');
    assert.equal((await fetch(`${http}/healthz`)).status, 200);
    const { exitCode, stderr } = await program.stop();
    assert.equal(exitCode, 0);
    assert.doesNotMatch(stderr, /Error|Warning/);
  });
});

// DTLS through the program: credentials by command, devices over real sockets, what is refused and how that shows.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import {
  authority,
  type Certified,
  ipName,
  issue,
  subjectAltName,
} from '../../packages/dtls/test/support/certificate-authority.ts';
import { pem } from '../../packages/dtls/test/support/pem.ts';
import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { EventWatch } from '../support/event-watch.ts';
import { dunlin, type Finished, Program, run } from '../support/program.ts';

interface Added {
  readonly credential: { readonly id: string };
  readonly key: string;
  /** For a device that uses it. */
  readonly flags: readonly string[];
}
interface Device {
  readonly registrationId: string;
  readonly security: string;
  readonly identity?: string;
}

/** Gives an endpoint a random pre-shared key. */
async function provision(server: DunlinServer, endpoint: string, identity = endpoint): Promise<Added> {
  const flags = ['--psk-identity', identity];
  const added = await server.json<Added>('credentials', 'add', endpoint, ...flags, '--psk-generate');
  return { ...added, flags: [...flags, '--psk-key', added.key] };
}

/** Starts a device, gives what it says when its first attempt fails, and ends it. */
async function attempt(uri: string, endpoint: string, flags: readonly string[] = []): Promise<string> {
  await using device = new Program(dunlin('client', '--server', uri, '--endpoint', endpoint, ...flags));
  const [line = ''] = await device.waitFor(/^.*Next attempt/m);
  return line;
}

/** The value of a metric; 0 when there is none yet. */
async function metric(server: DunlinServer, name: string): Promise<number> {
  const text = await (await server.get('/metrics')).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `)) ?? '0';
  return Number(line.slice(line.lastIndexOf(' ')));
}

function privateKeyPem({ privateKey }: Certified): string {
  return String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
}

describe('devices that come over DTLS', () => {
  const folder = new TemporaryFolder();
  const files = new TemporaryFolder();
  const loopback = issue({ subject: 'server', extensions: [subjectAltName(ipName(127, 0, 0, 1))] });
  let server: DunlinServer;
  let events: EventWatch;

  const file = (name: string, text: string): string => {
    const path = join(files.path, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };

  before(async () => {
    const key = file('server.key', privateKeyPem(loopback));
    const certificate = file('server.crt', pem('CERTIFICATE', loopback.certificate));
    const identity = ['--server-key', key, '--server-certificate', certificate];
    server = await DunlinServer.start(folder.path, {}, dunlin('server', '--log-level', 'trace', ...identity));
    events = await EventWatch.open(server.http);
  });

  after(async () => {
    await events?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
    files[Symbol.dispose]();
  });

  it('register, are read and observed with a pre-shared key, which nothing ever prints again', async () => {
    const { key, credential } = await provision(server, 'lamp', 'lamp-identity');
    const keyFile = file('lamp.key', `${key}\n`);
    await using device = await server.securedDevice(
      'lamp',
      '--psk-identity',
      'lamp-identity',
      '--psk-key-file',
      keyFile,
    );
    const { security, identity } = await server.json<Device>('devices', 'lamp');
    assert.deepEqual({ security, identity }, { security: 'psk', identity: 'lamp-identity' });
    assert.match((await server.command('read', 'lamp', '/3/0/0')).stdout, /Dunlin/);
    const observing = server.command('observe', 'lamp', '/3303/0/5700', '--count', '2');
    const typing = setInterval(() => device.type(`set /3303/0/5700 ${Math.random()}`), 300);
    const { exitCode, stderr } = await observing.finally(() => clearInterval(typing));
    assert.equal(exitCode, 0, stderr);

    const shown = await server.command('credentials', 'show', credential.id, '--json');
    const listed = await (await server.get('/api/v1/credentials')).text();
    const stored = readFileSync(join(folder.path, 'credentials.sqlite')).toString('latin1');
    const said = [
      shown.stdout,
      listed,
      server.program.stdout,
      server.program.stderr,
      device.stdout,
      device.stderr,
    ].join('\n');
    assert.match(said, /lamp-identity/);
    assert.ok(!said.includes(key), 'the key is printed');
    assert.ok(
      !stored.includes(key) && !stored.includes(Buffer.from(key, 'hex').toString('latin1')),
      'the key is stored in the open',
    );
    assert.equal((await device.stop()).exitCode, 0);
  });

  it('are refused under an endpoint name that is not that of their identity, and events say why (R-730)', async () => {
    const { flags } = await provision(server, 'mine');
    const said = await attempt(server.coaps, 'yours', flags);
    assert.match(said, /4\.00.*endpoint name does not belong to the authenticated identity/);
    const {
      time: _time,
      address: _address,
      ...refused
    } = await events.find('refused', ({ endpoint }) => endpoint === 'yours');
    assert.deepEqual(
      { ...refused },
      {
        type: 'refused',
        endpoint: 'yours',
        operation: 'register',
        security: 'psk',
        identity: 'mine',
        coapCode: '4.00',
        reason: 'the endpoint name does not belong to the authenticated identity',
      },
    );
  });

  it('have to: plain CoAP of an endpoint with credentials is refused, and what was registered so ends', async () => {
    await using device = await server.device('plain');
    await provision(server, 'plain');
    await events.find('deregistered', ({ endpoint }) => endpoint === 'plain');
    await device[Symbol.asyncDispose]();
    assert.match(await attempt(server.coap, 'plain'), /4\.03.*must come over DTLS/);
    const refused = await events.find('refused', ({ endpoint }) => endpoint === 'plain');
    assert.deepEqual([refused.coapCode, refused.security], ['4.03', 'none']);
  });

  it('fail the same way with a wrong key and an unknown identity, which only the events tell apart', async () => {
    const { credential } = await provision(server, 'careless');
    const wrong = '00'.repeat(16);
    const failures = await Promise.all(
      ['careless', 'stranger'].map((name) => attempt(server.coaps, name, ['--psk-key', wrong])),
    );
    const [wrongKey, unknown] = failures.map((line) => line.replace(/Next attempt.*/, ''));
    assert.match(
      wrongKey ?? '',
      /no DTLS association with .*: The peer refused the handshake with decrypt_error \(51\)/,
    );
    assert.equal(wrongKey, unknown);
    const told = async (identity: string) => {
      const event = await events.find('handshake-failed', (each) => each.identity === identity);
      return [event.endpoint, event.reason];
    };
    assert.deepEqual(await told('careless'), [
      'careless',
      `the pre-shared key is not that of credential ${credential.id}`,
    ]);
    assert.deepEqual(await told('stranger'), [undefined, 'no credential has this PSK identity']);
    assert.ok((await metric(server, 'dunlin_dtls_handshakes_total{outcome="wrong-key"}')) >= 2);
  });

  it('lose association and registration with their credential', async () => {
    const { credential, flags } = await provision(server, 'revoked');
    await using device = await server.securedDevice('revoked', ...flags);
    const { stdout } = await server.command('credentials', 'remove', credential.id);
    assert.match(stdout, /revoked has no credentials left: it may register over plain CoAP again/);
    await events.find('deregistered', ({ endpoint }) => endpoint === 'revoked');
    await device.waitFor(/secure association with the Server has ended/);
    assert.match(await attempt(server.coaps, 'revoked', flags), /no DTLS association/);
  });

  it('register with a raw public key against that which the server prints (R-711)', async () => {
    const own = issue();
    const flags = [
      '--private-key',
      file('own.key', privateKeyPem(own)),
      '--server-public-key',
      file('server.pub', (await server.command('credentials', 'server')).stdout),
    ];
    const refused = await attempt(server.coaps, 'bare', flags);
    assert.match(refused, /no DTLS association/);
    assert.equal(
      (await events.find('handshake-failed', ({ security }) => security === 'raw-public-key')).reason,
      'No credential has this public key.',
    );
    const added = await server.command(
      'credentials',
      'add',
      'bare',
      '--public-key',
      file('own.pub', pem('PUBLIC KEY', own.publicKey)),
    );
    assert.equal(added.exitCode, 0, added.stderr);
    await using _device = await server.securedDevice('bare', ...flags);
    const { security, identity } = await server.json<Device>('devices', 'bare');
    assert.equal(security, 'raw-public-key');
    assert.match(identity ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.match((await server.command('read', 'bare', '/3/0/0')).stdout, /Dunlin/);
  });

  it('register with a certificate that is kept, or that an authority vouches for (R-712)', async () => {
    const acme = authority('Acme');
    const flagsOf = (name: string, certified: Certified) => [
      '--private-key',
      file(`${name}.key`, privateKeyPem(certified)),
      '--certificate',
      file(`${name}.crt`, pem('CERTIFICATE', certified.certificate)),
      '--server-certificate',
      join(files.path, 'server.crt'),
    ];
    const kept = flagsOf('kept', issue({ subject: 'whatever' }));
    const vouched = flagsOf('vouched', issue({ subject: 'vouched' }, acme));
    await server.command('credentials', 'add', 'kept', '--certificate', join(files.path, 'kept.crt'));
    await server.command(
      'credentials',
      'add',
      '--every-endpoint',
      '--trust',
      file('acme.crt', pem('CERTIFICATE', acme.certificate)),
    );
    for (const [endpoint, flags] of [
      ['kept', kept],
      ['vouched', vouched],
    ] as const) {
      await using _device = await server.securedDevice(endpoint, ...flags);
      assert.equal((await server.json<Device>('devices', endpoint)).security, 'certificate');
    }
    assert.match(await attempt(server.coaps, 'somebody', vouched), /4\.00/);
  });
});

describe('a secured server that stops', () => {
  it('goes on with its associations after SIGTERM, without a new handshake', async () => {
    using folder = new TemporaryFolder();
    await using first = await DunlinServer.start(folder.path);
    const { flags } = await provision(first, 'lamp');
    await using device = await first.securedDevice('lamp', ...flags);
    const atFirst = await first.json<Device>('devices', 'lamp');
    assert.equal((await first.program.stop()).exitCode, 0);
    const saved = join(folder.path, 'associations.sealed');
    assert.equal(statSync(saved).mode & 0o777, 0o600);

    await using second = await DunlinServer.start(folder.path, first.ports);
    assert.throws(() => statSync(saved), { code: 'ENOENT' }, 'a saved state is used once');
    assert.match((await second.command('read', 'lamp', '/3/0/0')).stdout, /Dunlin/);
    device.type('update');
    await using events = await EventWatch.open(second.http);
    device.type('update');
    await events.find('updated');
    assert.equal((await second.json<Device>('devices', 'lamp')).registrationId, atFirst.registrationId);
    assert.equal(await metric(second, 'dunlin_dtls_associations'), 1);
    assert.equal(await metric(second, 'dunlin_dtls_handshakes_total{outcome="full"}'), 0);
    assert.equal(await metric(second, 'dunlin_dtls_handshakes_total{outcome="resumed"}'), 0);
  });

  it('has its credentials after SIGKILL, and devices come back with new handshakes', async () => {
    using folder = new TemporaryFolder();
    await using first = await DunlinServer.start(folder.path);
    const { flags } = await provision(first, 'lamp');
    await using device = await first.securedDevice('lamp', ...flags);
    first.program.signal('SIGKILL');
    await first.program.ended();
    await device[Symbol.asyncDispose]();
    await using second = await DunlinServer.start(folder.path, first.ports);
    await using _again = await second.securedDevice('lamp', ...flags);
    assert.equal(await metric(second, 'dunlin_dtls_handshakes_total{outcome="full"}'), 1);
    assert.match((await second.command('read', 'lamp', '/3/0/0')).stdout, /Dunlin/);
  });
});

describe('keys of the server', () => {
  const start = (
    data: string,
    env: Record<string, string> = {},
    ...more: readonly string[]
  ): Promise<Finished> =>
    run(
      dunlin(
        'server',
        '--coap',
        'none',
        '--coaps',
        '127.0.0.1:0',
        '--bootstrap-coap',
        'none',
        '--bootstrap-coaps',
        'none',
        '--http',
        '127.0.0.1:0',
        '--data',
        data,
        ...more,
      ),
      { env },
    );

  it('are made on the first start, only for their owner to read, and a copy of the master key is asked for', async () => {
    using folder = new TemporaryFolder();
    await using server = await DunlinServer.start(folder.path);
    for (const name of ['master.key', 'server-key.pem', 'credentials.sqlite']) {
      assert.equal(statSync(join(folder.path, name)).mode & 0o777, 0o600, name);
    }
    const [warning = ''] = await server.program.waitFor(/^.*master\.key.*$/m);
    assert.match(warning, /keep a copy/);
    await server.program.stop();
    await using again = await DunlinServer.start(folder.path);
    assert.doesNotMatch(again.program.stderr, /master/, 'it is said once');
  });

  it('stop the start with one clear line and exit code 1 when they are lost, wrong, or open to others', async () => {
    using folder = new TemporaryFolder();
    const master = join(folder.path, 'master.key');
    await using server = await DunlinServer.start(folder.path);
    await server.program.stop();
    const isRefused = (finished: Finished, pattern: RegExp): void => {
      assert.equal(finished.exitCode, 1);
      assert.match(finished.stderr, pattern);
      assert.equal(finished.stderr.trim().split('\n').length, 1, finished.stderr);
    };
    isRefused(
      await start(folder.path, { DUNLIN_MASTER_KEY: 'ab'.repeat(32) }),
      /sealed with another master key/,
    );
    isRefused(
      await start(folder.path, { DUNLIN_MASTER_KEY: 'secret' }),
      /DUNLIN_MASTER_KEY must be 32 bytes/,
    );
    chmodSync(master, 0o644);
    isRefused(await start(folder.path), /can be read by others.*chmod 600/);
    chmodSync(master, 0o600);
    renameSync(master, `${master}.moved`);
    isRefused(await start(folder.path), /there is no master key in .*put the copy of the file back/);
    await using program = new Program(
      dunlin(
        'server',
        '--coap',
        'none',
        '--coaps',
        '127.0.0.1:0',
        '--bootstrap-coap',
        'none',
        '--bootstrap-coaps',
        'none',
        '--http',
        '127.0.0.1:0',
        '--data',
        folder.path,
      ),
      { env: { DUNLIN_MASTER_KEY_FILE: `${master}.moved` } },
    );
    await program.waitFor(/CoAPs\s+coaps/);
    assert.equal((await program.stop()).exitCode, 0);
  });

  it('and certificates that cannot be used stop the start, naming the file and the reason', async () => {
    using folder = new TemporaryFolder();
    const pair = issue();
    const path = (name: string, text: string): string => {
      writeFileSync(join(folder.path, name), text);
      return join(folder.path, name);
    };
    const key = path('key.pem', privateKeyPem(pair));
    for (const [flags, pattern] of [
      [['--server-key', join(folder.path, 'nowhere')], /nowhere: there is no such file/],
      [['--server-key', path('empty', '')], /empty: /],
      [['--server-key', path('pub', pem('PUBLIC KEY', pair.publicKey))], /pub: /],
      [
        [
          '--server-key',
          key,
          '--server-certificate',
          path('other.crt', pem('CERTIFICATE', issue().certificate)),
        ],
        /other\.crt: The first certificate is not that of the private key/,
      ],
    ] as const) {
      const { exitCode, stderr } = await start(join(folder.path, 'data'), {}, ...flags);
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr.trim().split('\n').at(-1) ?? '', pattern);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }
  });

  it('are logged for debugging only when asked for, with a loud warning', async () => {
    using folder = new TemporaryFolder();
    const log = join(folder.path, 'keys.log');
    await using server = await DunlinServer.start(folder.path, {}, dunlin('server', '--key-log', log));
    await server.program.waitFor(/THE KEYS OF ALL DTLS ASSOCIATIONS ARE LOGGED/);
    const { flags } = await provision(server, 'lamp');
    await using _device = await server.securedDevice('lamp', ...flags);
    assert.match(readFileSync(log, 'utf8'), /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/m);
    assert.equal(statSync(log).mode & 0o777, 0o600);
  });
});

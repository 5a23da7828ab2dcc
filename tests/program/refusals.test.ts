// What cannot be is said in one clear line, with an exit code that a script can use and without a stack trace.
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { type DunlinPorts, DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { dunlin, type Finished, Program, run } from '../support/program.ts';

function isOneLine({ stderr }: Finished, pattern: RegExp): void {
  const lines = stderr
    .trim()
    .split('\n')
    .filter((line) => line !== '');
  assert.match(stderr, pattern);
  assert.ok(lines.length <= 2, stderr);
  assert.doesNotMatch(stderr, /^\s+at /m);
}

/** A server on free ports but for those that are given, all of the loopback interface. */
function serverOn(data: string, ports: Partial<DunlinPorts> = {}) {
  const at = (port = 0): string => `127.0.0.1:${port}`;
  const coap = ['--coap', at(ports.coap), '--coaps', at(ports.coaps)];
  const bootstrap = [
    '--bootstrap-coap',
    at(ports.bootstrapCoap),
    '--bootstrap-coaps',
    at(ports.bootstrapCoaps),
  ];
  return dunlin('server', ...coap, ...bootstrap, '--http', at(ports.http), '--data', data);
}

describe('dunlin server', () => {
  it('says which port of CoAP, CoAPs, the bootstrap or HTTP is in use', async () => {
    using folder = new TemporaryFolder();
    using other = new TemporaryFolder();
    await using running = await DunlinServer.start(folder.path);
    for (const [name, port] of Object.entries<number>({ ...running.ports })) {
      const finished = await run(serverOn(other.path, { [name]: port }));
      assert.equal(finished.exitCode, 1);
      const last = finished.stderr.trim().split('\n').at(-1) ?? '';
      assert.match(last, new RegExp(`^dunlin: .*127\\.0\\.0\\.1:${port}.*in use`));
      assert.doesNotMatch(finished.stderr, /^\s+at /m);
    }
  });

  it('says that the data folder cannot be written', async () => {
    using folder = new TemporaryFolder();
    const file = join(folder.path, 'a-file');
    writeFileSync(file, '');
    const finished = await run(serverOn(join(file, 'data')));
    assert.equal(finished.exitCode, 1);
    isOneLine(finished, /a-file/);
  });

  it('says that a database is none', async () => {
    using folder = new TemporaryFolder();
    await using first = await DunlinServer.start(folder.path);
    await first.program.stop();
    for (const name of readdirSync(folder.path).filter((file) => file.endsWith('.sqlite')))
      writeFileSync(join(folder.path, name), 'this is no database '.repeat(500));
    const finished = await run(serverOn(folder.path));
    assert.equal(finished.exitCode, 1);
    isOneLine(finished, /database/);
  });

  it('refuses flags and settings that are none, with a suggestion', async () => {
    for (const [args, pattern] of [
      [['server', '--caop', '127.0.0.1:0'], /--caop.*--coap/s],
      [['server', '--coap', 'nowhere'], /nowhere/],
      [['server', '--coap', '127.0.0.1:99999'], /99999/],
      [['server', '--coap', 'none', '--coaps', 'none'], /coap and coaps are both none/],
      [['server', '--server-certificate', 'x.pem'], /server-certificate needs server-key/],
      [['server', '--bootstrap-certificate', 'x.pem'], /bootstrap-certificate needs bootstrap-key/],
      [['server', '--bootstrap-coap', 'nowhere'], /bootstrap-coap \(flag\): "nowhere"/],
      [
        ['bootstrap-server', '--bootstrap-coap', 'none', '--bootstrap-coaps', 'none'],
        /bootstrap-coap and bootstrap-coaps are both none/,
      ],
      [['sever'], /sever.*server/s],
      [['client', '--server', 'http://127.0.0.1', '--endpoint', 'x'], /coap/],
    ] as const) {
      const finished = await run(dunlin(...args));
      assert.equal(finished.exitCode, 2, `${args.join(' ')}: ${finished.stderr}`);
      isOneLine(finished, pattern);
    }
    using folder = new TemporaryFolder();
    const config = join(folder.path, 'dunlin.toml');
    writeFileSync(config, 'htpp = "127.0.0.1:0"\n');
    const finished = await run(dunlin('server', '--config', config));
    assert.equal(finished.exitCode, 2);
    isOneLine(finished, /htpp.*http/s);
  });

  it('warns when HTTP listens beyond loopback without TLS', async () => {
    using folder = new TemporaryFolder();
    await using program = new Program(
      dunlin(
        'server',
        '--coap',
        '127.0.0.1:0',
        '--coaps',
        'none',
        '--bootstrap-coap',
        'none',
        '--bootstrap-coaps',
        'none',
        '--http',
        '0.0.0.0:0',
        '--data',
        folder.path,
      ),
    );
    await program.waitFor(/HTTP\s+http/);
    await program.waitFor(/without TLS: passwords and tokens can be read/);
    await program.stop();
  });

  it('takes its settings from the environment, and flags over it', async () => {
    using folder = new TemporaryFolder();
    const env = {
      DUNLIN_COAP: '127.0.0.1:0',
      DUNLIN_COAPS: 'none',
      DUNLIN_BOOTSTRAP_COAP: 'none',
      DUNLIN_BOOTSTRAP_COAPS: 'none',
      DUNLIN_HTTP: 'nowhere',
      DUNLIN_DATA: folder.path,
    };
    assert.equal((await run(dunlin('server'), { env })).exitCode, 2);
    await using program = new Program(dunlin('server', '--http', '127.0.0.1:0'), { env });
    await program.waitFor(/CoAP\s+coap:\/\/127\.0\.0\.1:\d+/);
    const { exitCode } = await program.stop();
    assert.equal(exitCode, 0);
  });
});

describe('dunlin client', () => {
  const phone = ['client', '--endpoint', 'phone', '--sms', '+49 170 0000001'];

  it('says what is missing for short messages', async () => {
    for (const [args, pattern] of [
      [['client', '--endpoint', 'phone', '--binding', 'UQX'], /one of U, UQ, S, SQ, US and UQS/],
      [['client', '--endpoint', 'phone', '--binding', 'S'], /needs --sms, the device's own number/],
      [['client', '--endpoint', 'phone', '--sms', 'me'], /a telephone number with its country code/],
      [['client', '--endpoint', 'phone', '--sms-modem', '/dev/null'], /need --sms, the own number/],
      [phone, /--sms needs --sms-server/],
      [[...phone, '--sms-server', '10690'], /either --sms-modem DEVICE or --smpp URL/],
      [[...phone, '--sms-server', '10690', '--smpp', 'smpp://a'], /smpp needs smpp-system-id/],
      [
        [...phone, '--sms-server', '10690', '--smpp', 'smpp://a', '--smpp-system-id', 'a'],
        /the password, in DUNLIN_SMPP_PASSWORD or by --smpp-password-file/,
      ],
    ] as const) {
      const finished = await run(dunlin(...args, '--server', 'coap://127.0.0.1:1'), {
        env: { DUNLIN_SMPP_PASSWORD: '' },
      });
      assert.equal(finished.exitCode, 2, finished.stderr);
      isOneLine(finished, pattern);
    }
  });

  it('runs commands that wait after its input has ended', async () => {
    const command = dunlin('client', '--endpoint', 'piped', '--server', 'coap://127.0.0.1:1');
    const finished = await run(command, { input: 'sleep 1\nget /3303/0/5701\nquit\n' });
    assert.equal(finished.exitCode, 0, finished.stderr);
    assert.match(finished.stdout, /Sensor Units/);
  });
});

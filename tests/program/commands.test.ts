// The commands as a user types them, against a real server and a real simulated device.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { dunlin, type Program, run } from '../support/program.ts';
import { untilFits } from '../support/until.ts';

describe('the commands', () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;
  let device: Program;

  before(async () => {
    server = await DunlinServer.start(folder.path);
    device = await server.device('dev-1', '--object', '3311', '--object', '3342');
  });

  after(async () => {
    await device?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const succeeds = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await server.command(...args);
    assert.equal(exitCode, 0, `dunlin ${args.join(' ')}: ${stderr}`);
    return stdout;
  };

  it('list devices, for people and for programs', async () => {
    assert.match(await succeeds('devices'), /dev-1\s/);
    const { devices } = await server.json<{ devices: readonly Record<string, unknown>[] }>('devices');
    assert.equal(devices.length, 1);
    assert.equal(devices[0]?.['endpoint'], 'dev-1');
    assert.equal(devices[0]?.['lifetime'], 300);
  });

  it('read a Resource, an Object Instance and an Object, by the names of their definitions', async () => {
    assert.match(await succeeds('read', 'dev-1', '/3/0/0'), /Dunlin/);
    assert.match(await succeeds('read', 'dev-1', '/3/0'), /Manufacturer\s+.*Dunlin/);
    assert.match(await succeeds('read', 'dev-1', '/3303'), /Sensor Value/);
  });

  it('write a Resource, and read it back', async () => {
    await succeeds('write', 'dev-1', '/3/0/14', '+02:00');
    assert.match(await succeeds('read', 'dev-1', '/3/0/14'), /\+02:00/);
    await succeeds('write', 'dev-1', '/1/0/1', '250');
    // The device sends an Update with its new lifetime.
    await untilFits(
      () => server.json<{ devices: readonly { lifetime: number }[] }>('devices'),
      ({ devices: [first] }) => first?.lifetime === 250,
    );
  });

  it('keep 64-bit integers exact', async () => {
    await succeeds('write', 'dev-1', '/3311/0/5852', '9223372036854775807');
    assert.match(await succeeds('read', 'dev-1', '/3311/0/5852', '--json'), /"value":9223372036854775807\b/);
    assert.match(await succeeds('read', 'dev-1', '/3311/0/5852'), /\b9223372036854775807\b/);
  });

  it('discover, and set attributes that discover shows', async () => {
    await succeeds('attributes', 'dev-1', '/3303/0/5700', 'pmin=1', 'pmax=30');
    assert.match(await succeeds('discover', 'dev-1', '/3303/0/5700'), /pmin=1.*pmax=30/);
    await succeeds('attributes', 'dev-1', '/3303/0/5700', 'pmin=', 'pmax=');
    assert.doesNotMatch(await succeeds('discover', 'dev-1', '/3303/0/5700'), /pmin/);
  });

  it('execute', async () => {
    await succeeds('execute', 'dev-1', '/1/0/8');
  });

  it('create and delete an Object Instance', async () => {
    assert.match(await succeeds('create', 'dev-1', '/3342', '5500=true'), /\/3342\/\d+/);
    const instance = /\/3342\/(\d+)/.exec(await succeeds('discover', 'dev-1', '/3342'))?.[1];
    await succeeds('delete', 'dev-1', `/3342/${instance}`);
  });

  it('observe: the first value and its changes, as JSON lines', async () => {
    let value = 42;
    const typing = setInterval(() => device.type(`set /3303/0/5700 ${(value += 0.5)}`), 500);
    const observing = server.command('observe', 'dev-1', '/3303/0/5700', '--count', '2', '--json');
    const { exitCode, stdout, stderr } = await observing.finally(() => clearInterval(typing));
    assert.equal(exitCode, 0, stderr);
    const lines = stdout.trim().split('\n');
    assert.equal(lines.length, 2);
    for (const line of lines) JSON.parse(line);
  });

  it('show events as they happen', async () => {
    const typing = setInterval(() => device.type('update'), 500);
    const watching = server.command('events', '--count', '1', '--json', '--endpoint', 'dev-1');
    const { exitCode, stdout, stderr } = await watching.finally(() => clearInterval(typing));
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /updated/);
  });

  it('end with an exit code that says what went wrong, and one clear line', async () => {
    for (const [expected, ...args] of [
      [2, 'read', 'dev-1'],
      [2, 'raed', 'dev-1', '/3/0/0'],
      [2, 'read', 'dev-1', '/three/0'],
      [2, 'devices', '--josn'],
      [3, 'read', 'nobody', '/3/0/0'],
      [4, 'write', 'dev-1', '/3/0/0', 'x'],
      [4, 'read', 'dev-1', '/3/0/99'],
    ] as const) {
      const { exitCode, stderr } = await server.command(...args);
      assert.equal(exitCode, expected, `${args.join(' ')}: ${stderr}`);
      assert.doesNotMatch(stderr, /^\s+at /m, 'no stack trace');
      assert.notEqual(stderr.trim(), '');
    }
    const unreachable = await run(dunlin('devices', '--server', 'http://127.0.0.1:9'));
    assert.equal(unreachable.exitCode, 6, unreachable.stderr);
  });

  it('say within the time asked for that a device does not answer', async () => {
    const silent = await server.device('silent');
    silent.signal('SIGKILL');
    const { exitCode, stderr } = await server.command('read', 'silent', '/3/0/0', '--timeout', '2');
    assert.equal(exitCode, 5, stderr);
  });
});

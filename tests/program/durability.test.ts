// A kill is not an outage: what devices and users were told holds afterwards.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';

interface Devices {
  readonly devices: readonly {
    readonly endpoint: string;
    readonly registrationId: string;
    readonly lifetime: number;
  }[];
}

/** The first device without what the server comes to know of it by the way. */
function registrationOf({ devices: [device] }: Devices): object {
  const {
    lastSeen: _seen,
    manufacturer: _maker,
    modelNumber: _model,
    firmwareVersion: _firmware,
    ...facts
  } = {
    ...device,
  } as Readonly<Record<string, unknown>>;
  return facts;
}

describe('a server that is killed and started again', () => {
  it('has its registrations and observations as before, and notifications still arrive', async () => {
    using folder = new TemporaryFolder();
    let ports: DunlinServer['ports'];
    let before: Devices;
    await using first = await DunlinServer.start(folder.path);
    await using device = await first.device('survivor');
    {
      ports = first.ports;
      const observed = await first.fetch('/api/v1/devices/survivor/observations/3303/0/5700', {
        method: 'PUT',
      });
      assert.ok(observed.ok, await observed.text());
      before = await first.json<Devices>('devices');
      first.program.signal('SIGKILL');
      await first.program.ended();
    }
    await using second = await DunlinServer.start(folder.path, ports);
    const restored = await second.json<Devices>('devices');
    assert.deepEqual(registrationOf(restored), registrationOf(before));
    const observations = await (await second.get('/api/v1/devices/survivor/observations')).text();
    assert.match(observations, /3303\/0\/5700/);

    const events = second.command('events', '--json', '--endpoint', 'survivor', '--count', '1');
    const typing = setInterval(() => device.type(`set /3303/0/5700 ${(Math.random() * 40).toFixed(2)}`), 500);
    try {
      const { exitCode, stdout, stderr } = await events;
      assert.equal(exitCode, 0, stderr);
      const { type, path } = JSON.parse(stdout) as { readonly type: string; readonly path: string };
      assert.deepEqual({ type, path }, { type: 'notification', path: '/3303/0/5700' });
    } finally {
      clearInterval(typing);
    }
    assert.match((await second.command('read', 'survivor', '/3/0/0')).stdout, /Dunlin/);
  });

  it('knows every registration it acknowledged, however it is killed', async () => {
    using folder = new TemporaryFolder();
    await using server = await DunlinServer.start(folder.path);
    const devices = await Promise.all(['a', 'b', 'c', 'd'].map((name) => server.device(name)));
    server.program.signal('SIGKILL');
    await server.program.ended();
    await using again = await DunlinServer.start(folder.path, server.ports);
    const restored = await again.json<Devices>('devices');
    assert.deepEqual(
      restored.devices.map(({ endpoint }) => endpoint),
      ['a', 'b', 'c', 'd'],
    );
    for (const device of devices) await device[Symbol.asyncDispose]();
  });
});

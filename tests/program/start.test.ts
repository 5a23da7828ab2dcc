// `npm start` as a user runs it, and what a browser and a monitor find there.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { repository, run } from '../support/program.ts';

describe('npm start', () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;

  before(async () => {
    server = await DunlinServer.start(folder.path, {}, [
      process.execPath,
      '--conditions=dunlin:source',
      `${repository}apps/dunlin/src/start.ts`,
    ]);
    await server.program.waitFor(/"?registered/);
  });

  after(async () => {
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('brings up a server and one simulated device that registers', async () => {
    const { devices, next } = (await (await server.get('/api/v1/devices')).json()) as {
      devices: readonly { endpoint: string; security: string; identity: string }[];
      next: string | null;
    };
    assert.equal(devices.length, 1);
    assert.equal(devices[0]?.endpoint, 'dunlin-demo');
    assert.equal(devices[0]?.security, 'psk', 'over DTLS, with a key that was made at the start');
    assert.equal(devices[0]?.identity, 'dunlin-demo');
    assert.equal(next, null);
  });

  it('brings a device with Objects 3 to 7, which says where it is', async () => {
    const device = (await (await server.get('/api/v1/devices/dunlin-demo')).json()) as {
      objects: readonly { id: number }[];
    };
    const ids = device.objects.map(({ id }) => id);
    for (const id of [3, 4, 5, 6, 7, 3303]) assert.ok(ids.includes(id), ids.join(' '));
    const latitude = await server.get('/api/v1/devices/dunlin-demo/resources/6/0/0');
    assert.equal(((await latitude.json()) as { value: number }).value, 54.3739);
  });

  it('lets the installed command read the manufacturer, without a token but that in the data folder', async () => {
    const command = ['npx', '--no-install', 'dunlin', 'read', 'dunlin-demo', '/3/0/0'];
    const env = { DUNLIN_URL: server.http, DUNLIN_DATA: folder.path, DUNLIN_API_TOKEN: '' };
    const { exitCode, stdout, stderr } = await run(command, { env });
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /Dunlin/);
  });

  it('prints a link that signs a browser in, once', async () => {
    const [, link = ''] = await server.program.waitFor(/(http:\S+\/sign-in\/\S+)/);
    const first = await fetch(link, { redirect: 'manual' });
    assert.deepEqual([first.status, first.headers.get('location')], [303, '/']);
    const [cookie = ''] = (first.headers.get('set-cookie') ?? '').split(';');
    const known = await fetch(`${server.http}/api/v1/session`, { headers: { cookie } });
    assert.equal(((await known.json()) as { role: string }).role, 'administrator');
    assert.equal((await fetch(link, { redirect: 'manual' })).status, 401);
  });

  it('serves a page, its OpenAPI document, metrics and health', async () => {
    const page = await server.get('/');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /text\/html/);
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src/);
    const openapi = (await (await server.get('/api/v1/openapi.json')).json()) as {
      paths: Record<string, unknown>;
    };
    assert.ok('/api/v1/devices' in openapi.paths, Object.keys(openapi.paths).join(' '));
    assert.match(await (await server.get('/metrics')).text(), /registrations\S* 1\b/);
    assert.equal((await server.get('/healthz')).status, 200);
  });

  it('ends cleanly on SIGTERM: the device deregisters, no error, exit code 0', async () => {
    const { exitCode, stdout, stderr } = await server.program.stop();
    assert.equal(exitCode, 0, stderr);
    assert.match(`${stdout}${stderr}`, /deregistered/);
    assert.doesNotMatch(stderr, /Error|Warning/);
  });
});

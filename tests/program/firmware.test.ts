// From a file to a device that runs it, with the programs as a user starts them.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { FirmwareUpdateDocument } from '@dunlin/api';

import {
  authority,
  ipName,
  issue,
  subjectAltName,
} from '../../packages/dtls/test/support/certificate-authority.ts';
import { pem } from '../../packages/dtls/test/support/pem.ts';
import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { EventWatch } from '../support/event-watch.ts';
import { firmwareFile, type FirmwareFile, uploadFirmware } from '../support/firmware-files.ts';
import { dunlin, type Finished, Program } from '../support/program.ts';
import { untilFits } from '../support/until.ts';

const megabyte = 1024 * 1024;

/** A server that gives images to devices by HTTP too, on a port of its own. */
async function startServer(
  data: string,
  ports: Partial<DunlinServer['ports']> = {},
  firmwarePort = 0,
): Promise<{ readonly server: DunlinServer; readonly firmwarePort: number }> {
  const command = dunlin(
    'server',
    '--firmware-http',
    `127.0.0.1:${firmwarePort}`,
    '--firmware-image-size',
    '4 MiB',
  );
  const server = await DunlinServer.start(data, ports, command);
  const [, url = ''] = await server.program.waitFor(/Firmware\s+(http:\/\/\S+)/);
  return { server, firmwarePort: Number(new URL(url).port) };
}

async function statusOf(server: DunlinServer, endpoint: string, wait = 0): Promise<FirmwareUpdateDocument> {
  const answer = await server.get(`/api/v1/devices/${endpoint}/firmware?wait=${wait}`);
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text) as FirmwareUpdateDocument;
}

async function start(
  server: DunlinServer,
  endpoint: string,
  image: string,
  options: object = {},
): Promise<void> {
  const answer = await server.request('POST', `/api/v1/devices/${endpoint}/firmware`, { image, ...options });
  assert.equal(answer.status, 202, await answer.text());
}

/** The update when it is over. */
async function succeeded(server: DunlinServer, endpoint: string): Promise<FirmwareUpdateDocument> {
  const update = await untilFits(
    () => statusOf(server, endpoint, 60),
    ({ state }) => ['succeeded', 'failed', 'cancelled'].includes(state),
  );
  assert.equal(update.state, 'succeeded', JSON.stringify(update));
  return update;
}

/** Looks until the update is where it is wanted. */
async function reach(
  server: DunlinServer,
  endpoint: string,
  isThere: (update: FirmwareUpdateDocument) => boolean,
): Promise<FirmwareUpdateDocument> {
  const update = await untilFits(
    () => statusOf(server, endpoint),
    (each) => isThere(each) || each.state === 'failed',
  );
  assert.ok(isThere(update), JSON.stringify(update));
  return update;
}

function assertDone({ exitCode, stderr, stdout }: Finished): void {
  assert.equal(exitCode, 0, `${stdout}\n${stderr}`);
}

describe('firmware, from a file to devices that run it', () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;

  before(async () => {
    ({ server } = await startServer(join(folder.path, 'data')));
  });

  after(async () => {
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it('is uploaded, pushed to a device and installed by two commands, and told by events and metrics', async () => {
    await using events = await EventWatch.open(server.http);
    await using _device = await server.device('lamp');
    const { path, version, id } = firmwareFile(folder.path, 'lamp.bin', megabyte);
    const uploaded = await server.command('firmware', 'upload', path, '--image-version', version);
    assertDone(uploaded);
    assert.equal(uploaded.stdout, `added lamp.bin as image ${id.slice(0, 12)}, 1.0 MiB\n`);

    const updated = await server.command('firmware', 'update', 'lamp', 'lamp.bin');
    assertDone(updated);
    assert.equal(updated.stdout, `lamp runs lamp.bin: its firmware is ${version}\n`);
    // How far it is at the moment of a look depends on the machine.
    assert.match(
      updated.stderr,
      /^lamp: (waits for the device|\d+ % of 1\.0 MiB \(push\)|the device installs)/m,
    );
    const read = await (await server.get('/api/v1/devices/lamp/resources/3/0/3')).text();
    assert.ok(read.includes(version), read);
    const { stdout } = await server.command('firmware', 'status', 'lamp');
    assert.match(stdout, /^now +succeeded: the firmware is /m);
    assert.match(stdout, /the image is pushed/);

    const { update } = await events.find('firmware-finished', ({ endpoint }) => endpoint === 'lamp');
    assert.equal(update.state, 'succeeded');
    const progress = events.events.flatMap((event) =>
      event.type === 'firmware-progress' ? [event.update.transferred] : [],
    );
    assert.deepEqual(
      progress,
      progress.toSorted((one, other) => one - other),
    );
    const metrics = await (await server.get('/metrics')).text();
    assert.match(metrics, /^dunlin_firmware_updates_total\{outcome="succeeded"\} 1$/m);
    assert.match(metrics, new RegExp(`^dunlin_firmware_bytes_total\\{method="push"\\} ${megabyte}$`, 'm'));
  });

  for (const protocol of ['coap', 'http'] as const) {
    it(`is pulled by a device over ${protocol} from an address that nobody set`, async () => {
      await using device = await server.device(`puller-${protocol}`);
      const file = firmwareFile(folder.path, `${protocol}.bin`, megabyte / 4 + 1);
      const { id } = await uploadFirmware(server, file);
      await start(server, `puller-${protocol}`, id, { protocol });
      const update = await succeeded(server, `puller-${protocol}`);
      assert.equal(update.firmwareVersion, file.version);
      await device.waitFor(new RegExp(`firmware: fetching ${protocol}://127\\.0\\.0\\.1:\\d+/fw/`));
    });
  }

  it('is pulled over coaps by a device with the key that it registered with', async () => {
    const key = '00112233445566778899aabbccddeeff';
    const added = await server.request('POST', '/api/v1/credentials', {
      kind: 'psk',
      endpoint: 'guarded',
      identity: 'guarded',
      key,
    });
    assert.equal(added.status, 201, await added.text());
    await using device = await server.securedDevice('guarded', '--psk-key', key);
    const file = firmwareFile(folder.path, 'coaps.bin', megabyte / 4);
    const { id } = await uploadFirmware(server, file);
    await start(server, 'guarded', id, { method: 'pull', protocol: 'coaps' });
    const update = await succeeded(server, 'guarded');
    assert.equal(update.firmwareVersion, file.version);
    await device.waitFor(/firmware: fetching coaps:\/\/127\.0\.0\.1:\d+\/fw\//);
  });

  it('is pulled over https from a server whose certificate the device trusts', async () => {
    using files = new TemporaryFolder();
    const acme = authority('acme');
    const own = issue({ subject: 'server', extensions: [subjectAltName(ipName(127, 0, 0, 1))] }, acme);
    const write = (name: string, text: string): string => {
      const path = join(files.path, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    const key = write('server.key', String(own.privateKey.export({ format: 'pem', type: 'pkcs8' })));
    const certificate = write('server.crt', pem('CERTIFICATE', own.certificate));
    const trusted = write('acme.crt', pem('CERTIFICATE', acme.certificate));
    const identity = ['--server-key', key, '--server-certificate', certificate];
    const command = dunlin('server', ...identity, '--firmware-https', '127.0.0.1:0');
    await using secured = await DunlinServer.start(join(files.path, 'data'), {}, command);
    await using device = new Program(dunlin('client', '--server', secured.coap, '--endpoint', 'careful'), {
      env: { NODE_EXTRA_CA_CERTS: trusted },
    });
    await device.waitFor(/registered/);
    const file = firmwareFile(files.path, 'https.bin', megabyte / 4);
    const { id } = await uploadFirmware(secured, file);
    await start(secured, 'careful', id, { protocol: 'https' });
    const update = await succeeded(secured, 'careful');
    assert.equal(update.firmwareVersion, file.version);
    await device.waitFor(/firmware: fetching https:\/\/127\.0\.0\.1:\d+\/fw\//);
    assert.match(
      await (await secured.get('/metrics')).text(),
      /^dunlin_http_requests_total\{method="GET",route="\/fw\/:token",status="200"\} 1$/m,
    );
  });

  it('waits for a device that sleeps, is brought there when it wakes up, and installed when that is asked for', async () => {
    await using device = await server.device('sleeper', '--queue');
    const file = firmwareFile(folder.path, 'sleeper.bin', 100_000);
    const { id } = await uploadFirmware(server, file);
    const changed = await server.request('PATCH', '/api/v1/devices/sleeper', { awakeWindow: 1 });
    assert.equal(changed.status, 200);
    await untilFits(
      () => server.json<{ readonly presence: string }>('devices', 'sleeper'),
      ({ presence }) => presence === 'asleep',
    );
    await start(server, 'sleeper', id, { install: 'manual' });
    assert.equal((await statusOf(server, 'sleeper', 1)).state, 'waiting');
    device.type('update');
    await reach(server, 'sleeper', ({ state }) => state === 'downloaded');
    const installing = server.command('firmware', 'install', 'sleeper');
    const waking = setInterval(() => device.type('update'), 500);
    try {
      assertDone(await installing);
    } finally {
      clearInterval(waking);
    }
    assert.equal((await statusOf(server, 'sleeper')).firmwareVersion, file.version);
  });

  it('ends with the result of the device in words, and a code of its own, when the device does not like it', async () => {
    await using _device = await server.device('picky', '--firmware-result', '5');
    await uploadFirmware(server, firmwareFile(folder.path, 'bad.bin', 10_000));
    const { exitCode, stdout, stderr } = await server.command('firmware', 'update', 'picky', 'bad.bin');
    assert.deepEqual([exitCode, stdout], [4, '']);
    assert.match(stderr, /^dunlin: picky .*the integrity check of the image failed/m);
    const { state, failure } = await statusOf(server, 'picky');
    assert.deepEqual([state, failure?.reason, failure?.result], ['failed', 'result', 5]);

    const toaster = await uploadFirmware(
      server,
      firmwareFile(folder.path, 'toaster.bin', 10_001),
      '&model=Toaster-9',
    );
    await start(server, 'picky', toaster.id);
    const refused = await statusOf(server, 'picky', 60);
    assert.match(refused.failure?.message ?? '', /toaster\.bin is for the model Toaster-9, and picky is a /);
  });

  for (const [result, options, words] of [
    [7, { protocol: 'http' }, /there is no image at the URI that it was given/],
    [9, { protocol: 'coap' }, /it does not support the protocol of the URI that it was given/],
  ] as const) {
    it(`ends with result ${result} where the device cannot fetch it, and says so in words`, async () => {
      const endpoint = `unlucky-${result}`;
      await using _device = await server.device(endpoint, '--firmware-result', String(result));
      const { id } = await uploadFirmware(server, firmwareFile(folder.path, `${result}.bin`, 10_000));
      await start(server, endpoint, id, options);
      const { state, failure } = await statusOf(server, endpoint, 60);
      assert.deepEqual([state, failure?.reason, failure?.result], ['failed', 'result', result]);
      assert.match(failure?.resultMeaning ?? '', words);
    });
  }

  it('is sent again where the connection is lost (result 4), a few times', async () => {
    await using _device = await server.device('cut-off', '--firmware-result', '4');
    const { id } = await uploadFirmware(server, firmwareFile(folder.path, 'cut.bin', 10_000));
    await start(server, 'cut-off', id, { method: 'push' });
    const { state, failure, attempts, log = [] } = await statusOf(server, 'cut-off', 60);
    assert.deepEqual([state, failure?.reason, attempts], ['failed', 'lost', 5]);
    const messages = log.map(({ message }) => message);
    assert.ok(
      messages.includes('cut-off reports result 4: the connection was lost while it downloaded the image'),
      messages.join('\n'),
    );
  });

  it('is cancelled, and its image is removed only then', async () => {
    await using _device = await server.device('cancelled');
    const { id } = await uploadFirmware(server, firmwareFile(folder.path, 'cancelled.bin', 10_000));
    await start(server, 'cancelled', id, { install: 'manual' });
    await reach(server, 'cancelled', ({ state }) => state === 'downloaded');
    const early = await server.command('firmware', 'remove', 'cancelled.bin');
    assert.equal(early.exitCode, 2);
    assert.match(early.stderr, /cancelled is being updated to image/);
    assertDone(await server.command('firmware', 'cancel', 'cancelled'));
    assert.equal((await statusOf(server, 'cancelled', 60)).state, 'cancelled');
    assertDone(await server.command('firmware', 'remove', 'cancelled.bin'));
  });

  it('is refused with one line where it is too large, or no file', async () => {
    const large = firmwareFile(folder.path, 'large.bin', 4 * megabyte + 1);
    for (const [path, code, reason] of [
      [join(folder.path, 'none.bin'), 2, /^dunlin: .*none\.bin: there is no such file\n$/],
      [folder.path, 2, /^dunlin: .*: it cannot be read\n$/],
      [large.path, 1, /^dunlin: an image of more than 4194304 bytes is not taken.*\n$/],
    ] as const) {
      const { exitCode, stderr } = await server.command('firmware', 'upload', path);
      assert.match(stderr, reason);
      assert.equal(exitCode, code, stderr);
    }
    // Without a Content-Length the server finds out as the bytes come, and says so to who still sends.
    const pieces = ReadableStream.from(
      (async function* many() {
        for (let count = 0; count < 100; count += 1) yield new Uint8Array(100_000);
      })(),
    );
    const answer = await server.fetch('/api/v1/firmware?name=a', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: pieces,
    });
    assert.equal(answer.status, 413);
    const listed = await (await server.get('/api/v1/firmware?contains=large')).json();
    assert.deepEqual(listed, { images: [], next: null });
  });
});

describe('firmware that is on its way', () => {
  /** Starts an update and waits until a part of the image is there. */
  async function inTheMiddle(
    server: DunlinServer,
    endpoint: string,
    file: FirmwareFile,
    options: object,
  ): Promise<void> {
    const { id } = await uploadFirmware(server, file);
    await start(server, endpoint, id, options);
    const { state } = await reach(server, endpoint, ({ transferred }) => transferred > 30_000);
    // HTTP is fast: the device may have all of it by now.
    assert.ok(['transferring', 'downloaded', 'installing'].includes(state), state);
  }

  it('goes on after a kill of the server in the middle of a push, a pull over coap and one over http', async () => {
    using folder = new TemporaryFolder();
    const data = join(folder.path, 'data');
    const first = await startServer(data);
    await using _first = first.server;
    const ways = [
      ['push', megabyte / 4, { method: 'push', blockSize: 64 }],
      ['coap', megabyte, { protocol: 'coap' }],
      ['http', 4 * megabyte, { protocol: 'http' }],
    ] as const;
    await using devices = new AsyncDisposableStack();
    const updates = await Promise.all(
      ways.map(async ([way, size, options]) => {
        devices.use(await first.server.device(`survivor-${way}`));
        const file = firmwareFile(folder.path, `${way}.bin`, size);
        return { endpoint: `survivor-${way}`, file, options };
      }),
    );
    await Promise.all(
      updates.map(({ endpoint, file, options }) => inTheMiddle(first.server, endpoint, file, options)),
    );
    first.server.program.signal('SIGKILL');
    await first.server.program.ended();
    const second = await startServer(data, first.server.ports, first.firmwarePort);
    await using server = second.server;
    for (const { endpoint, file } of updates) {
      const update = await succeeded(server, endpoint);
      assert.deepEqual([update.id, update.firmwareVersion], [1, file.version], endpoint);
    }
  });

  it('goes on after a kill of the device in the middle of a push', async () => {
    using folder = new TemporaryFolder();
    const { server } = await startServer(join(folder.path, 'data'));
    await using _server = server;
    const file = firmwareFile(folder.path, 'phoenix.bin', megabyte / 8);
    const state = ['--state', join(folder.path, 'phoenix.state')];
    await using device = await server.device('phoenix', ...state);
    await inTheMiddle(server, 'phoenix', file, { method: 'push', blockSize: 64 });
    device.signal('SIGKILL');
    await device.ended();
    await using _again = await server.device('phoenix', ...state);
    const update = await succeeded(server, 'phoenix');
    assert.equal(update.firmwareVersion, file.version);
  });
});

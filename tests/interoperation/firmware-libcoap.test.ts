// Firmware from other people's programs: libcoap's client pushes it as the server, and libcoap's server gives it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { equalBytes } from '@dunlin/base';
import { device, firmwareUpdate, type FirmwareUpdateSetup, LwM2mClient } from '@dunlin/client';
import { firmwareDownloader, firmwareStorageFile, udp } from '@dunlin/node';
import { LwM2mServer } from '@dunlin/server';

import { coapClient } from '../support/coap-client.ts';
import { download, packageOf } from '../support/download.ts';
import { TemporaryFolder } from '../support/dunlin-server.ts';
import { freePort } from '../support/free-port.ts';
import { skipWithout } from '../support/peer-program.ts';
import { Program } from '../support/program.ts';
import { until } from '../support/until.ts';

const skip = skipWithout('coap-client-notls', 'coap-server-notls');

const image = packageOf(20_000);

describe('firmware and libcoap', { skip }, () => {
  const folder = new TemporaryFolder();
  const file = join(folder.path, 'image.bin');
  const stored = join(folder.path, 'stored.bin');
  let firmware: FirmwareUpdateSetup;
  let client: LwM2mClient;
  let packages: Program;
  let packageUri: string;
  let serverPort: string;

  before(async () => {
    writeFileSync(file, image);
    const port = await freePort();
    packages = new Program([
      'coap-server-notls',
      '-A',
      '127.0.0.1',
      '-p',
      String(port),
      '-d',
      '10',
      '-v',
      '6',
    ]);
    packageUri = `coap://127.0.0.1:${port}/fw`;
    // The first block is sent again until the server is there.
    assert.equal(
      (await coapClient('-m', 'put', '-t', '42', '-f', file, packageUri)).responses.at(-1)?.code,
      '2.01',
    );
    const server = await LwM2mServer.open({ listen: [udp({ port: 0, address: '127.0.0.1' })] });
    const local = server.local[0];
    firmware = await firmwareUpdate({
      storage: firmwareStorageFile(stored),
      downloader: firmwareDownloader(),
      install: () => undefined,
    });
    client = await LwM2mClient.open({
      endpoint: 'operated-by-libcoap',
      servers: [{ uri: local?.uri ?? '', shortServerId: 1 }],
      objects: [device({ onReboot: () => undefined }), firmware],
      binding: udp({ port: 0, address: '127.0.0.1' }),
    });
    await client.whenRegistered();
    // The server goes; whoever sends from its address is the server now.
    await server.close();
    serverPort = String(local?.port);
  });

  after(async () => {
    await client?.close();
    await firmware?.[Symbol.asyncDispose]();
    await packages?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const operate = async (...args: readonly string[]): Promise<string | undefined> => {
    const { responses } = await coapClient('-a', '127.0.0.1', '-p', serverPort, ...args);
    return responses.at(-1)?.code;
  };

  const downloaded = async (): Promise<void> => {
    await until(
      () => firmware.status.state === 2,
      () => JSON.stringify(firmware.status),
    );
    assert.ok(equalBytes(readFileSync(stored), image));
  };

  for (const size of ['64', '1024']) {
    it(`takes a package that is pushed in blocks of ${size}, by PUT and by POST (R-1054)`, async () => {
      for (const method of ['put', 'post']) {
        const uri = `${client.local.uri}/5/0/0`;
        assert.equal(await operate('-b', size, '-m', method, '-t', '42', '-f', file, uri), '2.04');
        await downloaded();
        assert.equal(await operate('-m', 'put', '-t', '0', '-e', '', `${client.local.uri}/5/0/1`), '2.04');
        assert.equal(firmware.status.state, 0);
      }
    });
  }

  it('fetches a package from where it is told (R-1055)', async () => {
    assert.equal(
      await operate('-m', 'put', '-t', '0', '-e', packageUri, `${client.local.uri}/5/0/1`),
      '2.04',
    );
    await downloaded();
    assert.equal(await operate('-m', 'put', '-t', '42', '-e', '', `${client.local.uri}/5/0/0`), '2.04');
  });

  it('begins a download anew, as libcoap gives a package another ETag with each answer', async () => {
    const downloader = firmwareDownloader({ limits: { blockSize: 256 } });
    const first = await download(downloader, packageUri);
    assert.deepEqual([first.error, first.offset, first.size], [undefined, 0, image.length]);
    assert.ok(equalBytes(first.bytes, image));
    const { validator = assert.fail('libcoap says which version it is') } = first;
    const again = await download(downloader, packageUri, { offset: 10_001, validator });
    assert.deepEqual([again.error, again.offset, again.size], [undefined, 0, image.length]);
    assert.ok(equalBytes(again.bytes, image));
  });
});

// libcoap's client plays the server: it takes over the address our client is registered at, and operates it.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { device, LwM2mClient, objectInstances } from '@dunlin/client';
import { udp } from '@dunlin/node';
import { LwM2mServer } from '@dunlin/server';

import { coapClient } from '../support/coap-client.ts';
import { skipWithout } from '../support/peer-program.ts';
import { Program } from '../support/program.ts';
import { Notebook } from '../support/test-objects.ts';

const skip = skipWithout('coap-client-notls');
const long = Array.from({ length: 400 }, (_, index) => `line ${index}`).join('\n');

describe('libcoap as a server', { skip }, () => {
  let client: LwM2mClient;
  let uri: string;
  let localPort: string;
  let folder: string;
  let cleared = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dunlin-'));
    const server = await LwM2mServer.open({ listen: [udp({ port: 0, address: '127.0.0.1' })] });
    const local = server.local[0];
    client = await LwM2mClient.open({
      endpoint: 'operated-by-libcoap',
      servers: [{ uri: local?.uri ?? '', shortServerId: 1 }],
      objects: [
        device({ manufacturer: 'Dunlin', onReboot: () => undefined }),
        objectInstances(
          Notebook,
          {
            0: {
              text: 'short',
              number: 1,
              reading: 20.5,
              clear: () => {
                cleared += 1;
              },
            },
          },
          { isCreatable: true },
        ),
      ],
      binding: udp({ port: 0, address: '127.0.0.1' }),
    });
    await client.whenRegistered();
    // The server goes; whoever sends from its address is the server now.
    await server.close();
    localPort = String(local?.port);
    uri = client.local.uri;
  });

  after(async () => {
    await client?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const operate = (...args: readonly string[]): ReturnType<typeof coapClient> =>
    coapClient('-a', '127.0.0.1', '-p', localPort, ...args);

  it('reads text, TLV, JSON and links', async () => {
    assert.match(
      (await operate('-A', '0', `${uri}/3/0/0`)).stdout,
      /Content-Format:text\/plain[\s\S]*Dunlin/,
    );
    assert.match(
      (await operate('-A', '11542', `${uri}/3/0`)).responses[0]?.options ?? '',
      /11542|lwm2m\+tlv/,
    );
    assert.match((await operate('-A', '11543', `${uri}/3/0/0`)).stdout, /"sv":"Dunlin"/);
    assert.match((await operate('-A', '40', `${uri}/3/0`)).stdout, /<\/3\/0>.*<\/3\/0\/0>/);
  });

  it('uploads and downloads block-wise', async () => {
    const file = join(folder, 'long');
    writeFileSync(file, long);
    const upload = await operate('-b', '64', '-m', 'put', '-t', '0', '-f', file, `${uri}/30000/0/0`);
    assert.equal(upload.responses.at(-1)?.code, '2.04');
    assert.ok(upload.responses.length > 40);
    for (const size of ['16', '128', '1024']) {
      const output = join(folder, `downloaded-${size}`);
      const download = await operate('-b', size, '-A', '0', '-o', output, `${uri}/30000/0/0`);
      assert.ok(
        download.responses.every(({ code }) => code === '2.05'),
        download.stdout,
      );
      assert.equal(readFileSync(output, 'utf8'), long, `in blocks of ${size}`);
    }
  });

  it('reads from the middle of a body', async () => {
    const { responses } = await operate('-b', '3,256', '-A', '0', `${uri}/30000/0/0`);
    assert.match(responses[0]?.options ?? '', /Block2:3\/M\/256/);
  });

  it('is refused what cannot be', async () => {
    for (const [code, ...args] of [
      ['4.04', `${uri}/3/0/99`],
      ['4.04', `${uri}/77/0`],
      ['4.01', `${uri}/0/0/0`],
      ['4.05', '-m', 'put', '-t', '0', '-e', 'x', `${uri}/3/0/0`],
      ['4.06', '-A', '60', `${uri}/3/0/0`],
      ['4.15', '-m', 'put', '-t', '60', '-e', 'x', `${uri}/30000/0/0`],
      ['4.00', '-m', 'put', '-t', '0', '-e', 'many', `${uri}/30000/0/1`],
      ['4.05', '-m', 'delete', `${uri}/3/0`],
    ] as const) {
      assert.equal((await operate(...args)).responses[0]?.code, code, args.join(' '));
    }
  });

  it('executes, and writes attributes', async () => {
    assert.equal((await operate('-m', 'post', `${uri}/30000/0/5`)).responses[0]?.code, '2.04');
    assert.equal(cleared, 1);
    assert.equal(
      (await operate('-m', 'put', `${uri}/30000/0/2?pmin=1&pmax=100&gt=30`)).responses[0]?.code,
      '2.04',
    );
    assert.match((await operate('-A', '40', `${uri}/30000/0/2`)).stdout, /pmin=1.*pmax=100.*gt=30/);
  });

  it('observes, and cancels with Observe 1', async () => {
    // It observes for so many seconds: enough for what takes two on an idle machine, which is the minimum period.
    const observe = ['-v', '7', '-s', '10', '-A', '0', `${uri}/30000/0/2`];
    await using observer = new Program(['coap-client-notls', '-a', '127.0.0.1', '-p', localPort, ...observe]);
    await observer.waitFor(/c:2\.05 [^\n]*20\.5/);
    for (const value of [31.5, 25.25]) {
      client.set(Notebook(0).reading, value);
      await observer.waitFor(new RegExp(`c:2\\.05 [^\\n]*${value}`));
    }
    const { stdout } = await observer.ended();
    assert.match(stdout, /t:CON c:GET [^\n]*Observe:1,/);
    // libcoap's client leaves without waiting for the answer: whether we stopped shows at its address.
    const address = createSocket('udp4');
    const heard: unknown[] = [];
    address.on('message', (datagram) => heard.push(datagram));
    address.bind(Number(localPort), '127.0.0.1');
    await delay(500);
    heard.length = 0;
    client.set(Notebook(0).reading, 99.5);
    await delay(1500);
    address.close();
    assert.deepEqual(heard, []);
  });
});

// Wireshark's dissectors read a capture of a full run: every message of both sides must be one they know.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { seconds } from '@dunlin/base';
import { device, LwM2mClient, objectInstances } from '@dunlin/client';
import { ContentFormat } from '@dunlin/coap';
import { Device, pathOf, Server } from '@dunlin/lwm2m';
import { udp } from '@dunlin/node';
import { LwM2mServer } from '@dunlin/server';

import { freePort } from '../support/free-port.ts';
import { capture } from '../support/packet-capture.ts';
import { skipWithout } from '../support/peer-program.ts';
import { run } from '../support/program.ts';
import { Notebook } from '../support/test-objects.ts';

const skip = skipWithout('tshark');
const long = Array.from({ length: 300 }, (_, index) => `line ${index}`).join('\n');

/**
 * What Debian's version of the dissector says of options it does not know by name, although the messages are
 * right: Request-Tag (292) and Echo (252) of RFC 9175 are younger than it.
 */
const explained = [
  /Unknown Option Number 292/,
  /Unknown Option Number 252/,
  /Invalid Option Number 292/,
  /Invalid Option Number 252/,
];

describe('Wireshark’s dissectors', { skip }, () => {
  let folder: string;
  let file: string;
  let port: number;

  const dissect = async (...args: readonly string[]): Promise<string> => {
    const decodeAs = ['-d', `udp.port==${port},coap`];
    const { exitCode, stdout, stderr } = await run(['tshark', '-r', file, ...decodeAs, ...args]);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dunlin-'));
    file = join(folder, 'run.pcapng');
    port = await freePort();
    await capture(port, file, () => fullRun(port));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('find no malformed packet, and no warning that is not explained here', async () => {
    assert.equal(await dissect('-Y', '_ws.malformed || coap.option_length_bad || coap.block.error'), '');
    const experts = await dissect(
      '-Y',
      '_ws.expert.severity >= "Warning"',
      '-T',
      'fields',
      '-e',
      'frame.number',
      '-e',
      '_ws.expert.message',
    );
    const unexplained = experts
      .split('\n')
      .filter((line) => line !== '' && !explained.some((reason) => reason.test(line)));
    assert.deepEqual(unexplained, []);
  });

  it('see every operation of the run', async () => {
    const codes = new Set((await dissect('-Y', 'coap', '-T', 'fields', '-e', 'coap.code')).split('\n'));
    for (const [what, code] of [
      ['GET', 1],
      ['POST', 2],
      ['PUT', 3],
      ['DELETE', 4],
      ['2.01', 65],
      ['2.02', 66],
      ['2.04', 68],
      ['2.05', 69],
      ['2.31', 95],
      ['4.05', 133],
    ] as const) {
      assert.ok(codes.has(String(code)), `${what} is in the capture`);
    }
    assert.notEqual(
      await dissect('-Y', 'coap.opt.observe && coap.code == 69 && coap.type == 1'),
      '',
      'a NON notification',
    );
    assert.notEqual(await dissect('-Y', 'coap.block && coap.code == 69'), '', 'a body in blocks');
  });

  it('read our TLV as LwM2M resources', async () => {
    const details = await dissect('-Y', 'lwm2mtlv', '-O', 'lwm2mtlv');
    assert.match(details, /Manufacturer[^\n]*: Dunlin/);
    assert.equal(await dissect('-Y', 'lwm2mtlv && _ws.malformed'), '');
  });
});

/** Everything that client and server can say to each other, once. */
async function fullRun(port: number): Promise<void> {
  await using server = await LwM2mServer.open({ listen: [udp({ port, address: '127.0.0.1' })] });
  await using client = await LwM2mClient.open({
    endpoint: 'captured',
    servers: [{ uri: `coap://127.0.0.1:${port}`, shortServerId: 1, lifetime: seconds(300) }],
    objects: [
      device({ manufacturer: 'Dunlin', modelNumber: 'Test', serialNumber: '1', onReboot: () => undefined }),
      objectInstances(
        Notebook,
        {
          0: {
            text: 'short',
            number: -750,
            reading: 20.5,
            lines: new Map([
              [0, 'a'],
              [3, 'b'],
            ]),
            clear: () => undefined,
          },
        },
        { isCreatable: true },
      ),
    ],
    binding: udp({ port: 0, address: '127.0.0.1' }),
  });
  await client.whenRegistered();
  const remote = server.device('captured');
  assert.equal(await remote.read(Device.manufacturer), 'Dunlin');
  for (const path of ['/3', '/3/0', '/3/0/0', '/30000', '/30000/0/4', '/1/0']) {
    await remote.read(path, { format: ContentFormat.tlv });
    await remote.read(path, { format: ContentFormat.json });
  }
  await remote.read('/3/0/0', { format: ContentFormat.text });
  await remote.discover('/3');
  await remote.discover('/30000/0/2');
  await remote.write(Notebook(0).number, 2 ** 40);
  await remote.write(Notebook(0).text, long);
  assert.equal(await remote.read(Notebook(0).text), long);
  await remote.writeAttributes('/30000/0/2', { pmin: seconds(0), pmax: seconds(60), gt: 25.5 });
  await remote.execute('/30000/0/5', "0='now',1");
  const created = await remote.create('/30000', { 0: 'new' });
  await remote.delete(pathOf(30000, created.objectInstanceId));
  await assert.rejects(remote.write('/3/0/0', 'refused'), /4\.05/);
  const observation = remote.observe(Notebook(0).reading);
  await observation.started();
  for (const value of [30.5, 20.25, 31]) {
    client.set(Notebook(0).reading, value);
    assert.equal(
      (await observation.next()).value?.value,
      value === 30.5 ? 20.5 : value === 20.25 ? 30.5 : 20.25,
    );
  }
  await remote.cancelObservation(Notebook(0).reading, { way: 'active' });
  const { promise: updated, resolve } = Promise.withResolvers<void>();
  using _updates = client.updated.subscribe(() => resolve());
  await remote.write(Server(0).lifetime, 600);
  await updated;
}

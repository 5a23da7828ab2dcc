// A device on libcoap is given its accounts: another implementation's CoAP, and its DTLS with OpenSSL under it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import type { BootstrapInput, BootstrapSessionDocument } from '@dunlin/api';
import { hexEncode, utf8Encode } from '@dunlin/base';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { EventWatch } from '../support/event-watch.ts';
import { freePort } from '../support/free-port.ts';
import { capture } from '../support/packet-capture.ts';
import { skipWithout } from '../support/peer-program.ts';
import { type Finished, Program, repository, run } from '../support/program.ts';

const skip = skipWithout('gcc', '/usr/include/stdio.h', '/usr/include/coap3/coap.h', 'tshark');

const uri = 'coap://192.0.2.1:5683';

/** TLV of the two instances of the account, byte by byte after section 6.4.3 of LwM2M 1.0. */
const security = ['c80015', hexEncode(utf8Encode(uri)), 'c10100', 'c10203', 'c10a01'];
const server = ['c10001', 'c2012710', 'c10601', `c107${hexEncode(utf8Encode('U'))}`];

describe('a bootstrap of libcoap', { skip }, () => {
  let folder: TemporaryFolder;
  let dunlin: DunlinServer;
  let program: string;

  before(async () => {
    folder = new TemporaryFolder();
    program = join(folder.path, 'libcoap-device');
    const source = `${repository}tests/support/libcoap-device.c`;
    const flags = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror'];
    const compiled = await run(['gcc', ...flags, '-o', program, source, '-lcoap-3-openssl']);
    assert.equal(compiled.exitCode, 0, compiled.stderr);
    dunlin = await DunlinServer.start(join(folder.path, 'data'));
    await give('coap-*', { servers: [{ uri, shortServerId: 1, lifetime: 10_000 }] });
  });

  after(async () => {
    await dunlin?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const give = async (pattern: string, input: BootstrapInput): Promise<void> => {
    const file = join(folder.path, 'configuration.json');
    writeFileSync(file, JSON.stringify(input));
    await dunlin.json('bootstrap', 'set', '--pattern', pattern, '--file', file);
  };
  const device = (endpoint: string, ...args: readonly string[]): Program =>
    new Program([program, `endpoint=${endpoint}`, ...args]);
  const asking = (endpoint: string, ...args: readonly string[]): Promise<Finished> =>
    device(endpoint, `server=${dunlin.ports.bootstrapCoap}`, ...args).ended();
  const session = async (endpoint: string): Promise<BootstrapSessionDocument> => {
    const { sessions } = await dunlin.json<{ sessions: readonly BootstrapSessionDocument[] }>(
      'bootstrap',
      'sessions',
      endpoint,
    );
    const [latest] = sessions;
    assert.ok(latest);
    return latest;
  };

  it('asks, is written to, and is told to use it, in messages that Wireshark reads as LwM2M (R-213)', async () => {
    const file = join(folder.path, 'bootstrap.pcapng');
    const { bootstrapCoap: port } = dunlin.ports;
    const { exitCode, stdout } = await capture(port, file, () => asking('coap-1'));
    assert.equal(exitCode, 0, stdout);
    const lines = stdout.trim().split('\n');
    assert.deepEqual(
      lines.map((line) => line.replace(/ [0-9a-f]*$/, '')),
      ['asked 2.04', 'GET / -1', 'PUT /0/1 11542', 'PUT /1/0 11542', 'POST /bs -1', 'finished'],
    );
    for (const part of security) assert.ok(lines[2]?.includes(part), `${part} in ${lines[2]}`);
    for (const part of server) assert.ok(lines[3]?.includes(part), `${part} in ${lines[3]}`);
    assert.equal((await session('coap-1')).outcome, 'finished');

    const dissect = async (...args: readonly string[]): Promise<string> => {
      const read = await run(['tshark', '-r', file, '-d', `udp.port==${port},coap`, ...args]);
      assert.equal(read.exitCode, 0, read.stderr);
      return read.stdout;
    };
    const tlv = await dissect('-Y', 'lwm2mtlv', '-O', 'lwm2mtlv');
    assert.match(tlv, /LwM2M Server URI[^\n]*: coap:\/\/192\.0\.2\.1:5683/);
    assert.match(tlv, /Short Server ID[^\n]*: 1/);
    assert.equal(await dissect('-Y', '_ws.malformed || _ws.expert.severity >= "Warning"'), '');
  });

  it('gets there although its request and every answer of it is lost once', async () => {
    await using events = await EventWatch.open(dunlin.http);
    const { bootstrapCoap } = dunlin.ports;
    await using _lossy = device('coap-2', `server=${bootstrapCoap}`, 'loss=1,3,5,7,9', 'linger=60');
    await events.find('bootstrap-finished', ({ endpoint }) => endpoint === 'coap-2');
  });

  it('loses the accounts that it had, and gets its own in their place (R-245)', async () => {
    const { exitCode, stdout } = await asking('coap-3', 'has=/0/1,/0/7,/1/4');
    assert.equal(exitCode, 0, stdout);
    assert.match(stdout, /DELETE \/0\b[\s\S]*DELETE \/1\b[\s\S]*PUT \/0\/\d+[\s\S]*PUT \/1\/0/);
  });

  it('proves itself with a pre-shared key, and is given another one for the server (R-710)', async () => {
    const key = '0123456789abcdef';
    await dunlin.json('bootstrap', 'credentials', 'add', 'secured', '--psk-key', hexEncode(utf8Encode(key)));
    await dunlin.json('bootstrap', 'set', 'secured', '--to', dunlin.coaps, '--psk-generate');
    const { bootstrapCoaps } = dunlin.ports;
    const { exitCode, stdout } = await device(
      'secured',
      `server=${bootstrapCoaps}`,
      'identity=secured',
      `key=${key}`,
    ).ended();
    assert.equal(exitCode, 0, stdout);
    const { outcome, security: how } = await session('secured');
    assert.deepEqual([outcome, how], ['finished', 'psk']);
    // Mode 0, the identity, and a key of 16 bytes: Resources 2, 3 and 5.
    assert.match(stdout, /PUT \/0\/1 11542 \w*c10200c70373656375726564\w*c80510[0-9a-f]{32}/);
    const { credentials } = await dunlin.json<{ credentials: readonly unknown[] }>(
      'credentials',
      'list',
      'secured',
    );
    assert.equal(credentials.length, 1);
  });

  it('is not told to use what it has refused a part of, and its reason is shown', async () => {
    await using events = await EventWatch.open(dunlin.http);
    await using refusing = device('coap-4', `server=${dunlin.ports.bootstrapCoap}`, 'refuse=/1/0');
    const { failure } = await events.find('bootstrap-failed', ({ endpoint }) => endpoint === 'coap-4');
    assert.equal(failure.kind, 'refused');
    const last = (await session('coap-4')).steps.at(-1);
    assert.deepEqual(
      [last?.path, last?.answer?.coapCode, last?.answer?.diagnostic],
      ['/1/0', '4.00', 'no room'],
    );
    assert.doesNotMatch(refusing.stdout, /POST \/bs/);
  });

  it('is refused when nobody knows it (R-222)', async () => {
    const { exitCode, stdout } = await asking('stranger');
    assert.equal(exitCode, 1);
    assert.equal(stdout, 'asked 4.00\nfailed\n');
  });

  it('waits for a Bootstrap-Server that begins (R-214)', async () => {
    const port = await freePort();
    await using waiting = device('coap-5', `listen=${port}`);
    await waiting.waitFor(/listening/);
    const begun = await dunlin.json<BootstrapSessionDocument>(
      'bootstrap',
      'start',
      'coap-5',
      '--at',
      `coap://127.0.0.1:${port}`,
    );
    assert.deepEqual([begun.initiatedBy, begun.outcome], ['server', 'finished']);
    const { exitCode, stdout } = await waiting.ended();
    assert.equal(exitCode, 0, stdout);
  });
});

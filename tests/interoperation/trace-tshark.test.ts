// A trace of the server as Wireshark reads it: what was sent in the clear and what was decrypted.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import { dunlin, Program, run } from '../support/program.ts';

const skip = skipWithout('tshark');
const key = '000102030405060708090a0b0c0d0e0f';

describe('a trace in Wireshark', { skip }, () => {
  const folder = new TemporaryFolder();
  let server: DunlinServer;

  before(async () => {
    server = await DunlinServer.start(join(folder.path, 'data'));
  });

  after(async () => {
    await server?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const succeeds = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await server.command(...args);
    assert.equal(exitCode, 0, `dunlin ${args.join(' ')}: ${stderr}`);
    return stdout;
  };

  const dissect = async (file: string, ...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(['tshark', '-r', file, ...args]);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  };

  async function traced(endpoint: string, work: () => Promise<unknown>): Promise<string> {
    await succeeds('trace', endpoint, '--record', '60');
    await work();
    const file = join(folder.path, `${endpoint}.pcapng`);
    await succeeds('trace', endpoint, '--pcapng', file);
    return file;
  }

  it('is CoAP from the Register on, without a malformed packet or a wrong checksum', async () => {
    const file = await traced('plain', async () => {
      await using _device = await server.device('plain');
      await succeeds('read', 'plain', '/3/0');
      await succeeds('write', 'plain', '/3/0/14', '+02:00');
      await succeeds('observe', 'plain', '/3303/0/5700', '--count', '1');
    });
    assert.equal(await dissect(file, '-Y', '_ws.malformed || !coap'), '');
    const checksums = ['-o', 'udp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
    const wrong = 'udp.checksum.status != 1 || ip.checksum.status != 1';
    assert.equal(await dissect(file, ...checksums, '-Y', wrong), '');
    const list = await dissect(file);
    assert.match(list, /POST.*\/rd\?ep=plain/);
    assert.match(list, /GET.*\/3\/0/);
    assert.match(list, /2\.04 Changed/);
  });

  it('is plain CoAP of a device that comes over DTLS, and says so', async () => {
    await succeeds('credentials', 'add', 'secret', '--psk-key', key);
    const file = await traced('secret', async () => {
      await using _device = await server.securedDevice('secret', '--psk-key', key);
      await succeeds('read', 'secret', '/3/0/0');
    });
    assert.equal(await dissect(file, '-Y', '_ws.malformed || !coap'), '');
    const comments = await dissect(file, '-T', 'fields', '-e', 'frame.comment');
    assert.match(comments, /decrypted; it was sent with DTLS \(psk\)/);
    assert.match(await dissect(file), /2\.05 Content/);
    const events = await succeeds('trace', 'secret', '--recorded');
    assert.match(events, /DTLS handshake from .* as psk secret/);
    assert.match(events, /DTLS established with/);
  });

  it('of a bootstrap has no key in it', async () => {
    await succeeds(
      'bootstrap',
      'set',
      'newcomer',
      '--to',
      server.coaps,
      '--psk-generate',
      '--allow-keys-without-security',
    );
    const file = await traced('newcomer', async () => {
      const flags = ['--bootstrap', server.bootstrapCoap, '--endpoint', 'newcomer'];
      await using device = new Program(dunlin('client', ...flags));
      await device.waitFor(/registered/);
    });
    const text = await succeeds('trace', 'newcomer', '--recorded');
    assert.match(text, /PUT \/0.*withheld: security-material/);
    assert.equal(await dissect(file, '-Y', '_ws.malformed || !coap'), '');
    assert.match(await dissect(file, '-T', 'fields', '-e', 'frame.comment'), /payload withheld/);
  });
});

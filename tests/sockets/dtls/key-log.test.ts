// The key log, by which everything can be read.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { StorageError } from '@dunlin/base';
import { keyLogFile } from '@dunlin/node';

import { reach, startClient, startServer } from '../../support/dtls-pair.ts';

/** What NSS and all readers of its format take (CLIENT_RANDOM, then 32 and 48 bytes). */
const nssLine = /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/;

describe('the key log of a DTLS binding', () => {
  it('is off unless asked for, and a warning is told when it is on (checklist 29)', async () => {
    const lines: string[] = [];
    await using silent = await startServer();
    await using client = await startClient();
    await reach(client, silent.port);
    assert.deepEqual(silent.log.ofKind('keys-are-logged'), []);
    assert.deepEqual(client.log.ofKind('keys-are-logged'), []);

    await using server = await startServer({ keyLog: (line) => lines.push(line) });
    assert.equal(server.log.ofKind('keys-are-logged').length, 1);
    assert.deepEqual(server.log.all[0], { kind: 'keys-are-logged' });
    await reach(client, server.port);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', nssLine);
  });

  it('says the same on both sides, for full and for resumed handshakes', async () => {
    const ofServer: string[] = [];
    const ofClient: string[] = [];
    await using server = await startServer({ keyLog: (line) => ofServer.push(line) });
    await using client = await startClient({ keyLog: (line) => ofClient.push(line) });
    const first = await reach(client, server.port);
    await client.role.ask(first, 'x');
    client.role.shell.disconnect?.(first);
    const second = await reach(client, server.port);
    await client.role.ask(second, 'y');
    assert.deepEqual(server.handshakes, ['full', 'resumed']);
    assert.deepEqual(ofClient, ofServer);
    assert.equal(new Set(ofServer).size, 2);
    assert.equal(new Set(ofServer.map((line) => line.split(' ')[2])).size, 1, 'one master secret');
  });

  it('that fails ends no association: it is told, and the server goes on', async () => {
    await using server = await startServer({
      keyLog: () => {
        throw new StorageError('the disk is full');
      },
    });
    await using client = await startClient();
    assert.equal(await client.role.ask(await reach(client, server.port), 'x'), 'x: ');
    assert.match(String(server.log.ofKind('key-log-failed')[0]?.cause), /the disk is full/);
  });

  it('goes to a file that only its owner can read, behind what is there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dunlin-key-log-'));
    try {
      const path = join(folder, 'keys');
      const sink = keyLogFile(path);
      assert.equal(statSync(path).mode & 0o777, 0o600);
      sink('one');
      writeFileSync(path, 'zero\n');
      chmodSync(path, 0o644);
      keyLogFile(path)('two');
      assert.equal(readFileSync(path, 'utf8'), 'zero\ntwo\n');
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.throws(() => keyLogFile(join(folder, 'nowhere', 'keys')), StorageError);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

// A client ends an association of its own accord, on real sockets of the loopback interface.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { DtlsEchoServer } from '../support/dtls-echo-server.ts';
import { pskOf, pskOnly } from '../support/dtls-keys.ts';
import { DtlsTextClient } from '../support/dtls-text-client.ts';

describe('a DTLS client that disconnects', () => {
  it('tells the server, and resumes the session when it comes back (RFC 5246 §7.2.1, §7.3)', async () => {
    await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
    await using client = await DtlsTextClient.open(pskOf());
    const first = await client.connect(server.port);
    client.shell.disconnect?.(first);
    assert.equal((await server.log.waitFor('closed')).reason, 'closed-by-peer');
    const second = await client.connect(server.port);
    assert.notEqual(second.key, first.key);
    assert.deepEqual(
      client.log.ofKind('established').map(({ isResumed }) => isResumed),
      [false, true],
    );
    client.say('hello', second);
    assert.equal(await client.role.waitFor(/heard/), 'heard hello');
  });

  it('leaves everything as it is when there is no association with the peer', async () => {
    await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
    await using client = await DtlsTextClient.open(pskOf());
    const peer = await client.connect(server.port);
    client.shell.disconnect?.(client.shell.peer('127.0.0.1', server.port));
    client.say('hello', peer);
    assert.equal(await client.role.waitFor(/heard/), 'heard hello');
    assert.deepEqual(client.log.ofKind('closed'), []);
  });
});

// Erlang’s ssl, by a script of ours, against our DTLS bindings in both roles: nobody else has the suites of RFC 8442.
// It knows neither extended_master_secret nor encrypt_then_mac.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { SecurityError } from '@dunlin/base';
import { AlertDescription, type CipherSuiteName } from '@dunlin/dtls';

import { DtlsEchoServer } from '../support/dtls-echo-server.ts';
import { psk, pskOf, pskOnly } from '../support/dtls-keys.ts';
import { DtlsTextClient } from '../support/dtls-text-client.ts';
import { freePort } from '../support/free-port.ts';
import { skipWithout } from '../support/peer-program.ts';
import { Program, repository } from '../support/program.ts';

const skip = skipWithout('escript', '/usr/lib/erlang/lib/ssl-*');

/** Its virtual machine takes its time to start; two at once fill this machine. */
const concurrency = 2;

const suites: readonly (readonly [readonly [string, string], CipherSuiteName])[] = [
  [['psk', 'aes_128_ccm_8'], 'TLS_PSK_WITH_AES_128_CCM_8'],
  [['psk', 'aes_128_gcm'], 'TLS_PSK_WITH_AES_128_GCM_SHA256'],
  [['ecdhe_psk', 'aes_128_ccm_8'], 'TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256'],
  [['ecdhe_psk', 'aes_128_gcm'], 'TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256'],
];
const [[ccm8]] = suites as readonly [(typeof suites)[number]];
const lenient = { requiresExtendedMasterSecret: false };

describe('Erlang and our DTLS', { skip, concurrency }, () => {
  for (const [names, suite] of suites) {
    it(`its client agrees with our server on ${suite}`, async () => {
      await using server = await DtlsEchoServer.open({ credentials: pskOnly(), protocol: lenient });
      await using client = start('client', server.port, names);
      const { stdout } = await client.ended();
      assert.equal(stdout, `agreed ${suite}\nheard heard hello\n`);
      const [established] = server.log.ofKind('established');
      assert.equal(established?.suite, suite);
      assert.deepEqual(established.peer, { kind: 'psk', identity: psk.identity });
    });

    it(`our client agrees with its server on ${suite}`, async () => {
      await using server = await serve(names);
      await using client = await DtlsTextClient.open(pskOf(), { protocol: lenient });
      client.say('hello', await client.connect(server.port));
      assert.equal(await client.role.waitFor(/hello/), 'hello');
      assert.equal(client.log.ofKind('established')[0]?.suite, suite);
    });
  }

  it('its client is refused without extended_master_secret (checklist 21)', async () => {
    await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
    await using client = start('client', server.port, ccm8);
    assert.match((await client.ended()).stdout, /^failed .*handshake_failure/);
    assert.match((await server.log.waitFor('passed-over')).detail, /extended_master_secret/);
  });

  it('our client takes no server without extended_master_secret (checklist 21)', async () => {
    await using server = await serve(ccm8);
    await using client = await DtlsTextClient.open(pskOf());
    await assert.rejects(client.connect(server.port), /extended_master_secret/);
    await server.waitFor(/^failed .*handshake_failure/m);
  });

  it('its client is told the same of an unknown identity and of a wrong key (checklist 25)', async () => {
    const attempt = async (identity: string, key: string): Promise<readonly unknown[]> => {
      await using server = await DtlsEchoServer.open({ credentials: pskOnly(), protocol: lenient });
      await using client = start('client', server.port, ccm8, identity, key);
      const { stdout } = await client.ended();
      const { detail, alert, reason } = await server.log.waitFor('failed');
      assert.deepEqual(server.log.ofKind('established'), []);
      return [stdout, detail, alert, reason];
    };
    const wrongKey = await attempt(psk.identity, 'another');
    assert.deepEqual(await attempt('dev2', psk.key), wrongKey);
    assert.match(String(wrongKey[0]), /^failed .*decrypt_error/);
  });

  it('our client ends with the alert of its server for an unknown identity', async () => {
    await using server = await serve(ccm8);
    await using client = await DtlsTextClient.open(pskOf('dev2'), { protocol: lenient });
    await assert.rejects(client.connect(server.port), SecurityError);
    assert.equal((await client.log.waitFor('failed')).alert, AlertDescription.illegalParameter);
  });
});

function start(
  role: 'client' | 'server',
  port: number,
  suite: readonly [string, string],
  identity: string = psk.identity,
  key: string = psk.key,
): Program {
  const script = `${repository}tests/support/erlang-peer.escript`;
  return new Program(['escript', script, role, String(port), ...suite, identity, key]);
}

/** Starts its server, which sends back what it gets, on a free port, and waits until it listens. */
async function serve(suite: readonly [string, string]): Promise<Program & { readonly port: number }> {
  const port = await freePort();
  const program = start('server', port, suite);
  await program.waitFor(/^listening$/m);
  return Object.assign(program, { port });
}

// mbedTLS, by a client and a server of ours on its library, against our DTLS bindings in both roles.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { milliseconds, SecurityError } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';
import { AlertDescription, type CipherSuiteName } from '@dunlin/dtls';

import { DtlsEchoServer } from '../support/dtls-echo-server.ts';
import { type Certification, certify, psk, pskOf, pskOnly, trusting } from '../support/dtls-keys.ts';
import { DtlsTextClient } from '../support/dtls-text-client.ts';
import { TemporaryFolder } from '../support/dunlin-server.ts';
import { freePort } from '../support/free-port.ts';
import { skipWithout } from '../support/peer-program.ts';
import { Program, repository, run } from '../support/program.ts';
import { losesThirtyPercent, UdpRelay } from '../support/udp-relay.ts';

const skip = skipWithout('gcc', '/usr/include/stdio.h', '/usr/include/mbedtls/ssl.h', 'openssl');

/** Most of the time of a test its programs wait for each other. */
const concurrency = 4;

/** The suites that it has in common with us, by their code points. */
const pskSuites: readonly (readonly [string, CipherSuiteName])[] = [
  ['0xC0A8', 'TLS_PSK_WITH_AES_128_CCM_8'],
  ['0x00A8', 'TLS_PSK_WITH_AES_128_GCM_SHA256'],
  ['0x00AE', 'TLS_PSK_WITH_AES_128_CBC_SHA256'],
  ['0xC037', 'TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256'],
];
const certificateSuites: readonly (readonly [string, CipherSuiteName])[] = [
  ['0xC0AE', 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8'],
  ['0xC02B', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
  ['0xC023', 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256'],
];
const ccm8 = 'suite=0xC0A8';
const cbc = 'suite=0x00AE';

const sharedKey = (identity: string = psk.identity, hex: string = psk.hex): readonly string[] => [
  `identity=${identity}`,
  `key=${hex}`,
];

describe('mbedTLS and our DTLS', { skip }, () => {
  let folder: TemporaryFolder;
  let certification: Certification;
  let program: string;

  before(async () => {
    folder = new TemporaryFolder();
    certification = await certify(folder.path);
    program = join(folder.path, 'mbedtls-peer');
    const source = `${repository}tests/support/mbedtls-peer.c`;
    const libraries = ['-lmbedtls', '-lmbedx509', '-lmbedcrypto'];
    const { exitCode, stderr } = await run(['gcc', '-std=c11', '-Wall', '-o', program, source, ...libraries]);
    assert.equal(exitCode, 0, stderr);
  });

  after(() => folder[Symbol.dispose]());

  const certified = (who: 'client' | 'server'): readonly string[] => [
    `ca=${certification.authorityFile}`,
    `cert=${certification[who].certificateFile}`,
    `private=${certification[who].keyFile}`,
  ];

  describe('its client at our server', { concurrency }, () => {
    const connect = (port: number, ...args: readonly string[]): Program =>
      new Program([program, 'client', `port=${port}`, ...args]);

    for (const [code, suite] of pskSuites) {
      it(`agrees on ${suite}, and resumes its session`, async () => {
        await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
        await using client = connect(server.port, `suite=${code}`, ...sharedKey(), 'times=2');
        const { exitCode, stdout } = await client.ended();
        assert.equal(exitCode, 0, stdout);
        assert.equal(stdout.match(/^heard heard hello$/gm)?.length, 2);
        const [first, second] = sessions(stdout);
        assert.equal(first, second);
        const established = server.log.ofKind('established');
        assert.deepEqual(
          established.map(({ isResumed }) => isResumed),
          [false, true],
        );
        assert.deepEqual(new Set(established.map((told) => told.suite)), new Set([suite]));
      });
    }

    for (const [code, suite] of certificateSuites) {
      it(`agrees on ${suite}, with certificates on both sides`, async () => {
        const { server: own, trust, client: peer } = certification;
        await using server = await DtlsEchoServer.open({ credentials: trusting(own, trust) });
        await using client = connect(server.port, `suite=${code}`, ...certified('client'));
        const { exitCode, stdout } = await client.ended();
        assert.equal(exitCode, 0, stdout);
        const [established] = server.log.ofKind('established');
        assert.equal(established?.suite, suite);
        const [certificate] = peer.certificate.chain;
        assert.deepEqual(established.peer, { kind: 'certificate', certificate });
      });
    }

    it('gets no record that is longer than it takes (RFC 6066 §4)', async () => {
      const { server: own, trust } = certification;
      await using server = await DtlsEchoServer.open({ credentials: trusting(own, trust) });
      await using relay = await UdpRelay.open(server.port);
      await using client = connect(relay.port, 'suite=0xC0AE', 'mfl=1', ...certified('client'));
      assert.match((await client.ended()).stdout, /^agreed .* max=512$/m);
      assert.equal(Math.max(...relay.datagrams.toClient.flatMap(plaintextLengths)), 512);
    });

    it('gets through where three of ten datagrams are lost', async () => {
      const { server: own, trust } = certification;
      await using server = await DtlsEchoServer.open({
        credentials: trusting(own, trust),
        protocol: { flight: { initialTimeout: milliseconds(300), maxDatagramLength: 300 } },
      });
      await using relay = await UdpRelay.open(server.port, losesThirtyPercent);
      await using client = connect(relay.port, 'suite=0xC0AE', ...certified('client'));
      await client.waitFor(/^agreed /m);
      assert.ok(relay.lengths.toClient.length > 6);
    });

    it('is told the same of an unknown identity and of a wrong key (checklist 25)', async () => {
      const attempt = async (identity: string, hex: string): Promise<readonly unknown[]> => {
        await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
        await using relay = await UdpRelay.open(server.port);
        await using client = connect(relay.port, ccm8, ...sharedKey(identity, hex));
        const { stdout, exitCode } = await client.ended();
        const { detail, alert, reason } = await server.log.waitFor('failed');
        assert.deepEqual(server.log.ofKind('established'), []);
        // Each once: a client that is not told at once repeats itself, and is answered again.
        const lengths = new Set(relay.lengths.toClient);
        return [stdout, exitCode, detail, alert, reason, lengths];
      };
      const wrongKey = await attempt(psk.identity, '00112233445566778899');
      assert.deepEqual(await attempt('dev2', psk.hex), wrongKey);
      assert.match(String(wrongKey[0]), /^failed -0x7780 .*fatal alert/);
    });

    for (const [what, args] of [
      ['without extended_master_secret (checklist 21)', [ccm8, 'ems=no']],
      ['with CBC but without encrypt_then_mac (checklist 14)', [cbc, 'etm=no']],
    ] as const) {
      it(`is refused ${what}`, async () => {
        await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
        await using client = connect(server.port, ...args, ...sharedKey());
        assert.match((await client.ended()).stdout, /^failed -0x7780 .*fatal alert/);
        assert.equal((await server.log.waitFor('passed-over')).problem, 'not-acceptable');
      });
    }
  });

  describe('our client at its server', { concurrency }, () => {
    const serve = async (...args: readonly string[]): Promise<Program & { readonly port: number }> => {
      const port = await freePort();
      const server = new Program([program, 'server', `port=${port}`, ...args]);
      await server.waitFor(/^listening$/m);
      return Object.assign(server, { port });
    };

    for (const [code, suite] of pskSuites) {
      it(`agrees on ${suite}, and resumes its session`, async () => {
        await using server = await serve(`suite=${code}`, ...sharedKey());
        await using client = await DtlsTextClient.open(pskOf());
        client.shell.disconnect?.(await ask(client, server.port));
        await server.waitFor(/^closed$/m);
        await ask(client, server.port);
        const established = client.log.ofKind('established');
        assert.deepEqual(
          established.map(({ isResumed }) => isResumed),
          [false, true],
        );
        assert.deepEqual(new Set(established.map((told) => told.suite)), new Set([suite]));
        await server.waitFor(/^agreed [^]*^agreed .*\n/m);
        const [first, second] = sessions(server.stdout);
        assert.equal(first, second);
      });
    }

    for (const [code, suite] of certificateSuites) {
      it(`agrees on ${suite}, with certificates on both sides`, async () => {
        const { client: own, trust } = certification;
        await using server = await serve(`suite=${code}`, ...certified('server'));
        await using client = await DtlsTextClient.open({ credential: own.certificate, trust });
        await ask(client, server.port, 'localhost');
        assert.equal(client.log.ofKind('established')[0]?.suite, suite);
      });
    }

    it('asks for shorter records, and keeps to them (RFC 6066 §4)', async () => {
      const { client: own, trust } = certification;
      await using server = await serve('suite=0xC0AE', ...certified('server'));
      await using client = await DtlsTextClient.open(
        { credential: own.certificate, trust },
        { protocol: { maxFragmentLength: 512 } },
      );
      const peer = await ask(client, server.port, 'localhost');
      await server.waitFor(/^agreed .* max=512$/m);
      client.say('x'.repeat(513), peer);
      assert.equal((await client.log.waitFor('not-sent')).outcome, 'too-long');
      client.say('y'.repeat(512), peer);
      assert.match(await client.role.waitFor(/y/), /^y{512}$/);
    });

    for (const [what, args, reason] of [
      ['extended_master_secret (checklist 21)', [ccm8, 'ems=no'], /extended_master_secret/],
      ['encrypt_then_mac with CBC (checklist 14)', [cbc, 'etm=no'], /encrypt_then_mac/],
    ] as const) {
      it(`takes no server without ${what}`, async () => {
        await using server = await serve(...args, ...sharedKey());
        await using client = await DtlsTextClient.open(pskOf());
        await assert.rejects(client.connect(server.port), reason);
        await server.waitFor(/^failed -0x7780 .*fatal alert/m);
      });
    }

    it('ends with the alert of the server, for an unknown identity and for a wrong key', async () => {
      for (const [credential, alert] of [
        [pskOf('dev2'), AlertDescription.unknownPskIdentity],
        [pskOf(psk.identity, 'another'), AlertDescription.badRecordMac],
      ] as const) {
        await using server = await serve(ccm8, ...sharedKey());
        await using client = await DtlsTextClient.open(credential);
        await assert.rejects(client.connect(server.port), SecurityError);
        assert.equal((await client.log.waitFor('failed')).alert, alert);
        assert.deepEqual(client.log.ofKind('established'), []);
      }
    });
  });
});

/** The lengths of the records in plaintext in a datagram. */
function plaintextLengths(datagram: Uint8Array): readonly number[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const lengths: number[] = [];
  for (let at = 0; at < datagram.length; at += 13 + view.getUint16(at + 11)) {
    if (view.getUint16(at + 3) === 0) lengths.push(view.getUint16(at + 11));
  }
  return lengths;
}

/** The session ids in what our program on mbedTLS printed. */
function sessions(output: string): readonly (string | undefined)[] {
  return [...output.matchAll(/^agreed .* session=(\w+)/gm)].map(([, session]) => session);
}

/** Reaches its server and has a text sent back. */
async function ask(client: DtlsTextClient, port: number, host?: string): Promise<Peer> {
  const peer = await client.connect(port, host);
  const text = `text ${client.role.heard.length}`;
  client.say(text, peer);
  await client.role.waitFor(new RegExp(`^${text}$`));
  return peer;
}

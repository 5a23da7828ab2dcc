// OpenSSL’s s_client and s_server against our DTLS bindings, in both roles.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { milliseconds, SecurityError } from '@dunlin/base';
import { cipherSuites, type CipherSuiteName } from '@dunlin/dtls';

import { DtlsEchoServer } from '../support/dtls-echo-server.ts';
import { type Certification, certify, psk, pskOf, pskOnly, trusting } from '../support/dtls-keys.ts';
import { DtlsTextClient } from '../support/dtls-text-client.ts';
import { TemporaryFolder } from '../support/dunlin-server.ts';
import { freePort } from '../support/free-port.ts';
import { skipWithout } from '../support/peer-program.ts';
import { type Finished, Program } from '../support/program.ts';
import { UdpRelay } from '../support/udp-relay.ts';

const skip = skipWithout('openssl');

/** Most of the time of a test its programs wait for each other. */
const concurrency = 4;

/** The suites that it has in common with us, in its words and in those of the registry. */
const pskSuites: readonly (readonly [string, CipherSuiteName])[] = [
  ['PSK-AES128-CCM8', 'TLS_PSK_WITH_AES_128_CCM_8'],
  ['PSK-AES128-GCM-SHA256', 'TLS_PSK_WITH_AES_128_GCM_SHA256'],
  ['PSK-AES128-CBC-SHA256', 'TLS_PSK_WITH_AES_128_CBC_SHA256'],
  ['ECDHE-PSK-AES128-CBC-SHA256', 'TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256'],
];
const certificateSuites: readonly (readonly [string, CipherSuiteName])[] = [
  ['ECDHE-ECDSA-AES128-CCM8', 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8'],
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
  ['ECDHE-ECDSA-AES128-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256'],
];

/** The options that choose suites; newer versions take the short tag of CCM_8 only at this level. */
const cipher = (names: string): readonly string[] => ['-cipher', `${names}:@SECLEVEL=0`];
const sharedKey = (identity: string = psk.identity, hex: string = psk.hex): readonly string[] => [
  '-psk_identity',
  identity,
  '-psk',
  hex,
];
const ccm8 = [...sharedKey(), ...cipher('PSK-AES128-CCM8')];

/** A link of 300 bytes leaves so many for UDP’s payload over IPv4. */
const smallLink = { mtu: 300, payload: 300 - 20 - 8 };

describe('OpenSSL and our DTLS', { skip }, () => {
  let folder: TemporaryFolder;
  let certification: Certification;

  before(async () => {
    folder = new TemporaryFolder();
    certification = await certify(folder.path);
  });

  after(() => folder[Symbol.dispose]());

  const certified = (who: 'client' | 'server'): readonly string[] => [
    '-cert',
    certification[who].certificateFile,
    '-key',
    certification[who].keyFile,
    '-CAfile',
    certification.authorityFile,
    '-verify_return_error',
  ];

  describe('its client at our server', { concurrency }, () => {
    for (const [name, suite] of pskSuites) {
      it(`agrees on ${name}, and on the same keys`, async () => {
        const keyLog: string[] = [];
        await using server = await DtlsEchoServer.open({
          credentials: pskOnly(),
          keyLog: (line) => keyLog.push(line),
        });
        const file = join(folder.path, `${name}.log`);
        await using client = connect(server.port, ...sharedKey(), ...cipher(name), '-keylogfile', file);
        client.type('hello');
        await client.waitFor(/heard hello/);
        const { stdout } = await quit(client);
        assert.match(stdout, new RegExp(`Cipher is ${name}$`, 'm'));
        assert.match(stdout, /Extended master secret: yes/);
        assert.match(stdout, /Secure Renegotiation IS supported/);
        const [established] = server.log.ofKind('established');
        assert.equal(established?.suite, suite);
        assert.deepEqual(established.peer, { kind: 'psk', identity: psk.identity });
        const theirs = readFileSync(file, 'utf8').match(/^CLIENT_RANDOM.*$/gm) ?? [];
        assert.deepEqual(theirs.map(lowerCase), keyLog.map(lowerCase));
        assert.equal((await server.log.waitFor('closed')).reason, 'closed-by-peer');
      });
    }

    for (const [name, suite] of certificateSuites) {
      it(`agrees on ${name}, with certificates on both sides`, async () => {
        const { server: own, trust, client: peer } = certification;
        await using server = await DtlsEchoServer.open({ credentials: trusting(own, trust) });
        const named = ['-verify_hostname', 'localhost'];
        await using client = connect(server.port, ...certified('client'), ...named, ...cipher(name));
        client.type('hello');
        await client.waitFor(/heard hello/);
        const { stdout } = await quit(client);
        assert.match(stdout, new RegExp(`Cipher is ${name}$`, 'm'));
        assert.match(stdout, /Verified peername: localhost/);
        const [established] = server.log.ofKind('established');
        assert.equal(established?.suite, suite);
        const [certificate] = peer.certificate.chain;
        assert.deepEqual(established.peer, { kind: 'certificate', certificate });
      });
    }

    it('is refused without a certificate', async () => {
      const { server: own, trust, authorityFile } = certification;
      await using server = await DtlsEchoServer.open({ credentials: trusting(own, trust) });
      await using client = connect(server.port, '-CAfile', authorityFile);
      assert.match((await client.ended()).stderr, /alert handshake failure/);
      assert.equal((await server.log.waitFor('failed')).detail, 'The peer has no key to show.');
      assert.deepEqual(server.log.ofKind('established'), []);
    });

    it('is told the same of an unknown identity and of a wrong key (checklist 25)', async () => {
      const attempt = async (identity: string, hex: string): Promise<readonly unknown[]> => {
        await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
        await using relay = await UdpRelay.open(server.port);
        await using client = connect(relay.port, ...sharedKey(identity, hex), ...cipher('PSK-AES128-CCM8'));
        const { stderr, exitCode } = await client.ended();
        const { detail, alert, reason } = await server.log.waitFor('failed');
        assert.deepEqual(server.log.ofKind('established'), []);
        // Each once: a client that is not told at once repeats itself, and is answered again.
        const lengths = new Set(relay.lengths.toClient);
        return [stderr.replaceAll(/^[0-9A-F]+:/gm, ''), exitCode, detail, alert, reason, lengths];
      };
      const wrongKey = await attempt(psk.identity, '00112233445566778899');
      assert.deepEqual(await attempt('dev2', psk.hex), wrongKey);
      assert.match(String(wrongKey[0]), /alert decrypt error/);
    });

    for (const [name, args] of [
      ['', ['-no_ticket']],
      [', although it would take a ticket', []],
    ] as const) {
      it(`resumes by session id${name}`, async () => {
        await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
        const file = join(folder.path, `session${args.length}`);
        await using first = connect(server.port, ...ccm8, ...args, '-sess_out', file);
        first.type('one');
        await first.waitFor(/heard one/);
        const { stdout } = await quit(first);
        assert.match(stdout, /^New, /m);
        assert.doesNotMatch(stdout, /TLS session ticket:/);
        await using second = connect(server.port, ...ccm8, ...args, '-sess_in', file);
        second.type('two');
        await second.waitFor(/heard two/);
        assert.match((await quit(second)).stdout, /^Reused, /m);
        assert.deepEqual(resumptions(server), [false, true]);
      });
    }

    it('makes a full handshake when it brings a ticket that somebody else issued', async () => {
      const file = join(folder.path, 'ticket');
      {
        await using issuer = await serve('-nocert', ...ccm8);
        await using client = connect(issuer.port, ...ccm8, '-sess_out', file);
        assert.match((await quit(client)).stdout, /TLS session ticket:/);
      }
      await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
      await using client = connect(server.port, ...ccm8, '-sess_in', file);
      client.type('hello');
      await client.waitFor(/heard hello/);
      assert.match((await quit(client)).stdout, /^New, /m);
      assert.deepEqual(resumptions(server), [false]);
    });

    it('gets no record that is longer than it takes (RFC 6066 §4)', async () => {
      const { server: own, trust } = certification;
      await using server = await DtlsEchoServer.open({ credentials: trusting(own, trust) });
      await using client = connect(server.port, ...certified('client'), '-maxfraglen', '512');
      client.type('x'.repeat(500));
      await client.waitFor(/heard x{500}/);
      client.type('y'.repeat(510));
      assert.equal((await server.log.waitFor('not-sent')).outcome, 'too-long');
      client.type('z');
      await client.waitFor(/heard z/);
    });

    it('sends and gets flights in small pieces', async () => {
      const { server: own, trust } = certification;
      await using server = await DtlsEchoServer.open({
        credentials: trusting(own, trust),
        protocol: { flight: { maxDatagramLength: smallLink.payload } },
      });
      await using relay = await UdpRelay.open(server.port);
      await using client = connect(relay.port, ...certified('client'), '-mtu', String(smallLink.mtu));
      client.type('hello');
      await client.waitFor(/heard hello/);
      assert.ok(Math.max(...relay.lengths.toServer, ...relay.lengths.toClient) <= smallLink.payload);
      assert.ok(relay.lengths.toServer.length > 6 && relay.lengths.toClient.length > 6);
    });

    it('is refused renegotiation, by a warning (checklist 23)', async () => {
      await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
      await using client = connect(server.port, ...ccm8);
      client.type('hello');
      await client.waitFor(/heard hello/);
      client.type('R');
      assert.equal((await server.log.waitFor('passed-over')).problem, 'renegotiation-refused');
      // OpenSSL takes the warning for the end; it is the one who closes.
      assert.match((await client.ended()).stderr, /RENEGOTIATING[\s\S]*no renegotiation/);
    });

    it('gets no CBC suite without encrypt_then_mac, but another one (checklist 14)', async () => {
      await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
      await using refused = connect(
        server.port,
        ...sharedKey(),
        '-no_etm',
        ...cipher('PSK-AES128-CBC-SHA256'),
      );
      assert.match((await refused.ended()).stderr, /alert handshake failure/);
      const both = cipher('PSK-AES128-CBC-SHA256:PSK-AES128-GCM-SHA256');
      await using client = connect(server.port, ...sharedKey(), '-no_etm', ...both);
      client.type('hello');
      await client.waitFor(/heard hello/);
      const suites = server.log.ofKind('established').map(({ suite }) => suite);
      assert.deepEqual(suites, ['TLS_PSK_WITH_AES_128_GCM_SHA256']);
    });

    it('is refused DTLS 1.0 (checklist 20)', async () => {
      await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
      const old = ['openssl', 's_client', '-dtls1', '-connect', server.hostAndPort];
      await using client = new Program([...old, ...sharedKey(), ...cipher('ALL:PSK')]);
      assert.match((await client.ended()).stderr, /alert protocol version/);
      assert.deepEqual(server.log.ofKind('established'), []);
    });
  });

  describe('our client at its server', { concurrency }, () => {
    for (const [name, suite] of pskSuites) {
      it(`agrees on ${name}`, async () => {
        await using server = await serve('-nocert', ...sharedKey(), ...cipher(name));
        await using client = await DtlsTextClient.open(pskOf());
        await converse(client, server);
        assert.match(server.stdout, new RegExp(`CIPHER is ${name}$`, 'm'));
        assert.equal(client.log.ofKind('established')[0]?.suite, suite);
      });
    }

    for (const [name, suite] of certificateSuites) {
      it(`agrees on ${name}, with certificates on both sides`, async () => {
        const { client: own, trust, server: peer } = certification;
        // With -listen its cookies are made without a state, too.
        await using server = await serve('-listen', ...certified('server'), '-Verify', '1', ...cipher(name));
        await using client = await DtlsTextClient.open({ credential: own.certificate, trust });
        await converse(client, server, 'localhost');
        assert.match(server.stdout, new RegExp(`CIPHER is ${name}$`, 'm'));
        assert.match(server.stdout, /^subject=CN = client$/m);
        const [established] = client.log.ofKind('established');
        assert.equal(established?.suite, suite);
        const [certificate] = peer.certificate.chain;
        assert.deepEqual(established.peer, { kind: 'certificate', certificate });
      });
    }

    it('trusts no certificate for another name, and no other one than it expects', async () => {
      const { client: own, trust, server: peer } = certification;
      {
        await using server = await serve(...certified('client'), '-Verify', '1');
        await using client = await DtlsTextClient.open({ credential: own.certificate, trust });
        await assert.rejects(client.connect(server.port, 'localhost'), SecurityError);
        await server.waitFor(/alert bad certificate/);
      }
      const certificates = own.certificate.chain.slice(0, 1);
      await using server = await serve(...certified('server'), '-Verify', '1');
      await using client = await DtlsTextClient.open({
        credential: peer.certificate,
        trust: { kind: 'domain-issued-certificate', certificates },
      });
      await assert.rejects(client.connect(server.port, 'localhost'), SecurityError);
      await server.waitFor(/alert certificate unknown/);
    });

    it('resumes by session id', async () => {
      await using server = await serve('-nocert', ...ccm8);
      await using client = await DtlsTextClient.open(pskOf());
      client.shell.disconnect?.(await converse(client, server));
      await converse(client, server);
      assert.deepEqual(resumptions(client), [false, true]);
      assert.match(server.stdout, /^Reused session-id$/m);
    });

    it('sends and gets flights in small pieces', async () => {
      const { client: own, trust } = certification;
      const { mtu, payload } = smallLink;
      await using server = await serve(...certified('server'), '-Verify', '1', '-mtu', String(mtu));
      await using relay = await UdpRelay.open(server.port);
      await using client = await DtlsTextClient.open(
        { credential: own.certificate, trust },
        { protocol: { flight: { maxDatagramLength: payload } } },
      );
      await converse(client, Object.assign(server, { port: relay.port }), 'localhost');
      assert.ok(Math.max(...relay.lengths.toServer, ...relay.lengths.toClient) <= payload);
      assert.ok(relay.lengths.toServer.length > 6 && relay.lengths.toClient.length > 6);
    });

    it('asks for shorter records, and keeps to them (RFC 6066 §4)', async () => {
      const { client: own, trust } = certification;
      await using server = await serve(...certified('server'), '-Verify', '1');
      await using client = await DtlsTextClient.open(
        { credential: own.certificate, trust },
        { protocol: { maxFragmentLength: 512 } },
      );
      const peer = await converse(client, server, 'localhost');
      client.say('x'.repeat(513), peer);
      assert.equal((await client.log.waitFor('not-sent')).outcome, 'too-long');
      client.say('y'.repeat(512), peer);
      await server.waitFor(/y{512}/);
    });

    it('refuses to renegotiate, by a warning (checklist 23)', async () => {
      await using server = await serve('-nocert', ...ccm8);
      await using client = await DtlsTextClient.open(pskOf());
      await converse(client, server);
      server.type('r');
      assert.equal((await client.log.waitFor('passed-over')).problem, 'renegotiation-refused');
      await server.waitFor(/no renegotiation/);
    });

    it('takes no CBC suite without encrypt_then_mac (checklist 14)', async () => {
      await using server = await serve(
        '-nocert',
        '-no_etm',
        ...sharedKey(),
        ...cipher('PSK-AES128-CBC-SHA256'),
      );
      const suites = cipherSuites.filter(({ recordCipher }) => recordCipher === 'aes-128-cbc-sha256');
      await using client = await DtlsTextClient.open(pskOf(), { protocol: { suites } });
      await assert.rejects(client.connect(server.port), /CBC suite without encrypt_then_mac/);
      await server.waitFor(/alert handshake failure/);
    });

    it('fails within its bounds when its key is wrong', async () => {
      await using server = await serve('-nocert', ...ccm8);
      // OpenSSL says nothing: it takes the records for forged ones.
      const flight = { initialTimeout: milliseconds(100), maxRetransmissions: 3 };
      await using client = await DtlsTextClient.open(pskOf(psk.identity, 'another'), {
        protocol: { flight },
      });
      await assert.rejects(client.connect(server.port), /no DTLS association/);
      assert.deepEqual(client.log.ofKind('established'), []);
    });
  });
});

/** Starts its client towards a port. */
function connect(port: number, ...args: readonly string[]): Program {
  return new Program(['openssl', 's_client', '-dtls1_2', '-connect', `127.0.0.1:${port}`, ...args]);
}

/** Ends its client as a user does. */
async function quit(client: Program): Promise<Finished> {
  client.type('Q');
  return await client.ended();
}

/** Starts its server on a free port and waits until it listens. */
async function serve(...args: readonly string[]): Promise<Program & { readonly port: number }> {
  const port = await freePort();
  const program = new Program(['openssl', 's_server', '-dtls1_2', '-accept', `127.0.0.1:${port}`, ...args]);
  await program.waitFor(/ACCEPT/);
  return Object.assign(program, { port });
}

/** Reaches its server, and sends a line each way. */
async function converse(
  client: DtlsTextClient,
  server: Program & { readonly port: number },
  host?: string,
): Promise<Awaited<ReturnType<DtlsTextClient['connect']>>> {
  const peer = await client.connect(server.port, host);
  const turn = client.role.heard.length;
  client.say(`question ${turn}\n`, peer);
  await server.waitFor(new RegExp(`question ${turn}`));
  server.type(`answer ${turn}`);
  await client.role.waitFor(new RegExp(`answer ${turn}`));
  return peer;
}

function resumptions({ log }: DtlsEchoServer | DtlsTextClient): readonly boolean[] {
  return log.ofKind('established').map(({ isResumed }) => isResumed);
}

function lowerCase(line: string): string {
  return line.toLowerCase();
}

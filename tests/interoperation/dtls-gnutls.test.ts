// gnutls-cli and gnutls-serv against our DTLS bindings, in both roles. (With ECDHE_PSK gnutls-cli 3.7 crashes when it
// is to print what was agreed on; gnutls-serv has it.)
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { milliseconds, SecurityError } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';
import type { CipherSuiteName } from '@dunlin/dtls';
import type { ClientCredential, DtlsCredentials } from '@dunlin/node';

import { DtlsEchoServer } from '../support/dtls-echo-server.ts';
import { type Certification, certify, psk, pskOf, pskOnly, trusting, trustIn } from '../support/dtls-keys.ts';
import { DtlsTextClient } from '../support/dtls-text-client.ts';
import { TemporaryFolder } from '../support/dunlin-server.ts';
import { freePort } from '../support/free-port.ts';
import { skipWithout } from '../support/peer-program.ts';
import { Program } from '../support/program.ts';
import { UdpRelay } from '../support/udp-relay.ts';

const skip = skipWithout('gnutls-cli', 'gnutls-serv', 'openssl');

/** Most of the time of a test its programs wait for each other. */
const concurrency = 4;

/** What it may agree on: DTLS 1.2 with these parts and nothing else. */
const priority = (...parts: readonly string[]): readonly string[] => [
  '--priority',
  ['NONE', '+VERS-DTLS1.2', '+COMP-NULL', '+SIGN-ALL', '+GROUP-ALL', ...parts].join(':'),
];

/** The ciphers with the MACs they need, and how a suite with them ends in the registry. */
const ciphers = [
  { parts: ['+AES-128-CCM-8', '+AEAD'], suffix: 'CCM_8' },
  { parts: ['+AES-128-GCM', '+AEAD'], suffix: 'GCM_SHA256' },
  { parts: ['+AES-128-CBC', '+SHA256'], suffix: 'CBC_SHA256' },
] as const;
const ccm8 = [...ciphers[0].parts, '+PSK'];
const cbc = [...ciphers[2].parts, '+PSK'];

const sharedKey = (identity: string = psk.identity, hex: string = psk.hex): readonly string[] => [
  '--pskusername',
  identity,
  '--pskkey',
  hex,
];

describe('GnuTLS and our DTLS', { skip }, () => {
  let folder: TemporaryFolder;
  let certification: Certification;

  before(async () => {
    folder = new TemporaryFolder();
    certification = await certify(folder.path);
    writeFileSync(join(folder.path, 'keys'), `${psk.identity}:${psk.hex}\n`);
  });

  after(() => folder[Symbol.dispose]());

  /** How both sides authenticate themselves with certificates, or with raw public keys. */
  const modes = [
    {
      name: 'certificates',
      part: '+CTYPE-X509',
      its: (who: 'client' | 'server'): readonly string[] => [
        '--x509certfile',
        certification[who].certificateFile,
        '--x509keyfile',
        certification[who].keyFile,
        '--x509cafile',
        certification.authorityFile,
      ],
      server: (): DtlsCredentials => trusting(certification.server, certification.trust),
      client: (): ClientCredential => ({
        credential: certification.client.certificate,
        trust: certification.trust,
      }),
    },
    {
      name: 'raw public keys',
      part: '+CTYPE-RAWPK',
      its: (who: 'client' | 'server'): readonly string[] => [
        '--rawpkkeyfile',
        certification[who].keyFile,
        '--rawpkfile',
        certification[who].publicKeyFile,
        ...(who === 'client' ? ['--no-ca-verification'] : []),
      ],
      server: (): DtlsCredentials => trusting(certification.server, trustIn(certification.client)),
      client: (): ClientCredential => ({
        credential: certification.client.rawPublicKey,
        trust: trustIn(certification.server),
      }),
    },
  ] as const;

  describe('gnutls-cli at our server', { concurrency }, () => {
    for (const { parts, suffix } of ciphers) {
      it(`agrees on PSK with ${suffix}`, async () => {
        await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
        await using client = connect(server.port, ...sharedKey(), ...priority(...parts, '+PSK'));
        await converse(client);
        assert.match(client.stdout, /Options: extended master secret, safe renegotiation,/);
        const [established] = server.log.ofKind('established');
        assert.equal(established?.suite, `TLS_PSK_WITH_AES_128_${suffix}`);
        assert.deepEqual(established.peer, { kind: 'psk', identity: psk.identity });
        client.endInput();
        assert.equal((await server.log.waitFor('closed')).reason, 'closed-by-peer');
      });

      for (const { name, part, its, server: credentials } of modes) {
        it(`agrees on ECDHE_ECDSA with ${suffix} and ${name} on both sides`, async () => {
          await using server = await DtlsEchoServer.open({ credentials: credentials() });
          const agreeable = priority(...parts, '+ECDHE-ECDSA', part);
          await using client = connect(server.port, ...its('client'), ...agreeable);
          await converse(client);
          const [established] = server.log.ofKind('established');
          assert.equal(established?.suite, `TLS_ECDHE_ECDSA_WITH_AES_128_${suffix}`);
          const { certificate, rawPublicKey } = certification.client;
          assert.deepEqual(
            established.peer,
            name === 'certificates'
              ? { kind: 'certificate', certificate: certificate.chain[0] }
              : { kind: 'raw-public-key', publicKey: rawPublicKey.publicKey },
          );
        });
      }
    }

    it('is refused with a raw public key that nobody vouches for', async () => {
      const { server: own } = certification;
      await using server = await DtlsEchoServer.open({ credentials: trusting(own, trustIn(own)) });
      const [, { part, its }] = modes;
      await using client = connect(
        server.port,
        ...its('client'),
        ...priority(...ciphers[0].parts, '+ECDHE-ECDSA', part),
      );
      assert.match((await client.ended()).stdout, /Received alert \[46\]: Unknown certificate/);
      assert.deepEqual(server.log.ofKind('established'), []);
    });

    it('is told the same of an unknown identity and of a wrong key (checklist 25)', async () => {
      const attempt = async (identity: string, hex: string): Promise<readonly unknown[]> => {
        await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
        await using relay = await UdpRelay.open(server.port);
        await using client = connect(relay.port, ...sharedKey(identity, hex), ...priority(...ccm8));
        const { stdout, stderr, exitCode } = await client.ended();
        const { detail, alert, reason } = await server.log.waitFor('failed');
        assert.deepEqual(server.log.ofKind('established'), []);
        // Each once: a client that is not told at once repeats itself, and is answered again.
        const lengths = new Set(relay.lengths.toClient);
        const heard = stdout.match(/Received alert.*/g);
        return [heard, stderr, exitCode, detail, alert, reason, lengths];
      };
      const wrongKey = await attempt(psk.identity, '00112233445566778899');
      assert.deepEqual(await attempt('dev2', psk.hex), wrongKey);
      assert.deepEqual(wrongKey[0], ['Received alert [51]: Decrypt error']);
    });

    it('resumes its session', async () => {
      await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
      await using client = connect(server.port, '--resume', ...sharedKey(), ...priority(...ccm8));
      await converse(client);
      assert.match(client.stdout, /This is a resumed session/);
      assert.deepEqual(resumptions(server), [false, true]);
    });

    it('is refused without extended_master_secret, unless that is allowed; but has no session to resume then (checklist 21)', async () => {
      const old = priority(...ccm8, '%NO_SESSION_HASH');
      {
        await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
        await using client = connect(server.port, ...sharedKey(), ...old);
        assert.match((await client.ended()).stdout, /Received alert \[40\]: Handshake failed/);
        assert.match((await server.log.waitFor('passed-over')).detail, /extended_master_secret/);
        assert.deepEqual(server.log.ofKind('established'), []);
      }
      await using lenient = await DtlsEchoServer.open({
        credentials: pskOnly(),
        protocol: { requiresExtendedMasterSecret: false },
      });
      await using client = connect(lenient.port, '--resume', ...sharedKey(), ...old);
      await converse(client);
      assert.deepEqual(resumptions(lenient), [false, false]);
    });

    it('gets no CBC suite without encrypt_then_mac (checklist 14)', async () => {
      await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
      await using client = connect(server.port, ...sharedKey(), ...priority(...cbc, '%NO_ETM'));
      assert.match((await client.ended()).stdout, /Received alert \[40\]: Handshake failed/);
      assert.deepEqual(server.log.ofKind('established'), []);
    });

    it('gets no record that is longer than it takes (RFC 8449)', async () => {
      await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
      await using client = connect(server.port, '--recordsize', '512', ...sharedKey(), ...priority(...ccm8));
      client.type('x'.repeat(500));
      await client.waitFor(/heard x{500}/);
      client.type('y'.repeat(510));
      assert.equal((await server.log.waitFor('not-sent')).outcome, 'too-long');
    });

    it('sends and gets flights in small pieces', async () => {
      await using server = await DtlsEchoServer.open({
        credentials: modes[0].server(),
        protocol: { flight: { maxDatagramLength: 256 } },
      });
      await using relay = await UdpRelay.open(server.port);
      const agreeable = priority(...ciphers[0].parts, '+ECDHE-ECDSA', '+CTYPE-X509');
      await using client = connect(relay.port, '--mtu', '256', ...modes[0].its('client'), ...agreeable);
      await converse(client);
      assert.ok(Math.max(...relay.lengths.toServer, ...relay.lengths.toClient) <= 256);
      assert.ok(relay.lengths.toServer.length > 6 && relay.lengths.toClient.length > 6);
    });

    it('is refused to renegotiate, by a warning, and the association stays (checklist 23)', async () => {
      await using server = await DtlsEchoServer.open({ credentials: pskOnly() });
      await using client = connect(server.port, '--rehandshake', ...sharedKey(), ...priority(...ccm8));
      await client.waitFor(/A TLS warning alert has been received/);
      assert.equal((await server.log.waitFor('passed-over')).problem, 'renegotiation-refused');
      assert.deepEqual(server.log.ofKind('closed'), []);
    });
  });

  describe('our client at gnutls-serv', { concurrency }, () => {
    const keys = (): readonly string[] => ['--pskpasswd', join(folder.path, 'keys')];

    const exchanges: readonly (readonly [string, CipherSuiteName, readonly string[]])[] = [
      ...ciphers.map(
        ({ parts, suffix }) =>
          [`PSK with ${suffix}`, `TLS_PSK_WITH_AES_128_${suffix}`, [...parts, '+PSK']] as const,
      ),
      [
        'ECDHE_PSK with CBC_SHA256',
        'TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256',
        [...ciphers[2].parts, '+ECDHE-PSK'],
      ],
    ];
    for (const [name, suite, parts] of exchanges) {
      it(`agrees on ${name}`, async () => {
        await using server = await serve(...keys(), ...priority(...parts));
        await using client = await DtlsTextClient.open(pskOf());
        await ask(client, server.port);
        assert.equal(client.log.ofKind('established')[0]?.suite, suite);
      });
    }

    for (const { parts, suffix } of ciphers) {
      for (const { name, part, its, client: credential } of modes) {
        it(`agrees on ECDHE_ECDSA with ${suffix} and ${name} on both sides`, async () => {
          const agreeable = priority(...parts, '+ECDHE-ECDSA', part);
          await using server = await serve('--require-client-cert', ...its('server'), ...agreeable);
          await using client = await DtlsTextClient.open(credential());
          await ask(client, server.port, 'localhost');
          const [established] = client.log.ofKind('established');
          assert.equal(established?.suite, `TLS_ECDHE_ECDSA_WITH_AES_128_${suffix}`);
        });
      }
    }

    it('trusts no other raw public key than the one it knows', async () => {
      const [, { part, its }] = modes;
      const agreeable = priority(...ciphers[0].parts, '+ECDHE-ECDSA', part);
      await using server = await serve('--require-client-cert', ...its('server'), ...agreeable);
      const { client: own } = certification;
      await using client = await DtlsTextClient.open({
        credential: own.rawPublicKey,
        trust: trustIn(own),
      });
      await assert.rejects(client.connect(server.port), SecurityError);
      assert.deepEqual(client.log.ofKind('established'), []);
    });

    it('resumes its session', async () => {
      await using server = await serve(...keys(), ...priority(...ccm8));
      await using client = await DtlsTextClient.open(pskOf());
      client.shell.disconnect?.(await ask(client, server.port));
      await ask(client, server.port);
      assert.deepEqual(resumptions(client), [false, true]);
    });

    it('takes no server without extended_master_secret, unless that is allowed (checklist 21)', async () => {
      await using server = await serve(...keys(), ...priority(...ccm8, '%NO_SESSION_HASH'));
      await using client = await DtlsTextClient.open(pskOf());
      await assert.rejects(client.connect(server.port), /extended_master_secret/);
      await using lenient = await DtlsTextClient.open(pskOf(), {
        protocol: { requiresExtendedMasterSecret: false },
      });
      lenient.shell.disconnect?.(await ask(lenient, server.port));
      await ask(lenient, server.port);
      assert.deepEqual(resumptions(lenient), [false, false]);
    });

    it('sends and gets flights in small pieces, without a cookie too', async () => {
      const agreeable = priority(...ciphers[0].parts, '+ECDHE-ECDSA', '+CTYPE-X509');
      await using server = await serve(
        '--require-client-cert',
        '--nocookie',
        '--mtu',
        '256',
        ...modes[0].its('server'),
        ...agreeable,
      );
      await using relay = await UdpRelay.open(server.port);
      await using client = await DtlsTextClient.open(modes[0].client(), {
        protocol: { flight: { maxDatagramLength: 256 } },
      });
      await ask(client, relay.port, 'localhost');
      assert.ok(Math.max(...relay.lengths.toServer, ...relay.lengths.toClient) <= 256);
      assert.ok(relay.lengths.toServer.length > 6 && relay.lengths.toClient.length > 6);
    });

    it('refuses to renegotiate, by a warning, and the association stays (checklist 23)', async () => {
      await using server = await serve(...keys(), ...priority(...ccm8));
      await using client = await DtlsTextClient.open(pskOf());
      const peer = await ask(client, server.port);
      client.say('**REHANDSHAKE**\n', peer);
      assert.equal((await client.log.waitFor('passed-over')).problem, 'renegotiation-refused');
      await ask(client, server.port);
      assert.deepEqual(resumptions(client), [false]);
    });

    it('cannot tell an unknown identity from a wrong key, and fails within its bounds', async () => {
      const flight = { initialTimeout: milliseconds(300), maxRetransmissions: 3 };
      for (const credential of [pskOf('dev2'), pskOf(psk.identity, 'another')]) {
        await using server = await serve(...keys(), ...priority(...ccm8));
        await using client = await DtlsTextClient.open(credential, { protocol: { flight } });
        await assert.rejects(client.connect(server.port), /No answer in state wait-change-cipher-spec/);
        assert.deepEqual(client.log.ofKind('established'), []);
      }
    });
  });
});

/** Starts its client towards a port of localhost. */
function connect(port: number, ...args: readonly string[]): Program {
  return new Program(['gnutls-cli', '--udp', '--port', String(port), ...args, 'localhost']);
}

/** Sends a line to our server, which answers. */
async function converse(client: Program): Promise<void> {
  client.type('hello');
  await client.waitFor(/heard hello/);
}

/** Starts its server, which sends back what it gets, on a free port, and waits until it listens. */
async function serve(...args: readonly string[]): Promise<Program & { readonly port: number }> {
  const port = await freePort();
  const program = new Program(['gnutls-serv', '--udp', '--echo', '--port', String(port), ...args]);
  await program.waitFor(/listening on IPv4 .*done/);
  return Object.assign(program, { port });
}

/** Reaches its server and has a line sent back. */
async function ask(client: DtlsTextClient, port: number, host?: string): Promise<Peer> {
  const peer = await client.connect(port, host);
  const line = `line ${client.role.heard.length}`;
  client.say(`${line}\n`, peer);
  await client.role.waitFor(new RegExp(line));
  return peer;
}

function resumptions({ log }: DtlsEchoServer | DtlsTextClient): readonly boolean[] {
  return log.ofKind('established').map(({ isResumed }) => isResumed);
}

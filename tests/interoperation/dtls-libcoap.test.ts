// libcoap’s clients and servers, secured by OpenSSL and by GnuTLS, speak CoAP over our DTLS bindings in both roles.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { milliseconds, utf8Encode } from '@dunlin/base';
import { Method, type Peer, ResponseCode, type Shell } from '@dunlin/coap';
import { type ClientCredential, dtls, dtlsClient, type DtlsCredentials } from '@dunlin/node';
import { LwM2mServer } from '@dunlin/server';

import { coapsClient, type TlsLibrary } from '../support/coap-client.ts';
import { CoapRole } from '../support/coap-role.ts';
import { DiagnosticLog } from '../support/diagnostic-log.ts';
import { type Certification, certify, psk, pskOf, pskOnly, trusting, trustIn } from '../support/dtls-keys.ts';
import { TemporaryFolder } from '../support/dunlin-server.ts';
import { freePort } from '../support/free-port.ts';
import { skipWithout } from '../support/peer-program.ts';
import { Program } from '../support/program.ts';
import { losesThirtyPercent, UdpRelay } from '../support/udp-relay.ts';

const skip = skipWithout(
  'coap-client-openssl',
  'coap-client-gnutls',
  'coap-server-openssl',
  'coap-server-gnutls',
  'openssl',
);

/** Most of the time of a test its programs wait for each other, or for a retransmission. */
const concurrency = 4;

const libraries: readonly TlsLibrary[] = ['openssl', 'gnutls'];

/** A body of many blocks. */
const long = Array.from({ length: 300 }, (_, index) => `line ${index}`).join('\n');
/** One of a few, for a path on which each costs seconds. */
const short = long.slice(0, 600);

describe('libcoap and our DTLS', { skip, concurrency }, () => {
  let folder: TemporaryFolder;
  let certification: Certification;

  before(async () => {
    folder = new TemporaryFolder();
    certification = await certify(folder.path);
    writeFileSync(join(folder.path, 'long'), long);
    writeFileSync(join(folder.path, 'short'), short);
  });

  after(() => folder[Symbol.dispose]());

  /** The ways to authenticate each other, with the libraries that have them. */
  const modes: readonly {
    readonly name: string;
    readonly only?: TlsLibrary;
    readonly its: (who: 'client' | 'server') => readonly string[];
    readonly server: () => DtlsCredentials;
    readonly client: () => ClientCredential;
  }[] = [
    {
      name: 'a pre-shared key',
      its: (who) => ['-k', psk.key, ...(who === 'client' ? ['-u', psk.identity] : [])],
      server: pskOnly,
      client: pskOf,
    },
    {
      name: 'certificates',
      its: (who) => [
        '-c',
        certification[who].certificateFile,
        '-j',
        certification[who].keyFile,
        '-C',
        certification.authorityFile,
        '-R',
        certification.authorityFile,
      ],
      server: () => trusting(certification.server, certification.trust),
      client: () => ({ credential: certification.client.certificate, trust: certification.trust }),
    },
    {
      name: 'raw public keys',
      only: 'gnutls',
      its: (who) => ['-M', certification[who].keyFile],
      server: () => trusting(certification.server, trustIn(certification.client)),
      client: () => ({
        credential: certification.client.rawPublicKey,
        trust: trustIn(certification.server),
      }),
    },
  ];

  for (const library of libraries) {
    describe(`coap-client-${library} at our server`, { concurrency }, () => {
      for (const { name, only, its, server: credentials } of modes) {
        if (only !== undefined && only !== library) continue;
        it(`asks and is answered, with ${name}`, async () => {
          await using server = await openServer(credentials());
          const { stdout, responses } = await coapsClient(library, ...its('client'), server.uri('a/b'));
          assert.deepEqual(
            responses.map(({ code }) => code),
            ['2.05'],
            stdout,
          );
          assert.match(stdout, /heard a\/b/);
        });
      }

      it('registers under the name of its identity, in blocks (R-730)', async () => {
        await using server = await LwM2mServer.open({
          listen: [dtls({ port: 0, address: '127.0.0.1', credentials: pskOnly() })],
        });
        const links = join(folder.path, `links-${library}`);
        const instances = Array.from({ length: 60 }, (_unused, index) => `</3303/${index}>`);
        writeFileSync(links, ['</1/0>', '</3/0>', ...instances].join(','));
        const register = (endpoint: string): ReturnType<typeof coapsClient> => {
          const post = ['-m', 'post', '-t', '40', '-b', '64', '-f', links];
          const uri = `${server.local[0]?.uri}/rd?ep=${endpoint}&lt=60&lwm2m=1.0`;
          return coapsClient(library, '-u', psk.identity, '-k', psk.key, ...post, uri);
        };
        assert.equal((await register(psk.identity)).responses.at(-1)?.code, '2.01');
        const registration = await server.device(psk.identity).registration();
        assert.equal(registration?.objects.get(3303)?.instances.length, 60);
        assert.deepEqual(registration.peer.security, { kind: 'psk', identity: psk.identity });
        assert.equal((await register('another')).responses.at(-1)?.code, '4.00');
      });

      it('sends and gets long bodies block-wise', async () => {
        await using server = await openServer(pskOnly());
        const key = ['-u', psk.identity, '-k', psk.key, '-b', '256'];
        const file = join(folder.path, 'long');
        const put = ['-m', 'put', '-t', '0', '-f', file];
        const { responses } = await coapsClient(library, ...key, ...put, server.uri('kept'));
        assert.equal(responses.at(-1)?.code, '2.04');
        const output = join(folder.path, `got-${library}`);
        await coapsClient(library, ...key, '-o', output, server.uri('kept'));
        assert.equal(readFileSync(output, 'utf8'), long);
      });

      it('gets through where three of ten datagrams are lost', async () => {
        await using server = await openServer(pskOnly());
        await using relay = await UdpRelay.open(server.port, losesThirtyPercent);
        const key = ['-u', psk.identity, '-k', psk.key, '-b', '256'];
        const file = join(folder.path, 'short');
        const put = ['-m', 'put', '-t', '0', '-f', file];
        const uri = `coaps://127.0.0.1:${relay.port}/kept`;
        const { stdout, responses } = await coapsClient(library, ...key, ...put, uri);
        assert.equal(responses.at(-1)?.code, '2.04', stdout);
        assert.equal(server.kept(), short);
      });

      it('is told the same of an unknown identity and of a wrong key (checklist 25)', async () => {
        const attempt = async (identity: string, key: string): Promise<readonly unknown[]> => {
          await using server = await openServer(pskOnly());
          await using relay = await UdpRelay.open(server.port);
          const uri = `coaps://127.0.0.1:${relay.port}/a`;
          const { stdout, responses } = await coapsClient(library, '-u', identity, '-k', key, uri);
          assert.deepEqual(responses, []);
          const { detail, alert, reason } = await server.log.waitFor('failed');
          assert.deepEqual(server.log.ofKind('established'), []);
          const warnings = [...stdout.matchAll(/(?:WARN|ERR ).*?(?:DTLS: |$)(.*)$/gm)].map(
            ([, said]) => said,
          );
          // Each once: a client that is not told at once repeats itself, and is answered again.
          const lengths = new Set(relay.lengths.toClient);
          return [warnings, detail, alert, reason, lengths];
        };
        const wrongKey = await attempt(psk.identity, 'another');
        assert.deepEqual(await attempt('dev2', psk.key), wrongKey);
        assert.match(String(wrongKey[0]), /decrypt error/i);
      });
    });

    describe(`our client at coap-server-${library}`, { concurrency }, () => {
      for (const { name, only, its, client: credential } of modes) {
        if (only !== undefined && only !== library) continue;
        it(`asks and is answered, with ${name}`, async () => {
          await using server = await serve(library, ...its('server'));
          await using client = await openClient(credential());
          const peer = await client.shell.resolve('localhost', server.port);
          assert.equal((await client.get(peer, 'time')).code, ResponseCode.content);
        });
      }

      it('sends and gets long bodies block-wise, and observes', async () => {
        await using server = await serve(library, '-k', psk.key);
        await using client = await openClient(pskOf());
        const peer = await client.shell.resolve('127.0.0.1', server.port);
        assert.equal((await client.put(peer, 'example_data', long)).code, ResponseCode.created);
        const { payload } = await client.get(peer, 'example_data');
        assert.equal(new TextDecoder().decode(payload), long);
        const request = { method: Method.get, uriPath: ['time'] } as const;
        const notifications = await client.role.observe(client.shell, peer, request, 2);
        assert.ok(notifications.every(({ code }) => code === ResponseCode.content));
      });

      it('gets through where three of ten datagrams are lost', async () => {
        await using server = await serve(library, '-k', psk.key);
        await using relay = await UdpRelay.open(server.port, losesThirtyPercent);
        {
          await using writer = await openClient(pskOf());
          const near = await writer.shell.resolve('127.0.0.1', server.port);
          await writer.put(near, 'example_data', short);
        }
        const flight = { initialTimeout: milliseconds(300) };
        await using client = await openClient(pskOf(), { flight }, milliseconds(500));
        const peer = await client.shell.resolve('127.0.0.1', relay.port);
        const { payload } = await client.get(peer, 'example_data');
        assert.equal(new TextDecoder().decode(payload), short);
        assert.ok(relay.lengths.toClient.length >= 8);
      });

      it('comes back after it has disconnected', async () => {
        await using server = await serve(library, '-k', psk.key);
        await using client = await openClient(pskOf());
        for (let turn = 0; turn < 3; turn += 1) {
          const peer = await client.shell.resolve('127.0.0.1', server.port);
          assert.equal((await client.get(peer, 'time')).code, ResponseCode.content);
          client.shell.disconnect?.(peer);
        }
        assert.equal(client.log.ofKind('established').length, 3);
      });

      it('fails within its bounds when its key is wrong', async () => {
        await using server = await serve(library, '-k', psk.key);
        const flight = { initialTimeout: milliseconds(100), maxRetransmissions: 3 };
        await using client = await openClient(pskOf(psk.identity, 'another'), { flight });
        await assert.rejects(client.shell.resolve('127.0.0.1', server.port), /no DTLS association/);
        assert.deepEqual(client.log.ofKind('established'), []);
      });
    });
  }
});

/** What belongs to an open binding in these tests. */
interface Opened extends AsyncDisposable {
  readonly log: DiagnosticLog;
}

/** Our server: it keeps what is PUT, gives it back at `/kept`, and tells elsewhere what was asked for. */
async function openServer(credentials: DtlsCredentials): Promise<
  Opened & {
    readonly port: number;
    readonly uri: (path: string) => string;
    readonly kept: () => string;
  }
> {
  let kept = new Uint8Array();
  const role = new CoapRole(({ method, uriPath, payload }) => {
    const path = uriPath.join('/');
    if (method === Method.put) {
      kept = payload.slice();
      return { code: ResponseCode.changed };
    }
    return { code: ResponseCode.content, payload: path === 'kept' ? kept : utf8Encode(`heard ${path}`) };
  });
  const log = new DiagnosticLog();
  const binding = dtls({ port: 0, address: '127.0.0.1', credentials, onDiagnostic: log.add });
  const shell = await binding.open(role);
  const { port } = shell.local;
  return {
    log,
    port,
    uri: (path) => `coaps://localhost:${port}/${path}`,
    kept: () => new TextDecoder().decode(kept),
    [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
  };
}

type Answer = ReturnType<CoapRole['ask']>;

/**
 * Our client. It sends no request twice unless told to, however busy the machine is: libcoap’s server takes the last
 * block of a body, sent again, for another body.
 */
async function openClient(
  credential: ClientCredential,
  protocol: NonNullable<Parameters<typeof dtlsClient>[0]['protocol']> = {},
  ackTimeout = milliseconds(20_000),
): Promise<
  Opened & {
    readonly shell: Shell;
    readonly role: CoapRole;
    readonly get: (peer: Peer, path: string) => Answer;
    readonly put: (peer: Peer, path: string, text: string) => Answer;
  }
> {
  const role = new CoapRole(() => ({ code: ResponseCode.notFound }), ackTimeout);
  const log = new DiagnosticLog();
  const credentialFor = (): ClientCredential => credential;
  const binding = dtlsClient({
    port: 0,
    address: '127.0.0.1',
    credentialFor,
    protocol,
    onDiagnostic: log.add,
  });
  const shell = await binding.open(role);
  return {
    log,
    shell,
    role,
    get: (peer, path) =>
      role.ask(shell, peer, { method: Method.get, uriPath: [path] }, { preferredBlockSize: 256 }),
    put: (peer, path, text) => {
      const request = { method: Method.put, uriPath: [path], contentFormat: 0, payload: utf8Encode(text) };
      return role.ask(shell, peer, request, { preferredBlockSize: 256 });
    },
    [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose](),
  };
}

/** Starts its server and gives the port on which it speaks DTLS, the one behind that without. */
async function serve(
  library: TlsLibrary,
  ...args: readonly string[]
): Promise<Program & { readonly port: number }> {
  const port = await freePort(2);
  const listen = ['-A', '127.0.0.1', '-p', String(port), '-v', '7'];
  const program = new Program([`coap-server-${library}`, ...listen, ...args]);
  await program.waitFor(/created DTLS endpoint/);
  return Object.assign(program, { port: port + 1 });
}

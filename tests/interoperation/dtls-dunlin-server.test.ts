// Other people’s clients against `dunlin server`: credentials by command, CoAP over DTLS, registrations over HTTP.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { utf8Encode } from '@dunlin/base';
import { ContentFormat, encodeMessage, MessageType, Method, requestOptions } from '@dunlin/coap';

import { coapsClient, type TlsLibrary } from '../support/coap-client.ts';
import { type Certification, certify, psk } from '../support/dtls-keys.ts';
import { DunlinServer, TemporaryFolder } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import { dunlin, Program } from '../support/program.ts';

const skip = skipWithout('coap-client-openssl', 'coap-client-gnutls', 'gnutls-cli', 'openssl');

const objects = '</1/0>,</3/0>';
const gnutls = 'NONE:+VERS-DTLS1.2:+COMP-NULL:+SIGN-ALL:+GROUP-ALL:+AES-128-CCM-8:+AEAD';

/** Tries an identity with its key or another, and gives what the client shows of the failure. */
type Attempt = (identity: string, isRight: boolean) => Promise<unknown>;

describe('dunlin server and clients of others', { skip }, () => {
  let folder: TemporaryFolder;
  let data: TemporaryFolder;
  let certification: Certification;
  let server: DunlinServer;
  let port: string;

  before(async () => {
    folder = new TemporaryFolder();
    data = new TemporaryFolder();
    certification = await certify(folder.path);
    const { keyFile, certificateFile } = certification.server;
    const identity = ['--server-key', keyFile, '--server-certificate', certificateFile];
    server = await DunlinServer.start(data.path, {}, dunlin('server', ...identity));
    port = String(server.ports.coaps);
  });

  after(async () => {
    await server?.[Symbol.asyncDispose]();
    data[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  const provide = async (...args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await server.command('credentials', 'add', ...args);
    assert.equal(exitCode, 0, stderr);
  };

  /** How the device of that name is registered. */
  const securityOf = async (endpoint: string): Promise<string | undefined> => {
    const answer = await server.get(`/api/v1/devices/${encodeURIComponent(endpoint)}`);
    return ((await answer.json()) as { readonly security?: string }).security;
  };

  for (const library of ['openssl', 'gnutls'] as const) {
    it(`register with libcoap over ${library} and a pre-shared key`, async () => {
      const endpoint = `lamp-${library}`;
      await provide(endpoint, '--psk-identity', `${psk.identity}-${library}`, '--psk-key', psk.hex);
      const key = ['-u', `${psk.identity}-${library}`, '-k', psk.key];
      const post = ['-m', 'post', '-t', '40', '-e', objects];
      const uri = `${server.coaps}/rd?ep=${endpoint}&lt=60&lwm2m=1.0`;
      const { responses, stdout } = await coapsClient(library, ...key, ...post, uri);
      assert.deepEqual(
        responses.map(({ code }) => code),
        ['2.01'],
        stdout,
      );
      assert.equal(await securityOf(endpoint), 'psk');
    });
  }

  it('register through GnuTLS with a raw public key', async () => {
    const { keyFile, publicKeyFile } = certification.client;
    await provide('meter', '--public-key', publicKeyFile);
    const key = ['--rawpkkeyfile', keyFile, '--rawpkfile', publicKeyFile, '--no-ca-verification'];
    const suite = ['--priority', `${gnutls}:+ECDHE-ECDSA:+CTYPE-RAWPK`];
    await using client = new Program(['gnutls-cli', '--udp', '--port', port, ...key, ...suite, 'localhost']);
    client.send(register('meter'));
    await client.waitFor(created);
    assert.match(client.stdout, /\(DTLS1\.2-Raw Public Key\)-\(ECDHE-SECP256R1\).*AES-128-CCM-8/);
    assert.equal(await securityOf('meter'), 'raw-public-key');
  });

  it('register through OpenSSL with a certificate', async () => {
    const endpoint = 'urn:dev:ops:dev1';
    const { authorityFile, client: own } = certification;
    await provide(endpoint, '--trust', authorityFile);
    const where = ['-dtls1_2', '-connect', `127.0.0.1:${port}`];
    const trust = ['-CAfile', authorityFile, '-verify_return_error', '-verify_hostname', 'localhost'];
    const key = ['-cert', own.certificateFile, '-key', own.keyFile];
    const suite = ['-cipher', 'ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0'];
    await using client = new Program(['openssl', 's_client', ...where, ...trust, ...key, ...suite]);
    client.send(register(endpoint));
    await client.waitFor(created);
    assert.match(client.stdout, /Verified peername: localhost/);
    assert.equal(await securityOf(endpoint), 'certificate');
  });

  it('register without extended_master_secret only where that is optional (RFC 7627 §5.3)', async () => {
    using other = new TemporaryFolder();
    const optional = dunlin('server', '--extended-master-secret', 'optional');
    await using lenient = await DunlinServer.start(other.path, {}, optional);
    const old = ['--priority', `${gnutls}:+PSK:%NO_SESSION_HASH`];
    const key = ['--pskusername', 'old', '--pskkey', psk.hex];
    const attempt = (at: number): Program =>
      new Program(['gnutls-cli', '--udp', '--port', String(at), ...key, ...old, 'localhost']);
    for (const each of [server, lenient]) {
      const added = await each.command('credentials', 'add', 'old', '--psk-key', psk.hex);
      assert.equal(added.exitCode, 0, added.stderr);
    }
    await using refused = attempt(server.ports.coaps);
    assert.match((await refused.ended()).stdout, /Received alert \[40\]: Handshake failed/);
    await using taken = attempt(lenient.ports.coaps);
    taken.send(register('old'));
    await taken.waitFor(created);
  });

  it('cannot tell an unknown identity from a wrong key (checklist 25)', async () => {
    await provide('kettle', '--psk-identity', 'kettle', '--psk-key', psk.hex);
    const otherHex = '00112233445566778899';
    const attempts: Readonly<Record<string, Attempt>> = {
      'libcoap over OpenSSL': (identity, isRight) => failure('openssl', identity, isRight),
      'libcoap over GnuTLS': (identity, isRight) => failure('gnutls', identity, isRight),
      OpenSSL: async (identity, isRight) => {
        const key = ['-psk_identity', identity, '-psk', isRight ? psk.hex : otherHex];
        const cipher = ['-cipher', 'PSK-AES128-CCM8:@SECLEVEL=0'];
        const where = ['-dtls1_2', '-connect', `127.0.0.1:${port}`];
        await using client = new Program(['openssl', 's_client', ...where, ...key, ...cipher]);
        const { stderr, exitCode } = await client.ended();
        return [stderr.match(/alert .*/g), exitCode];
      },
      GnuTLS: async (identity, isRight) => {
        const key = ['--pskusername', identity, '--pskkey', isRight ? psk.hex : otherHex];
        const suite = ['--priority', `${gnutls}:+PSK`];
        await using client = new Program([
          'gnutls-cli',
          '--udp',
          '--port',
          port,
          ...key,
          ...suite,
          'localhost',
        ]);
        const { stdout, exitCode } = await client.ended();
        return [stdout.match(/Received alert .*/g), exitCode];
      },
    };
    const compare = async ([name, attempt]: readonly [string, Attempt]): Promise<void> => {
      const wrongKey = await attempt('kettle', false);
      assert.match(JSON.stringify(wrongKey), /decrypt error/i, name);
      assert.deepEqual(await attempt('nobody', true), wrongKey, name);
    };
    await Promise.all(Object.entries(attempts).map(compare));
  });

  async function failure(library: TlsLibrary, identity: string, isRight: boolean): Promise<unknown> {
    const key = ['-u', identity, '-k', isRight ? psk.key : 'another'];
    const { stdout, responses } = await coapsClient(library, ...key, `${server.coaps}/.well-known/core`);
    return [stdout.match(/(?<=WARN.*DTLS: ).*/g), responses];
  }
});

/** A Register as one datagram, message id MM and token t. */
function register(endpoint: string): Uint8Array {
  return encodeMessage({
    type: MessageType.confirmable,
    code: Method.post,
    messageId: 0x4d4d,
    token: utf8Encode('t'),
    options: requestOptions({
      method: Method.post,
      uriPath: ['rd'],
      uriQuery: [`ep=${endpoint}`, 'lt=60', 'lwm2m=1.0'],
      contentFormat: ContentFormat.linkFormat,
    }),
    payload: utf8Encode(objects),
  });
}

/** Its acknowledgement with 2.01 (in this order: version, type, token length; code; id; token), and where it is. */
const created = /aAMMt.rd/s;

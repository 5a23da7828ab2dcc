// HTTP over TLS, as browsers and programs find it, and the change of its certificate.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TLSSocket } from 'node:tls';

import { DunlinServer, TemporaryFolder, testAdministrator, testToken } from '../support/dunlin-server.ts';
import { skipWithout } from '../support/peer-program.ts';
import { dunlin, Program, run } from '../support/program.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The common name of the server's certificate. */
  readonly server: string | string[] | undefined;
}

/** Asks without keeping the connection, so that each answer is by the certificate of its time. */
function ask(
  url: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let server: Answer['server'];
    const asked = secureRequest(
      url,
      { method, headers, agent: false, rejectUnauthorized: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, server }),
        );
      },
    );
    asked.on('socket', (socket) =>
      socket.on('secureConnect', () => {
        if (socket instanceof TLSSocket) server = socket.getPeerCertificate().subject.CN;
      }),
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Makes a certificate and its key, in place of those that are there, and gives the flags for it. */
async function makeCertificate(
  folder: string,
  name: string,
  owner: 'http' | 'server' | 'bootstrap' = 'http',
): Promise<readonly string[]> {
  const [key, cert] = [join(folder, `${owner}.key`), join(folder, `${owner}.crt`)];
  const request = 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(
    ' ',
  );
  const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = await run([...request, ...names, '-keyout', `${key}.new`, '-out', `${cert}.new`]);
  assert.equal(made.exitCode, 0, made.stderr);
  renameSync(`${key}.new`, key);
  renameSync(`${cert}.new`, cert);
  return [`--${owner}-certificate`, cert, `--${owner}-key`, key];
}

/** The common name of the certificate that somebody without one is shown, who is turned away after that. */
async function shownOverDtls(uri: string): Promise<string | undefined> {
  const place = new URL(uri.replace('coaps:', 'https:')).host;
  const suite = ['-cipher', 'ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0'];
  await using client = new Program(['openssl', 's_client', '-dtls1_2', '-connect', place, ...suite]);
  return /subject=CN ?= ?(.*)/.exec((await client.ended()).stdout)?.[1];
}

describe('HTTP over TLS', { skip: skipWithout('openssl') }, () => {
  it('is served by a certificate that may change, with cookies for it alone', async () => {
    using folder = new TemporaryFolder();
    using data = new TemporaryFolder();
    const flags = await makeCertificate(folder.path, 'first');
    await using server = await DunlinServer.start(data.path, {}, dunlin('server', ...flags));
    assert.match(server.http, /^https:/);
    const page = await ask(`${server.http}/healthz`);
    assert.deepEqual([page.status, page.server], [200, 'first']);
    assert.equal(page.headers['strict-transport-security'], 'max-age=31536000');

    const signedIn = await ask(`${server.http}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.http },
      body: JSON.stringify(testAdministrator),
    });
    assert.equal(signedIn.status, 200, signedIn.text);
    const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
    assert.match(cookie, /^__Host-dunlin-session=[\w-]{43}; Path=\/;/);
    assert.match(cookie, /; Secure$/);
    const [pair = ''] = cookie.split(';');
    const own = await ask(`${server.http}/api/v1/session`, { headers: { cookie: pair } });
    assert.equal(own.status, 200);
    const renamed = pair.replace('__Host-', '');
    const other = await ask(`${server.http}/api/v1/session`, { headers: { cookie: renamed } });
    assert.equal(other.status, 401, 'a cookie without the prefix could be from anywhere');

    const env = { DUNLIN_URL: server.http, DUNLIN_API_TOKEN: testToken };
    const trusting = { ...env, NODE_EXTRA_CA_CERTS: join(folder.path, 'http.crt') };
    assert.equal((await run(dunlin('devices'), { env: trusting })).exitCode, 0);
    assert.equal((await run(dunlin('devices'), { env })).exitCode, 6, 'commands trust not everybody');

    await makeCertificate(folder.path, 'second');
    await server.program.waitFor(/certificate of HTTP was read anew/);
    assert.equal((await ask(`${server.http}/healthz`)).server, 'second');
    writeFileSync(join(folder.path, 'http.crt'), 'no certificate');
    await server.program.waitFor(/the one before stays/);
    assert.equal((await ask(`${server.http}/healthz`)).server, 'second');
  });

  it('is renewed at once when SIGHUP asks, with those of devices, and stays what it was while the new one makes no sense', async () => {
    using folder = new TemporaryFolder();
    using data = new TemporaryFolder();
    const make = async (name: string): Promise<readonly string[]> => {
      const flags: string[] = [];
      for (const owner of ['http', 'server', 'bootstrap'] as const)
        flags.push(...(await makeCertificate(folder.path, `${owner} ${name}`, owner)));
      return flags;
    };
    const flags = [...(await make('first')), '--firmware-https', '127.0.0.1:0'];
    await using server = await DunlinServer.start(data.path, {}, dunlin('server', ...flags));
    const [, firmware = ''] = await server.program.waitFor(/Firmware\s+(https:\S+)/);
    const shown = async (): Promise<readonly unknown[]> => [
      (await ask(`${server.http}/healthz`)).server,
      (await ask(firmware)).server,
      await shownOverDtls(server.coaps),
      await shownOverDtls(server.bootstrapCoaps),
    ];
    const all = (name: string): readonly string[] =>
      ['http', 'server', 'server', 'bootstrap'].map((owner) => `${owner} ${name}`);
    assert.deepEqual(await shown(), all('first'));
    await using _device = await server.device('lamp');

    await make('second');
    server.program.signal('SIGHUP');
    for (const what of ['HTTP', 'the server', 'the Bootstrap-Server'])
      await server.program.waitFor(new RegExp(`the certificate of ${what} was read anew`));
    assert.deepEqual(await shown(), all('second'));
    const headers = { authorization: `Bearer ${testToken}` };
    const identity = await ask(`${server.http}/api/v1/server-identity`, { headers });
    assert.match(identity.text, /"subject":"CN=server second"/);

    for (const owner of ['http', 'server', 'bootstrap'])
      writeFileSync(join(folder.path, `${owner}.crt`), 'no certificate');
    server.program.signal('SIGHUP');
    for (const what of ['HTTP', 'the server', 'the Bootstrap-Server'])
      await server.program.waitFor(
        new RegExp(`the new certificate of ${what} cannot be used; the one before stays`),
      );
    assert.deepEqual(await shown(), all('second'));
    assert.equal((await server.program.stop()).exitCode, 0);
  });

  it('does not speak plain HTTP at the same port, and outlives who tries', async () => {
    using folder = new TemporaryFolder();
    using data = new TemporaryFolder();
    const flags = await makeCertificate(folder.path, 'only');
    await using server = await DunlinServer.start(data.path, {}, dunlin('server', ...flags));
    const { hostname, port } = new URL(server.http);
    await assert.rejects(
      new Promise((resolve, reject) => {
        plainRequest({ hostname, port, path: '/healthz' }, resolve).on('error', reject).end();
      }),
    );
    const garbage = connect(Number(port), hostname);
    garbage.on('error', () => undefined);
    garbage.end(Buffer.alloc(1000, 0xff));
    assert.equal((await ask(`${server.http}/healthz`)).status, 200);
    const { exitCode } = await server.program.stop();
    assert.equal(exitCode, 0);
  });

  it('needs a certificate and its key, and says what is wrong with them', async () => {
    using folder = new TemporaryFolder();
    const [certificateFlag = '', certificate = '', keyFlag = '', key = ''] = await makeCertificate(
      folder.path,
      'x',
    );
    const wrong = join(folder.path, 'wrong.pem');
    writeFileSync(wrong, 'nonsense');
    const addresses = ['--coap', '127.0.0.1:0', '--coaps', 'none', '--http', '127.0.0.1:0'];
    const bootstrap = ['--bootstrap-coap', 'none', '--bootstrap-coaps', 'none', '--data', folder.path];
    for (const [flags, exitCode, pattern] of [
      [[certificateFlag, certificate], 2, /http-certificate and http-key go together/],
      [[certificateFlag, certificate, keyFlag, wrong], 1, /http-key .*wrong\.pem cannot be used/],
      [[certificateFlag, join(folder.path, 'none.pem'), keyFlag, key], 1, /none\.pem: there is no such file/],
    ] as const) {
      const finished = await run(dunlin('server', ...addresses, ...bootstrap, ...flags));
      assert.equal(finished.exitCode, exitCode, finished.stderr);
      const last = finished.stderr.trim().split('\n').at(-1) ?? '';
      assert.match(last, pattern);
      assert.match(last, /^dunlin: /);
    }
  });
});

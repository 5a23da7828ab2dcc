// The downloader for firmware over HTTP and HTTPS, on real sockets of the loopback interface.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { milliseconds } from '@dunlin/base';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';
import { firmwareDownloader, type FirmwareDownloaderOptions } from '@dunlin/node';

import {
  authority,
  dnsName,
  extendedKeyUsage,
  issue,
  keyUsage,
  makeKeys,
  serverAuth,
  subjectAltName,
} from '../../../packages/dtls/test/support/certificate-authority.ts';
import { download, openDownload, packageOf, withResult } from '../../support/download.ts';
import { freeTcpPort } from '../../support/free-port.ts';
import { PackageServer } from '../../support/package-server.ts';

const { connectionLost, invalidUri, unsupportedPackageType, unsupportedProtocol } = FirmwareUpdateResult;

/** How long servers may be silent here: tests need not wait for long, and are not late themselves when the machine is busy. */
const silence = milliseconds(1000);

const impatient = (options: FirmwareDownloaderOptions = {}) =>
  firmwareDownloader({
    ...options,
    limits: { answerTimeout: silence, idleTimeout: silence, ...options.limits },
  });

const body = packageOf(300_000);

describe('a download over HTTP', () => {
  it('gives the package with its size and version, in pieces', async () => {
    await using server = await PackageServer.open(body);
    const { bytes, error, ...facts } = await download(firmwareDownloader(), server.uri('/fw?v=2'));
    assert.equal(error, undefined);
    assert.deepEqual(bytes, body);
    assert.deepEqual(facts, { offset: 0, size: 300_000, validator: '"v1"' });
    assert.deepEqual(server.requests, ['GET /fw?v=2']);
  });

  it('goes on where it was cut, by Range and If-Range (RFC 9110 §13.1.5)', async () => {
    await using server = await PackageServer.open(body);
    server.cutAfter = 100_000;
    const { chunks } = await openDownload(firmwareDownloader(), server.uri());
    let offset = 0;
    await assert.rejects(async () => {
      for await (const chunk of chunks) {
        assert.deepEqual(chunk, body.subarray(offset, offset + chunk.length));
        offset += chunk.length;
        if (offset === 100_000) server.cut();
      }
    }, withResult(connectionLost));
    assert.equal(offset, 100_000);
    const second = await download(firmwareDownloader(), server.uri(), { offset, validator: '"v1"' });
    assert.equal(second.error, undefined);
    assert.deepEqual([second.offset, second.size], [offset, 300_000]);
    assert.deepEqual(second.bytes, body.subarray(offset));
    assert.equal(server.requests.at(-1), `GET /fw bytes=${offset}- "v1"`);
  });

  it('begins anew when the package is another one by now', async () => {
    await using server = await PackageServer.open(body);
    server.etag = '"v2"';
    const { offset, bytes, validator } = await download(firmwareDownloader(), server.uri(), {
      offset: 5000,
      validator: '"v1"',
    });
    assert.deepEqual([offset, validator], [0, '"v2"']);
    assert.deepEqual(bytes, body);
  });

  it('needs nothing more when all of it is there (416)', async () => {
    await using server = await PackageServer.open(body);
    const { offset, bytes, error } = await download(firmwareDownloader(), server.uri(), {
      offset: body.length,
      validator: '"v1"',
    });
    assert.deepEqual([offset, bytes.length, error], [body.length, 0, undefined]);
  });

  it('goes by Last-Modified without a strong ETag', async () => {
    await using server = await PackageServer.open(body);
    server.etag = 'W/"weak"';
    server.lastModified = 'Wed, 01 Jan 2025 00:00:00 GMT';
    const first = await download(firmwareDownloader(), server.uri());
    assert.equal(first.validator, server.lastModified);
    const rest = { offset: 1000, validator: server.lastModified };
    assert.equal((await download(firmwareDownloader(), server.uri(), rest)).offset, 1000);
    server.etag = undefined;
    server.lastModified = undefined;
    assert.equal((await download(firmwareDownloader(), server.uri())).validator, undefined);
  });

  it('follows redirections, five at most, and not to where it does not go', async () => {
    await using server = await PackageServer.open(body);
    const locations: Record<string, string> = {
      '/moved': '/fw',
      '/around': '/around',
      '/elsewhere': 'coap://127.0.0.1/fw',
      '/nowhere': 'http://[',
    };
    server.answer = ({ url = '' }, response) => {
      const location = locations[url];
      if (location === undefined) return false;
      response.writeHead(302, { location }).end();
      return true;
    };
    assert.deepEqual((await download(firmwareDownloader(), server.uri('/moved'))).bytes, body);
    for (const path of ['/around', '/elsewhere', '/nowhere']) {
      await assert.rejects(
        openDownload(firmwareDownloader(), server.uri(path)),
        withResult(invalidUri),
        path,
      );
    }
    assert.equal(server.requests.filter((line) => line === 'GET /around').length, 6);
  });

  const answers: readonly (readonly [status: number, result: number])[] = [
    [400, invalidUri],
    [401, invalidUri],
    [403, invalidUri],
    [404, invalidUri],
    [410, invalidUri],
    [204, invalidUri],
    [304, invalidUri],
    [408, connectionLost],
    [416, connectionLost],
    [429, connectionLost],
    [500, connectionLost],
    [503, connectionLost],
  ];
  for (const [status, result] of answers) {
    it(`takes the answer ${status} for Result ${result}`, async () => {
      await using server = await PackageServer.open(body);
      server.answer = (_, response) => {
        response.writeHead(status).end();
        return true;
      };
      await assert.rejects(openDownload(firmwareDownloader(), server.uri()), withResult(result));
    });
  }

  it('does not believe a range that was not asked for', async () => {
    await using server = await PackageServer.open(body);
    for (const range of ['bytes 0-9/300000', 'bytes */300000', 'nothing', '']) {
      server.answer = (_, response) => {
        response.writeHead(206, { 'content-range': range }).end('x');
        return true;
      };
      const rest = { offset: 1000, validator: '"v1"' };
      await assert.rejects(
        openDownload(firmwareDownloader(), server.uri(), rest),
        withResult(connectionLost),
      );
    }
  });

  it('refuses a package that comes compressed', async () => {
    await using server = await PackageServer.open(body);
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
      return true;
    };
    await assert.rejects(
      openDownload(firmwareDownloader(), server.uri()),
      withResult(unsupportedPackageType),
    );
  });

  it('gives up on a server that does not answer, or falls silent', async () => {
    await using server = await PackageServer.open(body);
    server.answer = () => true;
    await assert.rejects(openDownload(impatient(), server.uri()), withResult(connectionLost));
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('only so much');
      return true;
    };
    const { bytes, error } = await download(impatient(), server.uri());
    assert.equal(bytes.length, 12);
    assert.ok(withResult(connectionLost)(error));
  });

  it('is patient with a device that takes its time for each piece', async () => {
    await using server = await PackageServer.open(packageOf(1_000_000));
    const { chunks } = await openDownload(impatient(), server.uri());
    let received = 0;
    for await (const chunk of chunks) {
      if (received === 0) await delay(silence * 1.5);
      received += chunk.length;
    }
    assert.equal(received, 1_000_000);
  });

  it('ends at once when the device wants it no more', async () => {
    await using server = await PackageServer.open(body);
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('x');
      return true;
    };
    const task = new AbortController();
    const { chunks } = await openDownload(firmwareDownloader(), server.uri(), { signal: task.signal });
    const reading = (async () => {
      for await (const chunk of chunks) assert.equal(chunk.length, 1);
    })();
    task.abort(new Error('reset'));
    await assert.rejects(reading, /reset/);
    await assert.rejects(openDownload(firmwareDownloader(), server.uri(), { signal: task.signal }), /reset/);
  });

  it('takes what is no server, and no name, for what they are', async () => {
    const downloader = impatient();
    await assert.rejects(
      openDownload(downloader, `http://127.0.0.1:${await freeTcpPort()}/`),
      withResult(connectionLost),
    );
    await assert.rejects(openDownload(downloader, 'http://name.invalid/'), withResult(invalidUri));
  });
});

describe('a URI that leads nowhere', () => {
  const uris: readonly (readonly [uri: string, result: number])[] = [
    ['', invalidUri],
    ['firmware', invalidUri],
    ['http://', invalidUri],
    ['http://[/', invalidUri],
    ['coap:///fw', invalidUri],
    ['coap://127.0.0.1/%zz', invalidUri],
    ['coap://127.0.0.1/#fw', invalidUri],
    [`coap://127.0.0.1/${'x'.repeat(256)}`, invalidUri],
    ['ftp://127.0.0.1/fw', unsupportedProtocol],
    ['coap+tcp://127.0.0.1/fw', unsupportedProtocol],
    ['file:///etc/passwd', unsupportedProtocol],
    ['javascript:alert(1)', unsupportedProtocol],
    ['coaps://127.0.0.1/fw', unsupportedProtocol],
  ];
  for (const [uri, result] of uris) {
    it(`is Result ${result}: ${uri.slice(0, 40)}`, async () => {
      await assert.rejects(openDownload(firmwareDownloader(), uri), withResult(result));
    });
  }

  it('is of a protocol that this device does not use', async () => {
    const downloader = firmwareDownloader({ protocols: [0] });
    assert.deepEqual(downloader.protocols, [0]);
    await assert.rejects(openDownload(downloader, 'http://127.0.0.1/'), withResult(unsupportedProtocol));
    assert.deepEqual(firmwareDownloader().protocols, [0, 2, 3]);
  });
});

describe('a download over HTTPS', () => {
  const root = authority('Root');
  const keys = makeKeys();
  const { certificate } = issue(
    {
      subject: 'server',
      keys,
      extensions: [keyUsage(0), extendedKeyUsage(serverAuth), subjectAltName(dnsName('localhost'))],
    },
    root,
  );
  const pem = (der: Uint8Array): string =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
  const tls = {
    key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }),
    cert: pem(certificate),
  };
  const trusting = firmwareDownloader({ tls: { ca: pem(root.certificate) } });

  it('gives the package of a server that the device trusts', async () => {
    await using server = await PackageServer.open(body, tls);
    const { bytes, error } = await download(trusting, server.uri('/fw', 'localhost'));
    assert.equal(error, undefined);
    assert.deepEqual(bytes, body);
  });

  it('refuses a server that nobody vouches for, or by another name', async () => {
    await using server = await PackageServer.open(body, tls);
    const uri = server.uri('/fw', 'localhost');
    await assert.rejects(openDownload(firmwareDownloader(), uri), withResult(invalidUri));
    await assert.rejects(openDownload(trusting, server.uri('/fw', '127.0.0.1')), withResult(invalidUri));
    assert.deepEqual(server.requests, []);
  });

  it('is not led away from it to HTTP', async () => {
    await using plain = await PackageServer.open(body);
    await using server = await PackageServer.open(body, tls);
    server.answer = (_, response) => {
      response.writeHead(307, { location: plain.uri() }).end();
      return true;
    };
    await assert.rejects(openDownload(trusting, server.uri('/fw', 'localhost')), withResult(invalidUri));
    assert.deepEqual(plain.requests, []);
  });
});

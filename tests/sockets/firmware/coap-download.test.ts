// The downloader for firmware over CoAP and CoAPs, from our own CoAP server on the loopback interface.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, milliseconds, Secret, utf8Encode } from '@dunlin/base';
import { type Response, ResponseCode } from '@dunlin/coap';
import type { SecureCredential } from '@dunlin/client';
import { FirmwareUpdateResult } from '@dunlin/lwm2m';
import { dtls, firmwareDownloader, type FirmwareDownloaderOptions, udp } from '@dunlin/node';

import { CoapPackageServer } from '../../support/coap-package-server.ts';
import { download, openDownload, packageOf, withResult } from '../../support/download.ts';
import { psk, pskOnly } from '../../support/dtls-keys.ts';
import { UdpRelay } from '../../support/udp-relay.ts';

const { connectionLost, invalidUri } = FirmwareUpdateResult;

/** Gives up soon, so that tests need not wait. */
const impatient = (options: FirmwareDownloaderOptions = {}) =>
  firmwareDownloader({
    ...options,
    coap: { transmission: { ackTimeout: milliseconds(100), maxRetransmit: 1 } },
  });

const body = packageOf(20_000);
const v1 = hexEncode(utf8Encode('v1'));

describe('a download over CoAP', () => {
  it('gives the package with its size and version, block by block', async () => {
    await using server = await CoapPackageServer.open(body);
    const { bytes, error, ...facts } = await download(firmwareDownloader(), `${server.uri}?v=2&x`);
    assert.equal(error, undefined);
    assert.deepEqual(bytes, body);
    assert.deepEqual(facts, { offset: 0, size: 20_000, validator: v1 });
    assert.equal(server.requests[0], 'GET /fw?v=2&x');
  });

  for (const length of [0, 1, 16, 1023, 1024, 1025, 2048, 3000]) {
    it(`ends where the package does: ${length} bytes`, async () => {
      await using server = await CoapPackageServer.open(packageOf(length));
      const { bytes, error } = await download(firmwareDownloader(), server.uri);
      assert.equal(error, undefined);
      assert.deepEqual(bytes, packageOf(length));
    });
  }

  it('reaches an address of IPv6', async () => {
    await using server = await CoapPackageServer.open(body, udp({ address: '::1', port: 0 }));
    const { bytes, error } = await download(firmwareDownloader(), `coap://[::1]:${server.port}/fw`);
    assert.equal(error, undefined);
    assert.deepEqual(bytes, body);
  });

  it('asks for smaller blocks, and takes smaller ones than it asked for', async () => {
    await using server = await CoapPackageServer.open(body);
    const small = firmwareDownloader({ limits: { blockSize: 64 } });
    assert.deepEqual((await download(small, server.uri)).bytes, body);
    // A server whose blocks have 256 bytes, whatever it is asked for.
    server.answer = ({ askedSlice = { offset: 0, length: 256 } }): Response => {
      const { offset } = askedSlice;
      return {
        code: ResponseCode.content,
        etag: utf8Encode('v1'),
        payload: body.subarray(offset, offset + 256),
        bodySlice: { offset, total: body.length },
      };
    };
    assert.deepEqual((await download(firmwareDownloader(), server.uri)).bytes, body);
  });

  for (const offset of [1, 500, 1024, 1500, 19_456, 19_999]) {
    it(`goes on where it was cut, at byte ${offset}`, async () => {
      await using server = await CoapPackageServer.open(body);
      const rest = await download(firmwareDownloader(), server.uri, { offset, validator: v1 });
      assert.equal(rest.error, undefined);
      assert.deepEqual([rest.offset, rest.size === undefined || rest.size === 20_000], [offset, true]);
      assert.deepEqual(rest.bytes, body.subarray(offset));
    });
  }

  it('needs nothing more when all of it is there', async () => {
    for (const length of [1000, 1024, 2048, 2500]) {
      await using server = await CoapPackageServer.open(packageOf(length));
      const rest = await download(firmwareDownloader(), server.uri, { offset: length, validator: v1 });
      assert.deepEqual([rest.offset, rest.bytes.length, rest.error], [length, 0, undefined]);
    }
  });

  it('begins anew when the package is another one by now, or says nothing of its version', async () => {
    await using server = await CoapPackageServer.open(body);
    const rest = { offset: 2048, validator: v1 };
    for (const [etag, length] of [
      ['v2', 20_000],
      ['v2', 100],
      ['v1', 1000],
      [undefined, 20_000],
    ] as const) {
      server.etag = etag;
      server.body = packageOf(length);
      const anew = await download(firmwareDownloader(), server.uri, rest);
      assert.equal(anew.offset, 0);
      assert.deepEqual(anew.bytes, packageOf(length));
    }
  });

  it('breaks off when the package becomes another one meanwhile', async () => {
    await using server = await CoapPackageServer.open(body);
    // A server that keeps nothing of a transfer shows the new package in the next block.
    server.answer = ({ askedSlice = { offset: 0, length: 1024 } }): Response => {
      const { offset } = askedSlice;
      return {
        code: ResponseCode.content,
        etag: utf8Encode(offset < 4096 ? 'v1' : 'v2'),
        payload: body.subarray(offset, offset + 1024),
        bodySlice: { offset, total: body.length },
      };
    };
    const { bytes, error } = await download(impatient(), server.uri);
    assert.equal(bytes.length, 4096);
    assert.ok(withResult(connectionLost)(error));
  });

  it('is cut when nothing comes any more, and goes on later', async () => {
    await using server = await CoapPackageServer.open(body);
    let isCut = false;
    await using relay = await UdpRelay.open(server.port, () => !isCut);
    const uri = `coap://127.0.0.1:${relay.port}/fw`;
    const { chunks, validator = '' } = await openDownload(impatient(), uri);
    let offset = 0;
    await assert.rejects(async () => {
      for await (const chunk of chunks) {
        offset += chunk.length;
        isCut = offset >= 8192;
      }
    }, withResult(connectionLost));
    assert.equal(offset, 8192);
    await assert.rejects(openDownload(impatient(), uri, { offset, validator }), withResult(connectionLost));
    isCut = false;
    const rest = await download(impatient(), uri, { offset, validator });
    assert.deepEqual([rest.offset, rest.error], [8192, undefined]);
    assert.deepEqual(rest.bytes, body.subarray(8192));
  });

  const answers: readonly (readonly [code: ResponseCode, result: number])[] = [
    [ResponseCode.badRequest, invalidUri],
    [ResponseCode.unauthorized, invalidUri],
    [ResponseCode.notFound, invalidUri],
    [ResponseCode.methodNotAllowed, invalidUri],
    [ResponseCode.changed, invalidUri],
    [ResponseCode.requestEntityIncomplete, connectionLost],
    [ResponseCode.tooManyRequests, connectionLost],
    [ResponseCode.internalServerError, connectionLost],
    [ResponseCode.serviceUnavailable, connectionLost],
  ];
  for (const [code, result] of answers) {
    it(`takes the answer ${code >> 5}.0${code & 31} for Result ${result}`, async () => {
      await using server = await CoapPackageServer.open(body);
      server.answer = () => ({ code });
      await assert.rejects(openDownload(firmwareDownloader(), server.uri), withResult(result));
    });
  }

  it('ends at once when the device wants it no more, and leaves nothing behind', async () => {
    await using server = await CoapPackageServer.open(body);
    const task = new AbortController();
    const { chunks } = await openDownload(firmwareDownloader(), server.uri, { signal: task.signal });
    await assert.rejects(async () => {
      for await (const chunk of chunks) {
        assert.equal(chunk.length, 1024);
        task.abort(new Error('reset'));
      }
    }, /reset/);
    await assert.rejects(openDownload(firmwareDownloader(), server.uri, { signal: task.signal }), /reset/);
  });

  it('takes a name that there is not for an invalid URI, and silence for a lost connection', async () => {
    await assert.rejects(openDownload(impatient(), 'coap://name.invalid/fw'), withResult(invalidUri));
    await using relay = await UdpRelay.open(1, () => false);
    const uri = `coap://127.0.0.1:${relay.port}/fw`;
    await assert.rejects(openDownload(impatient(), uri), withResult(connectionLost));
  });
});

describe('a download over CoAPs', () => {
  const credential = (key: string): SecureCredential => ({
    kind: 'psk',
    identity: psk.identity,
    key: new Secret(utf8Encode(key)),
  });
  const secure = () => dtls({ address: '127.0.0.1', port: 0, credentials: pskOnly() });

  it('proves itself with the credential for the Server that wrote the URI', async () => {
    await using server = await CoapPackageServer.open(body, secure());
    const asked: number[] = [];
    const downloader = firmwareDownloader({
      credentialOf: (shortServerId) => {
        asked.push(shortServerId);
        return credential(psk.key);
      },
    });
    assert.deepEqual(downloader.protocols, [0, 1, 2, 3]);
    const { bytes, error } = await download(downloader, server.uri, { shortServerId: 101 });
    assert.equal(error, undefined);
    assert.deepEqual(bytes, body);
    assert.deepEqual(asked, [101]);
    const rest = { offset: 4096, validator: v1, shortServerId: 101 };
    assert.deepEqual((await download(downloader, server.uri, rest)).bytes, body.subarray(4096));
  });

  it('gets nothing where it is not known, which may change, or when nobody says which Server it is of', async () => {
    await using server = await CoapPackageServer.open(body, secure());
    const wrong = firmwareDownloader({ credentialOf: () => credential('another key') });
    await assert.rejects(openDownload(wrong, server.uri, { shortServerId: 101 }), withResult(connectionLost));
    await assert.rejects(openDownload(wrong, server.uri), withResult(invalidUri));
    assert.deepEqual(server.requests, []);
  });
});

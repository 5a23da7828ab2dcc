// Requests over real connections that come slowly, or not whole.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { administratorToken } from '../../apps/dunlin/test/support/test-access.ts';
import { type TestApp, testApp } from '../../apps/dunlin/test/support/test-app.ts';

/** Milliseconds for a request; the servers of these tests are impatient. */
const requestTimeout = 400;

/** Milliseconds of one that must not run out between two bytes that come in time, however busy the machine is. */
const longerTimeout = 2000;

interface Listening extends TestApp, AsyncDisposable {
  /** Begins a request, whose body comes later; gives the connection and what is answered on it. */
  readonly begin: (
    line: string,
    headers: Readonly<Record<string, string>>,
  ) => { readonly socket: Socket; readonly answer: Promise<string> };
}

async function listening(limits = { requestTimeout }): Promise<Listening> {
  const world = await testApp({ limits });
  await world.app.listen({ host: '127.0.0.1', port: 0 });
  const address = world.app.server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    ...world,
    begin(line, headers) {
      const socket = connect(address.port, '127.0.0.1');
      const all = { host: '127.0.0.1', authorization: `Bearer ${administratorToken}`, ...headers };
      const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`${line} HTTP/1.1\r\n${fields.join('')}\r\n`);
      return { socket, answer: answerOn(socket) };
    },
    async [Symbol.asyncDispose]() {
      await world.app.close();
    },
  };
}

/** What comes until the end of the answer or of the connection. */
function answerOn(socket: Socket): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (text.includes('\r\n\r\n')) resolve(text);
    });
    socket.on('close', () => resolve(text));
    socket.on('error', () => resolve(text));
  });
}

const image = { 'content-type': 'application/octet-stream' };

describe('a request', () => {
  it('that is not whole in time is answered with 408, and the connection ends', async () => {
    await using world = await listening();
    const { socket, answer } = world.begin('POST /api/v1/devices/lamp/operations', {
      'content-type': 'application/json',
      'content-length': '100',
    });
    socket.write('{');
    assert.match(await answer, /^HTTP\/1\.1 408 /);
    assert.deepEqual(world.device.asked, []);
  });

  it('that is whole may be answered later than that', async () => {
    await using world = await listening();
    const opened = Promise.withResolvers<void>();
    world.device.gate = opened.promise;
    const { answer, socket } = world.begin('GET /api/v1/devices/lamp/resources/3/0/0', {});
    await delay(requestTimeout * 2);
    opened.resolve();
    assert.match(await answer, /^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('with an image may take longer, as long as it goes on coming', async () => {
    await using world = await listening({ requestTimeout: longerTimeout });
    const { socket, answer } = world.begin('POST /api/v1/firmware?name=slow.bin', {
      ...image,
      'content-length': '16',
    });
    for (let count = 0; count < 16; count += 1) {
      await delay(longerTimeout / 12);
      socket.write('x');
    }
    assert.match(await answer, /^HTTP\/1\.1 201 /);
    socket.destroy();
    assert.deepEqual(
      (await world.server.firmware.images()).map(({ name, size }) => [name, size]),
      [['slow.bin', 16]],
    );
  });

  it('with an image of which nothing more comes is given up, and nothing is kept', async () => {
    await using world = await listening();
    const { socket, answer } = world.begin('POST /api/v1/firmware?name=stuck.bin', {
      ...image,
      'content-length': '16',
    });
    socket.write('xxx');
    assert.doesNotMatch(await answer, /^HTTP\/1\.1 2/);
    socket.destroy();
    assert.deepEqual(await world.server.firmware.images(), []);
  });

  it('with an image that is too large is answered while it still comes', async () => {
    await using world = await listening();
    const { socket, answer } = world.begin('POST /api/v1/firmware?name=large.bin', {
      ...image,
      'content-length': String(2 ** 40),
    });
    socket.write(Buffer.alloc(100_000));
    assert.match(await answer, /^HTTP\/1\.1 413 /);
    socket.destroy();
  });
});

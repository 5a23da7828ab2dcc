import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, utf8Encode } from '@dunlin/base';
import type { BootstrapConfiguration } from '@dunlin/bootstrap';
import { ResponseCode } from '@dunlin/coap';
import { pathOf, rootPath } from '@dunlin/lwm2m';

import type { BootstrapDevice } from '../support/bootstrap-device.ts';
import {
  accountInstances,
  bootstrapAccount,
  configurationFor,
  deviceInstance,
  plainBootstrapServer,
  plainServer,
} from '../support/configurations.ts';
import { openTestBootstrapServer, type TestBootstrapServer } from '../support/test-bootstrap-server.ts';

/** A device with an account, so that everything is asked: Discover, two Deletes, two Writes, Finish. */
async function open(more: Partial<BootstrapConfiguration> = {}): Promise<TestBootstrapServer> {
  const bench = await openTestBootstrapServer([configurationFor('node-1', more)]);
  bench.device.tree = new Map([['/0/0', bootstrapAccount], deviceInstance, ...accountInstances(7, 1, 0)]);
  return bench;
}

const everyLine = ['GET /', 'DELETE /0', 'DELETE /1', 'PUT /0/1', 'PUT /1/0', 'POST /bs'];

/** Answers one line otherwise. */
function misbehaveAt(device: BootstrapDevice, line: string, code: ResponseCode, text = ''): void {
  device.misbehaviour = (received) =>
    received.line === line ? { code, payload: utf8Encode(text) } : undefined;
}

describe('A refusal', () => {
  const cases: readonly (readonly [string, ResponseCode, string])[] = [
    ['DELETE /0', ResponseCode.unauthorized, 'refused to delete /0/1 (4.01)'],
    ['DELETE /1', ResponseCode.internalServerError, 'refused to delete /1 (5.00)'],
    ['PUT /0/1', ResponseCode.badRequest, 'refused the Write of /0/1 (4.00)'],
    ['PUT /0/1', ResponseCode.unsupportedContentFormat, 'refused the Write of /0/1 (4.15)'],
    ['PUT /1/0', ResponseCode.notFound, 'refused the Write of /1/0 (4.04)'],
    ['PUT /1/0', ResponseCode.serviceUnavailable, 'refused the Write of /1/0 (5.03)'],
    ['POST /bs', ResponseCode.notAcceptable, 'finds what it was given inconsistent (4.06)'],
    ['POST /bs', ResponseCode.badRequest, 'refused Finish (4.00)'],
  ];
  for (const [line, code, reason] of cases) {
    test(`of ${line} with ${reason.slice(-5, -1)} ends the session, and the device keeps what it had (R-262, R-263)`, async () => {
      await using bench = await open();
      const before = bench.device.tree;
      bench.device.misbehaviour = (received) => (received.line.startsWith(line) ? { code } : undefined);
      const { outcome, failure } = await bench.bootstrap();
      assert.equal(outcome, 'failed');
      assert.equal(failure?.kind, 'refused');
      assert.equal(failure?.reason, `node-1 ${reason}`);
      if (line !== 'POST /bs') assert.ok(!bench.device.lines.includes('POST /bs'), 'no Finish is sent');
      await bench.network.run(milliseconds(300_000));
      assert.equal(bench.device.tree, before);
      assert.equal(bench.device.isInBootstrap, false);
    });
  }

  test('is told with the text that came with it', async () => {
    await using bench = await open();
    misbehaveAt(bench.device, 'POST /bs', ResponseCode.notAcceptable, 'no\u0007 server');
    const { failure, steps } = await bench.bootstrap();
    assert.equal(failure?.reason, 'node-1 finds what it was given inconsistent (4.06: no  server)');
    assert.equal(steps.at(-1)?.answer?.diagnostic, 'no  server');
  });

  test('may be followed by another bootstrap, which succeeds', async () => {
    await using bench = await open();
    misbehaveAt(bench.device, 'PUT /1/0', ResponseCode.badRequest);
    assert.equal((await bench.bootstrap()).outcome, 'failed');
    bench.device.misbehaviour = () => undefined;
    assert.equal((await bench.bootstrap()).outcome, 'finished');
  });
});

describe('A refused Delete', () => {
  test('of an Object falls back to its instances: Delete of an Object came with 1.0.1 (R-245)', async () => {
    await using bench = await open({ deletes: [pathOf(1)], servers: [plainServer(7)] });
    misbehaveAt(bench.device, 'DELETE /1', ResponseCode.methodNotAllowed);
    assert.equal((await bench.bootstrap()).outcome, 'finished');
    assert.deepEqual(bench.device.lines.slice(0, 3), ['GET /', 'DELETE /1', 'DELETE /1/0']);
  });

  test('of what went with something else is passed over (R-248, R-280)', async () => {
    for (const code of [ResponseCode.notFound, ResponseCode.badRequest]) {
      await using bench = await open();
      bench.device.misbehaviour = ({ line }) => (line.startsWith('DELETE /1') ? { code } : undefined);
      const { failure } = await bench.bootstrap();
      assert.equal(failure, undefined);
      assert.deepEqual(bench.device.lines.slice(2, 4), ['DELETE /1', 'DELETE /1/0']);
    }
  });

  test('of everything is not', async () => {
    await using bench = await open({ deletes: [rootPath] });
    misbehaveAt(bench.device, 'DELETE /', ResponseCode.methodNotAllowed);
    assert.equal((await bench.bootstrap()).failure?.reason, 'node-1 refused to delete / (4.05)');
  });
});

describe('A refused Discover', () => {
  const refuses = (device: BootstrapDevice): void =>
    misbehaveAt(device, 'GET /', ResponseCode.methodNotAllowed);
  const servers = [plainServer(1, { securityInstanceId: 1, serverInstanceId: 0 })];

  test('fails the session when instances are open, and says what to do', async () => {
    await using bench = await open();
    refuses(bench.device);
    const { failure } = await bench.bootstrap();
    assert.match(failure?.reason ?? '', /does not say what it has.*securityInstanceId, serverInstanceId/);
    await using another = await open({ servers, bootstrapServer: plainBootstrapServer() });
    refuses(another.device);
    assert.match((await another.bootstrap()).failure?.reason ?? '', /does not say what it has/);
  });

  test('does not matter when the configuration names all instances; Deletes of nothing are passed over (R-248)', async () => {
    await using bench = await open({ servers });
    bench.device.objects = [0, 1, 3];
    bench.device.misbehaviour = ({ line }) => {
      if (line === 'GET /') return { code: ResponseCode.methodNotAllowed };
      return line === 'DELETE /2' ? { code: ResponseCode.notFound } : undefined;
    };
    assert.equal((await bench.bootstrap()).outcome, 'finished');
    assert.equal(
      bench.device.lines.join(', '),
      'GET /, DELETE /0, DELETE /1, DELETE /2, PUT /0/1, PUT /1/0, POST /bs',
    );
  });

  test('and an answer that is no list of links are the same', async () => {
    await using bench = await open({ servers });
    bench.device.misbehaviour = ({ line }) =>
      line === 'GET /'
        ? { code: ResponseCode.content, contentFormat: 40, payload: utf8Encode('<</0') }
        : undefined;
    assert.equal((await bench.bootstrap()).outcome, 'finished');
    await using open2 = await open();
    open2.device.misbehaviour = bench.device.misbehaviour;
    assert.equal((await open2.bootstrap()).failure?.kind, 'refused');
  });
});

describe('What does not fit the device', () => {
  test('is an account where its Bootstrap-Server’s is', async () => {
    await using bench = await open({ servers: [plainServer(1, { securityInstanceId: 0 })] });
    const { failure } = await bench.bootstrap();
    assert.match(failure?.reason ?? '', /has the account of its Bootstrap-Server in \/0\/0, where/);
    assert.ok(!bench.device.lines.some((line) => line.startsWith('PUT')));
  });

  test('is a second account of a Bootstrap-Server (R-202)', async () => {
    await using bench = await open({ bootstrapServer: plainBootstrapServer({ securityInstanceId: 5 }) });
    const { failure } = await bench.bootstrap();
    assert.match(failure?.reason ?? '', /in \/0\/0, and the configuration writes it to \/0\/5/);
  });

  test('is found by looking when the device takes a Write and does nothing (isVerified)', async () => {
    for (const line of ['PUT /0/1', 'PUT /1/0']) {
      await using bench = await open({ isVerified: true });
      misbehaveAt(bench.device, line, ResponseCode.changed);
      const { failure } = await bench.bootstrap();
      assert.equal(
        failure?.reason,
        `node-1 does not have ${line.slice(4)} of the server 1 after it took the Write`,
      );
      assert.ok(!bench.device.lines.includes('POST /bs'));
    }
  });
});

describe('An answer that makes no sense', () => {
  for (const line of everyLine) {
    test(`to ${line} ends the session`, async () => {
      await using bench = await open();
      misbehaveAt(bench.device, line, ResponseCode.valid);
      const { failure } = await bench.bootstrap();
      assert.equal(failure?.kind, 'misbehaved');
      assert.match(failure?.reason ?? '', /with 2\.03, which is no answer to it/);
      assert.equal(bench.device.lines.at(-1), line, 'nothing more is asked');
    });
  }

  test('may be more than this server takes (RFC 7959 §2.9.3)', async () => {
    await using bench = await open();
    const payload = new Uint8Array(2_000_000).fill(0x2c);
    bench.device.misbehaviour = ({ line }) =>
      line === 'GET /' ? { code: ResponseCode.content, contentFormat: 40, payload } : undefined;
    assert.equal((await bench.bootstrap()).failure?.kind, 'misbehaved');
  });

  test('may have links without end: more than the steps of a session are not sent', async () => {
    const configuration = configurationFor('node-1', { deletes: [pathOf(1)] });
    await using bench = await openTestBootstrapServer([configuration], { limits: { stepsPerSession: 50 } });
    const links = Array.from({ length: 1000 }, (_, id) => `</1/${id}>;ssid=${id + 1}`).join(',');
    bench.device.misbehaviour = ({ line }) => {
      if (line === 'GET /')
        return { code: ResponseCode.content, contentFormat: 40, payload: utf8Encode(links) };
      return line === 'DELETE /1' ? { code: ResponseCode.methodNotAllowed } : undefined;
    };
    const { failure } = await bench.bootstrap();
    assert.equal(failure?.kind, 'timed-out');
    assert.equal(bench.device.lines.length, 49);
  });
});

describe('Silence', () => {
  for (const [index, line] of everyLine.entries()) {
    test(`at ${line} ends the session after the retransmissions, and the device keeps what it had (R-262, R-263)`, async () => {
      await using bench = await open();
      const before = bench.device.tree;
      bench.device.misbehaviour = (received) => (received.line === line ? 'silence' : undefined);
      const { failure, steps } = await bench.bootstrap();
      assert.equal(failure?.kind, 'no-answer');
      assert.match(failure?.reason ?? '', /^node-1 did not answer /);
      assert.equal(steps.at(-1)?.answer, undefined);
      assert.equal(steps.length, index + 2);
      await bench.network.run(milliseconds(300_000));
      assert.equal(bench.device.tree, before);
    });
  }

  test('of the network at any datagram never leaves a device with a part of its configuration (R-263)', async () => {
    const sent = await datagramsOf();
    assert.ok(sent >= 14);
    for (let cut = 1; cut <= sent; cut += 1) {
      await using bench = await open();
      const before = bench.device.tree;
      let count = 0;
      bench.network.watch(() => {
        count += 1;
        if (count === cut) bench.network.setConditions({ loss: 1 });
      });
      void bench.device.bootstrap('node-1').catch(() => undefined);
      await bench.network.run(milliseconds(600_000));
      const [record] = bench.server.sessions();
      const isDone = bench.device.lines.includes('POST /bs');
      // The answer to Finish may be what is lost: then the device is right and the server does not know.
      if (record?.outcome === 'finished') assert.ok(isDone);
      if (!isDone) assert.equal(bench.device.tree, before);
      assert.equal(bench.device.isInBootstrap, false);
      assert.notEqual(record?.outcome, 'running');
      assert.deepEqual(bench.server.coapSizes[0]?.requests, 0, 'nothing is left waiting');

      bench.network.setConditions({ loss: 0 });
      assert.equal((await bench.bootstrap()).outcome, 'finished', `after the cut at datagram ${cut}`);
    }
  });
});

/** How many datagrams a whole bootstrap has. */
async function datagramsOf(): Promise<number> {
  await using bench = await open();
  await bench.bootstrap();
  await bench.network.run(milliseconds(1000));
  return bench.network.counts.sent;
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, SecurityError, UsageError } from '@dunlin/base';
import type { BootstrapSessionRecord } from '@dunlin/bootstrap';
import { SimulatedNetwork } from '@dunlin/simulation';

import { BootstrapDevice } from '../support/bootstrap-device.ts';
import {
  accountInstances,
  bootstrapAccount,
  configurationFor,
  patternConfiguration,
  pskServer,
} from '../support/configurations.ts';
import {
  bootstrapAddress,
  openTestBootstrapServer,
  type TestBootstrapServer,
} from '../support/test-bootstrap-server.ts';

/** A device that waits at 10.0.0.2:56830. */
async function waitingDevice({ network }: TestBootstrapServer): Promise<BootstrapDevice> {
  const device = await BootstrapDevice.open(network, bootstrapAddress, '10.0.0.9', 56_830);
  device.tree = new Map([['/0/0', bootstrapAccount], ...accountInstances(7, 1, 0)]);
  return device;
}

const outcomes = (records: readonly BootstrapSessionRecord[]): readonly string[] =>
  records.map(({ endpointName, outcome, failure }) =>
    [endpointName, outcome, ...(failure === undefined ? [] : [failure.kind])].join(' '),
  );

describe('A session', () => {
  test('tells its steps with the answers, in order, and keeps them', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    const { steps, id, startedAt, endedAt, ...record } = await bench.bootstrap();
    assert.deepEqual(bench.events, [
      'started node-1',
      'discover / 2.05',
      'write /0/1 2.04',
      'write /1/0 2.04',
      'finish 2.04',
      'finished node-1',
    ]);
    assert.deepEqual(record, {
      endpointName: 'node-1',
      initiatedBy: 'client',
      address: '10.0.0.2',
      port: record.port,
      security: 'none',
      target: { kind: 'endpoint', endpointName: 'node-1' },
      outcome: 'finished',
    });
    assert.ok(endedAt !== undefined && endedAt > startedAt);
    assert.deepEqual(
      steps.map(({ operation, path }) => `${operation} ${path ?? ''}`.trim()),
      [
        'bootstrap-request',
        'bootstrap-discover /',
        'bootstrap-write /0/1',
        'bootstrap-write /1/0',
        'bootstrap-finish',
      ],
    );
    assert.deepEqual(bench.server.session(id)?.steps, steps);
    assert.equal(bench.server.session('another'), undefined);
  });

  test('never keeps or tells what it wrote: that has keys in it', async () => {
    const withKeys = configurationFor('node-1', { servers: [pskServer()], allowsKeysWithoutSecurity: true });
    await using bench = await openTestBootstrapServer([withKeys]);
    const told: unknown[] = [];
    const { started, stepped, finished } = bench.server;
    for (const signal of [started, stepped, finished]) signal.subscribe((event) => told.push(event));
    const record = await bench.bootstrap();
    const text = JSON.stringify([record, told, bench.events, bench.diagnostics]);
    assert.ok(!text.includes('identity 1') && !text.includes('key 1'));
    assert.equal(record.steps[2]?.length, 70);
  });

  test('is the only one of its endpoint: a new Bootstrap-Request begins anew (R-213)', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    bench.device.misbehaviour = ({ line }) => (line === 'PUT /1/0' ? 'silence' : undefined);
    assert.equal(await bench.device.bootstrap('node-1'), '2.04');
    await bench.network.run(milliseconds(5000));
    bench.device.misbehaviour = () => undefined;
    assert.equal((await bench.bootstrap()).outcome, 'finished');
    assert.deepEqual(outcomes(bench.server.sessions()), ['node-1 finished', 'node-1 failed superseded']);
    const before = bench.device.lines.length;
    await bench.network.run(milliseconds(100_000));
    assert.equal(bench.device.lines.length, before, 'nothing of the earlier one is sent any more');
  });

  test('is not touched by a Bootstrap-Request that is refused', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')], {
      credentials: {
        judge: ({ peer }) =>
          peer.address === '10.0.0.2'
            ? { kind: 'accepted' }
            : { kind: 'refused', code: 0x80, reason: 'not you' },
      },
    });
    bench.device.misbehaviour = ({ line }) => (line === 'PUT /1/0' ? 'silence' : undefined);
    await bench.device.bootstrap('node-1');
    const stranger = await bench.newDevice('10.0.0.66');
    assert.equal(await stranger.bootstrap('node-1'), '4.00');
    bench.device.misbehaviour = () => undefined;
    await bench.network.run(milliseconds(60_000));
    assert.deepEqual(outcomes(bench.server.sessions()), ['node-1 finished']);
  });

  test('of one device does not hold up those of others', async () => {
    await using bench = await openTestBootstrapServer([patternConfiguration('node-*')]);
    bench.device.misbehaviour = () => 'silence';
    await bench.device.bootstrap('node-1');
    for (let index = 2; index < 20; index += 1) {
      const device = await bench.newDevice(`10.0.1.${index}`);
      assert.equal((await bench.bootstrap(`node-${index}`, device)).outcome, 'finished');
    }
    assert.equal(bench.server.sessions({ endpointName: 'node-1' })[0]?.outcome, 'running');
  });

  test('that takes too long in all fails (limits.sessionTimeout)', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')], {
      limits: { sessionTimeout: milliseconds(60_000) },
    });
    bench.device.misbehaviour = ({ line }) => (line === 'PUT /1/0' ? 'silence' : undefined);
    const { failure, startedAt, endedAt = startedAt } = await bench.bootstrap();
    assert.deepEqual(failure, {
      kind: 'timed-out',
      reason: 'the bootstrap of node-1 took longer than 60 s',
    });
    assert.equal(endedAt - startedAt, 60_000);
  });

  test('waits for each answer no longer than its limit, so that a device that gave up is not waited for', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')], {
      limits: { stepTimeout: milliseconds(10_000) },
    });
    bench.device.misbehaviour = ({ line }) => (line === 'GET /' ? 'silence' : undefined);
    const { failure, startedAt, endedAt = startedAt } = await bench.bootstrap();
    assert.equal(failure?.kind, 'no-answer');
    assert.equal(endedAt - startedAt, 10_000);
  });

  test('with a device that knows of no bootstrap fails at its Reset', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    const { server, network } = bench;
    const uri = 'coap://10.0.0.77:5683';
    const { shell } = await BootstrapDevice.open(network, bootstrapAddress, '10.0.0.77', 5683);
    network.watch(({ from, to, datagram }) => {
      if (to.address !== '10.0.0.77') return;
      network.inject(to, from, Uint8Array.of(0x70, 0, datagram[2] ?? 0, datagram[3] ?? 0));
    });
    await shell[Symbol.asyncDispose]();
    await server.start('node-1', uri);
    await network.run(milliseconds(5000));
    assert.equal(server.sessions()[0]?.failure?.kind, 'rejected');
  });

  test('ends when the server closes, and tells so', async () => {
    const bench = await openTestBootstrapServer([configurationFor('node-1')]);
    bench.device.misbehaviour = () => 'silence';
    await bench.device.bootstrap('node-1');
    await bench.server.close();
    await bench.server.close();
    assert.deepEqual(bench.events.slice(-1), ['failed node-1 closed']);
    await assert.rejects(bench.server.start('node-1', 'coap://10.0.0.2:5683'), UsageError);
  });
});

describe('The log of sessions', () => {
  test('has the newest first, and forgets the oldest', async () => {
    await using bench = await openTestBootstrapServer([patternConfiguration('*')], {
      limits: { loggedSessions: 2 },
    });
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push((await bench.bootstrap(name)).id);
    assert.deepEqual(outcomes(bench.server.sessions()), ['c finished', 'b finished']);
    assert.deepEqual(outcomes(bench.server.sessions({ limit: 1 })), ['c finished']);
    assert.equal(bench.server.session(ids[0] ?? ''), undefined);
    assert.ok(bench.server.session(ids[1] ?? ''));
  });

  test('is bounded in steps as well', async () => {
    await using bench = await openTestBootstrapServer([patternConfiguration('*')], {
      // Five steps of the first session, and seven of each later one, which has something to delete.
      limits: { loggedSteps: 14 },
    });
    for (const name of ['a', 'b', 'c']) await bench.bootstrap(name);
    assert.deepEqual(outcomes(bench.server.sessions()), ['c finished', 'b finished']);
  });
});

describe('A session that the server begins', () => {
  test('has the same steps without a Bootstrap-Request, with a device that waits for it (R-214, R-210)', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    const device = await waitingDevice(bench);
    const begun = await bench.server.start('node-1', 'coap://10.0.0.9:56830');
    assert.equal(begun.outcome, 'running');
    assert.equal(begun.initiatedBy, 'server');
    await bench.network.run(milliseconds(1000));
    assert.deepEqual(device.lines, ['GET /', 'DELETE /0', 'DELETE /1', 'PUT /0/1', 'PUT /1/0', 'POST /bs']);
    const record = bench.server.session(begun.id);
    assert.equal(record?.outcome, 'finished');
    assert.equal(record?.steps[0]?.operation, 'bootstrap-discover');
  });

  test('goes to where the device asked last, when nothing else is said', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    await assert.rejects(bench.server.start('node-1'), /say where node-1 waits/);
    await bench.bootstrap();
    const { id } = await bench.server.start('node-1');
    await bench.network.run(milliseconds(1000));
    assert.equal(bench.server.session(id)?.outcome, 'finished');
  });

  test('is refused when there is nothing to give, or it may not be given there', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('keys', { servers: [pskServer()] })]);
    const uri = 'coap://10.0.0.9:56830';
    await assert.rejects(
      bench.server.start('node-1', uri),
      (error) =>
        error instanceof UsageError &&
        error.message ===
          'node-1 cannot be bootstrapped: there is no bootstrap configuration for this endpoint',
    );
    await assert.rejects(bench.server.start('keys', uri), SecurityError);
    assert.deepEqual(bench.server.sessions(), []);
  });

  test('is refused while another is under way', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    bench.device.misbehaviour = () => 'silence';
    await bench.device.bootstrap('node-1');
    await assert.rejects(bench.server.start('node-1'), /is under way/);
  });

  const malformed =
    'http://10.0.0.9 coap:10.0.0.9 coap:// 10.0.0.9 coap://10.0.0.9:99999 coap://10.0.0.9/bs coap://u@10.0.0.9 ' +
    'coap://10.0.0.9?x coap://10.0.0.9#x';
  for (const uri of ['', ...malformed.split(' ')]) {
    test(`does not go to ${JSON.stringify(uri)}`, async () => {
      await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
      await assert.rejects(bench.server.start('node-1', uri), UsageError);
    });
  }

  test('over DTLS needs a binding that begins associations (R-215)', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    await assert.rejects(bench.server.start('node-1', 'coaps://10.0.0.9'), /no binding to reach coaps/);
  });
});

test('Sessions of many devices at once all end well over a bad network', async () => {
  const network = new SimulatedNetwork(3, { loss: 0.1, duplication: 0.1 });
  await using bench = await openTestBootstrapServer([patternConfiguration('node-*')], {}, network);
  const devices = await Promise.all(
    Array.from({ length: 50 }, (_, index) => bench.newDevice(`10.1.0.${index}`)),
  );
  for (const [index, device] of devices.entries())
    void device.bootstrap(`node-${index}`).catch(() => undefined);
  await network.run(milliseconds(400_000));
  const records = bench.server.sessions();
  assert.ok(records.length >= 50);
  assert.ok(records.every(({ outcome }) => outcome !== 'running'));
  assert.ok(records.filter(({ outcome }) => outcome === 'finished').length >= 48);
});

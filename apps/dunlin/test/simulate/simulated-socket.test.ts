import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds, seconds } from '@dunlin/base';
import { ContentFormat, type IncomingRequest, Method, ResponseCode } from '@dunlin/coap';
import { coreDefinitions, decodeContent, isFormatFailure, parsePath } from '@dunlin/lwm2m';

import {
  openTestServer,
  serverAddress,
  type TestServer,
} from '../../../../packages/server/test/support/test-server.ts';
import { answerOf } from '../../src/simulate/device-answers.ts';
import { type FleetPlan, socketPlans } from '../../src/simulate/simulated-fleet.ts';
import { type FleetCounts, SimulatedSocket } from '../../src/simulate/simulated-socket.ts';

const plan: FleetPlan = {
  devices: 30,
  prefix: 'sim-',
  lifetime: seconds(60),
  rate: 10,
  perSocket: 30,
  queueShare: 0,
};

interface Bench {
  readonly test: TestServer;
  readonly socket: SimulatedSocket;
  readonly counts: FleetCounts;
  readonly pass: (duration: number) => Promise<void>;
}

async function open(): Promise<Bench> {
  const test = await openTestServer();
  const counts: FleetCounts = {
    registered: 0,
    registrations: 0,
    updates: 0,
    deregistrations: 0,
    failures: 0,
    answered: 0,
  };
  const [first] = socketPlans(plan);
  assert.ok(first !== undefined);
  const socket = new SimulatedSocket(first, plan.lifetime, counts);
  const shell = await test.network.binding('10.0.0.9', 7000).open(socket);
  socket.start(shell, shell.peer(serverAddress.address, serverAddress.port));
  const pass = (duration: number): Promise<void> => test.network.run(milliseconds(duration));
  return { test, socket, counts, pass };
}

describe('simulated devices on one socket', () => {
  it('register at the rate that was asked for', async () => {
    const { test, counts, pass } = await open();
    await using _test = test;
    await pass(1000);
    assert.ok(Math.abs(counts.registered - 10) <= 2, String(counts.registered));
    await pass(3000);
    assert.equal(counts.registered, 30);
    assert.equal(await test.server.registrationCount(), 30);
    assert.equal((await test.server.device('sim-07').registration())?.lifetime, 60);
  });

  it('update before their lifetime is over, and never lapse', async () => {
    const { test, counts, pass } = await open();
    await using _test = test;
    await pass(600_000);
    assert.equal(await test.server.registrationCount(), 30);
    assert.ok(counts.updates > 30 * 9, String(counts.updates));
    assert.deepEqual(
      test.events.filter((event) => event.startsWith('expired')),
      [],
    );
  });

  it('register anew when the server does not know them any more', async () => {
    const { test, counts, pass } = await open();
    await using _test = test;
    await pass(5000);
    await test.server.deregister('sim-01');
    await pass(60_000);
    assert.equal(await test.server.registrationCount(), 30);
    assert.deepEqual([counts.registered, counts.registrations, counts.failures], [30, 31, 1]);
  });

  it('can be read', async () => {
    const { test, counts, pass } = await open();
    await using _test = test;
    await pass(5000);
    const content = await test.finish(test.server.device('sim-01').read('/3/0/0'));
    assert.deepEqual(content, {
      kind: 'resource',
      resource: { kind: 'single', type: 'string', value: 'Acme' },
    });
    assert.equal(counts.answered, 1);
  });

  it('leave when they are told to', async () => {
    const { test, socket, counts, pass } = await open();
    await using _test = test;
    await pass(2000);
    socket.leave();
    await pass(5000);
    assert.equal(socket.isIdle, true);
    assert.equal(counts.registered, 0);
    assert.equal(await test.server.registrationCount(), 0);
  });
});

describe('the plan of a fleet', () => {
  it('shares devices, rate and queue mode out to the sockets', () => {
    const sockets = socketPlans({ ...plan, devices: 2500, perSocket: 1000, rate: 300, queueShare: 0.34 });
    assert.deepEqual(
      sockets.map(({ names }) => names.length),
      [1000, 1000, 500],
    );
    assert.deepEqual(
      sockets.map(({ interval }) => interval),
      [10, 10, 10],
    );
    assert.deepEqual(
      sockets.map(({ model }) => model.bindingMode),
      ['UQ', 'U', 'U'],
    );
    const names = sockets.flatMap(({ names: all }) => all);
    assert.equal(new Set(names).size, 2500);
    assert.deepEqual([names[0], names.at(-1)], ['sim-0001', 'sim-2500']);
  });
});

describe('what a simulated device answers', () => {
  const [first] = socketPlans(plan);
  const ask = (request: Partial<IncomingRequest> & { readonly uriPath: readonly string[] }) => {
    assert.ok(first !== undefined);
    return answerOf(first.model, {
      method: Method.get,
      uriQuery: [],
      payload: new Uint8Array(),
      isConfirmable: true,
      isBlockwise: false,
      ...request,
    });
  };

  it('is content in the format that was asked for', () => {
    const { code, payload, contentFormat } = ask({ uriPath: ['3', '0'], accept: ContentFormat.json });
    assert.deepEqual([code, contentFormat], [ResponseCode.content, ContentFormat.json]);
    const path = parsePath('/3/0');
    assert.ok(path !== undefined && payload instanceof Uint8Array);
    const content = decodeContent(ContentFormat.json, path, payload, coreDefinitions.find(3));
    assert.ok(!isFormatFailure(content) && content.kind === 'object-instance');
    assert.deepEqual([...content.resources.keys()], [0, 1, 3, 16]);
  });

  it('is a refusal of what it does not have or cannot say', () => {
    const codeOf = (path: string, request: Partial<IncomingRequest> = {}) =>
      ask({ uriPath: path.split('/'), ...request }).code;
    assert.equal(codeOf('9/0'), ResponseCode.notFound);
    assert.equal(codeOf('3/1'), ResponseCode.notFound);
    assert.equal(codeOf('3/0/99'), ResponseCode.notFound);
    assert.equal(codeOf('x'), ResponseCode.notFound);
    assert.equal(codeOf('3/0', { accept: ContentFormat.cbor }), ResponseCode.notAcceptable);
    assert.equal(codeOf('3/0', { method: Method.fetch }), ResponseCode.methodNotAllowed);
    assert.equal(codeOf('3/0/14', { method: Method.put }), ResponseCode.changed);
  });
});

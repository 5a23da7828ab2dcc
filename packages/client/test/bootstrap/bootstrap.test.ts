import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds } from '@dunlin/base';
import { ContentFormat, Method, type Peer, ResponseCode, udpPeer } from '@dunlin/coap';
import { Security, Server } from '@dunlin/lwm2m';

import {
  BootstrapWorld,
  instancePayload,
  managementUri,
  payloadOf,
  security,
  server,
} from '../support/bootstrap-world.ts';
import { completeDevice } from '../support/reference-device.ts';
import { lifetime, serverUri, watched, World } from '../support/world.ts';

const text = ContentFormat.text;

/** Where the client of a `World` listens. */
const deviceOf = (): Peer => udpPeer('192.0.2.7', 56_830);

describe('Client-Initiated Bootstrap (1.0 §5.2.3.3)', () => {
  test('a client without Servers asks, is written to, and registers after Finish (R-213, R-220)', async () => {
    const it = await BootstrapWorld.started();
    assert.deepEqual(it.world.server.lines, ['POST /bs']);
    assert.deepEqual(it.world.server.received[0]?.request.uriQuery, ['ep=example-client']);
    assert.deepEqual(it.world.client.servers, []);
    assert.equal((await it.provision()).code, '2.04');
    assert.deepEqual(it.kinds, ['bootstrap-started', 'bootstrap-finished']);
    await it.world.until(() => it.management.lines.length > 0);
    assert.deepEqual(it.management.lines, ['POST /rd']);
    assert.deepEqual(it.management.received[0]?.request.uriQuery.slice(0, 2), [
      'ep=example-client',
      'lt=300',
    ]);
    await it.world.pass(1);
    assert.deepEqual(it.world.client.servers, [
      { shortServerId: 101, state: 'registered', location: '/rd/1' },
    ]);
    assert.equal(await it.readAt('/3/0/0'), '2.05');
  });

  test('path and query of the URI come before those of the request (R-231)', async () => {
    const it = await BootstrapWorld.open({ uri: `${serverUri}/some/path?q=1` });
    await it.until('bootstrap-started');
    const [request] = it.world.server.received;
    assert.deepEqual(request?.request.uriPath, ['some', 'path', 'bs']);
    assert.deepEqual(request?.request.uriQuery, ['q=1', 'ep=example-client']);
  });

  test('it waits for ClientHoldOffTime before it asks (R-221)', async () => {
    const it = await BootstrapWorld.open({ clientHoldOffTime: lifetime(30) });
    await it.world.pass(29);
    assert.deepEqual(it.world.server.lines, []);
    await it.world.pass(2);
    assert.deepEqual(it.world.server.lines, ['POST /bs']);
  });

  test('it follows when every Server turned the client away, and not while one has it (R-220)', async () => {
    const lost = { uri: 'coap://192.0.2.66', shortServerId: 1 };
    const it = await BootstrapWorld.open({}, { servers: [lost] });
    await it.until('bootstrap-started');
    assert.equal(it.world.events[0]?.kind, 'failed');
    const both = await BootstrapWorld.open({}, { servers: [lost, { uri: managementUri, shortServerId: 2 }] });
    await both.world.pass(1000);
    assert.deepEqual(both.kinds, []);
    assert.deepEqual(both.world.server.lines, []);
  });

  test('a refusal is told with its reason, and tried again after growing pauses (R-222)', async () => {
    const it = await BootstrapWorld.open({}, {}, () => ({
      code: ResponseCode.badRequest,
      payload: payloadOf('who are you'),
    }));
    await it.until('bootstrap-failed', 4);
    const failures = it.events.flatMap((event) => (event.kind === 'bootstrap-failed' ? [event] : []));
    assert.equal(failures[0]?.failure.problem, 'refused');
    assert.equal(failures[0]?.failure.coapCode, '4.00');
    assert.match(failures[0]?.failure.message ?? '', /who are you/);
    const times = it.world.server.received.map(({ at }) => at);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    assert.ok((gaps[2] ?? 0) > (gaps[0] ?? 0), String(gaps));
  });

  test('a Bootstrap-Server that does not answer is unreachable, and asked again', async () => {
    const it = await BootstrapWorld.open({}, {}, () => undefined);
    await it.until('bootstrap-failed', 2);
    const [first] = it.events;
    assert.equal(first?.kind === 'bootstrap-failed' && first.failure.problem, 'unreachable');
  });

  test('without Finish within 247 s of the last command all is as before (R-262, R-263)', async () => {
    const it = await BootstrapWorld.started();
    await it.write('/0/1', security);
    await it.world.pass(240);
    await it.write('/1/0', server);
    await it.world.pass(240);
    assert.deepEqual(it.kinds, ['bootstrap-started']);
    await it.world.pass(10);
    const failed = it.events.find(({ kind }) => kind === 'bootstrap-failed');
    assert.equal(failed?.kind === 'bootstrap-failed' && failed.failure.problem, 'no-finish');
    assert.deepEqual(it.world.client.objects.instanceIds(0), [0]);
    assert.deepEqual(it.world.client.objects.instanceIds(1), []);
    await it.until('bootstrap-started', 2);
  });

  test('nothing that was written holds before Finish', async () => {
    const it = await BootstrapWorld.started();
    await it.write('/0/1', security);
    await it.write('/1/0', server);
    assert.deepEqual(it.world.client.objects.instanceIds(1), []);
    assert.deepEqual(it.management.lines, []);
  });

  test('bootstraps that lead to no registration come at growing pauses', async () => {
    const it = await BootstrapWorld.started();
    it.management.script = () => ({ code: ResponseCode.forbidden });
    await it.provision();
    await it.until('bootstrap-started', 2);
    const second = it.world.network.clock.now;
    await it.provision();
    await it.until('bootstrap-started', 3);
    assert.ok(it.world.network.clock.now - second > 4000);
  });

  test('the device may ask for one although it is registered', async () => {
    const it = await BootstrapWorld.open({}, { servers: [{ uri: managementUri, shortServerId: 101 }] });
    await it.world.until(() => it.world.events.length > 0);
    it.world.client.requestBootstrap();
    await it.until('bootstrap-started');
    assert.deepEqual(it.world.server.lines, ['POST /bs']);
  });

  test('a Server waits while the Bootstrap-Server is at work, without an answer (R-223)', async () => {
    const it = await BootstrapWorld.open({}, { servers: [{ uri: managementUri, shortServerId: 101 }] });
    await it.world.until(() => it.world.events.length > 0);
    it.world.client.requestBootstrap();
    await it.until('bootstrap-started');
    assert.equal(await it.readAt('/3/0/0'), 'no-answer');
    assert.ok(
      it.world.diagnostics.some((told) => told.kind === 'request-dropped' && told.reason === 'bootstrapping'),
    );
  });
});

describe('Server-Initiated Bootstrap (1.0 §5.2.3.4, R-214)', () => {
  test('the Bootstrap-Server begins by itself during the hold-off', async () => {
    const it = await BootstrapWorld.open({ clientHoldOffTime: lifetime(600) });
    await it.world.pass(1);
    const wrote = watched(
      it.world.server.send(
        {
          method: Method.put,
          uriPath: ['0', '1'],
          contentFormat: ContentFormat.tlv,
          payload: instancePayload('/0/1', security),
        },
        deviceOf(),
      ),
    );
    await it.world.until(() => wrote.value !== undefined);
    assert.equal(typeof wrote.value === 'object' && wrote.value.code, '2.04');
    assert.deepEqual(it.events, [{ kind: 'bootstrap-started', initiator: 'server' }]);
  });

  test('somebody else is not listened to', async () => {
    const it = await BootstrapWorld.open({ clientHoldOffTime: lifetime(600) });
    await it.world.pass(1);
    const outcome = watched(it.management.send({ method: Method.delete, uriPath: [] }, deviceOf()));
    await it.world.until(() => outcome.value !== undefined);
    assert.equal(outcome.value, 'no-answer');
    assert.deepEqual(it.events, []);
  });
});

describe('the account of the Bootstrap-Server', () => {
  test('is purged when its timeout has passed (R-270)', async () => {
    const it = await BootstrapWorld.open({ accountTimeout: lifetime(60) });
    await it.until('bootstrap-started');
    await it.provision();
    await it.world.pass(59);
    assert.deepEqual(it.world.client.objects.instanceIds(0), [0, 1]);
    await it.world.pass(2);
    assert.deepEqual(it.world.client.objects.instanceIds(0), [1]);
    assert.equal(it.kinds.at(-1), 'bootstrap-account-purged');
    it.world.client.requestBootstrap();
    await it.world.pass(60);
    assert.deepEqual(it.world.server.lines, ['POST /bs']);
  });

  test('stays without a timeout, and another bootstrap may follow', async () => {
    const it = await BootstrapWorld.started();
    await it.provision();
    await it.world.network.run(milliseconds(7 * 86_400_000));
    assert.deepEqual(it.world.client.objects.instanceIds(0), [0, 1]);
  });
});

describe('a bootstrap of a client that has Servers', () => {
  const registered = async (): Promise<BootstrapWorld> => {
    const it = await BootstrapWorld.open(
      {},
      { servers: [{ uri: managementUri, shortServerId: 101, lifetime: lifetime(300) }] },
    );
    await it.world.until(() => it.world.events.length > 0);
    it.world.client.requestBootstrap();
    await it.until('bootstrap-started');
    return it;
  };

  test('leaves the registration with an account that is not changed alone', async () => {
    const it = await registered();
    assert.equal((await it.finish()).code, '2.04');
    await it.world.pass(1);
    assert.deepEqual(it.management.lines, ['POST /rd']);
    assert.equal(await it.readAt('/3/0/0'), '2.05');
  });

  test('tells changed terms by an Update', async () => {
    const it = await registered();
    assert.equal((await it.world.put('/1/0/1', text, payloadOf('500'))).code, '2.04');
    assert.equal((await it.finish()).code, '2.04');
    await it.world.until(() => it.management.lines.length > 1);
    assert.deepEqual(it.management.received[1]?.request.uriQuery, ['lt=500']);
  });

  test('says goodbye and registers anew where the security material changed (R-272)', async () => {
    const it = await registered();
    assert.equal((await it.world.put('/0/0/0', text, payloadOf('coap://192.0.2.2'))).code, '2.04');
    assert.equal((await it.finish()).code, '2.04');
    await it.world.until(() => it.management.lines.length > 2);
    assert.deepEqual(it.management.lines.toSorted(), ['DELETE /rd/1', 'POST /rd', 'POST /rd']);
  });

  test('whose account is deleted is left, its Server instance with it (R-280)', async () => {
    const it = await registered();
    assert.equal((await it.delete('/0/0')).code, '2.02');
    assert.equal((await it.write('/0/5', { ...security, 0: 'coap://192.0.2.3', 10: 7 })).code, '2.04');
    assert.equal((await it.write('/1/5', { ...server, 0: 7 })).code, '2.04');
    assert.equal((await it.finish()).code, '2.04');
    await it.world.until(() => it.management.lines.includes('DELETE /rd/1'));
    const { client } = it.world;
    assert.deepEqual(client.objects.instanceIds(1), [5]);
    assert.equal(client.get(Server(5).shortServerId), 7);
    assert.equal(client.get(Security(5).shortServerId), 7);
    await it.world.pass(10);
    assert.equal(await it.readAt('/3/0/0'), 'no-answer');
  });

  test('gives the executables of a new Server instance their effect', async () => {
    const it = await BootstrapWorld.started();
    await it.provision();
    await it.world.until(() => it.management.lines.length > 0);
    const trigger = watched(it.management.send({ method: Method.post, uriPath: ['1', '0', '8'] }));
    await it.world.until(() => it.management.lines.length > 1);
    assert.equal(typeof trigger.value === 'object' && trigger.value.code, '2.04');
    assert.deepEqual(it.management.lines, ['POST /rd', 'POST /rd/1']);
  });
});

describe('what a client with a Bootstrap-Server cannot be opened with', () => {
  const refuses = async (options: Parameters<typeof World.open>[0], message: RegExp): Promise<void> => {
    await assert.rejects(World.open(options), message);
  };
  test('neither Servers nor a Bootstrap-Server', () => refuses({ servers: [] }, /Bootstrap-Server/));
  test('coaps:// without security', () =>
    refuses({ servers: [], bootstrapServer: { uri: 'coaps://192.0.2.1' } }, /takes security/));
  test('a timeout below one second', () =>
    refuses(
      { servers: [], bootstrapServer: { uri: serverUri, accountTimeout: lifetime(0) } },
      /accountTimeout/,
    ));
  test('no Device Object', () =>
    refuses({ servers: [], bootstrapServer: { uri: serverUri }, objects: [] }, /Device/));
});

test('closing during a bootstrap changes nothing and ends', async () => {
  const it = await BootstrapWorld.started({ objects: [completeDevice()] });
  await it.write('/0/1', security);
  const closing = it.world.client.close();
  await it.world.pass(1);
  await closing;
  assert.deepEqual(it.world.client.objects.instanceIds(0), [0]);
  await it.world.pass(1000);
  assert.deepEqual(it.world.server.lines, ['POST /bs']);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { UsageError } from '@dunlin/base';
import { Method, ResponseCode } from '@dunlin/coap';
import { objectInstances } from '@dunlin/client';

import { probeObject } from '../support/probe-device.ts';
import { completeDevice, Portfolio } from '../support/reference-device.ts';
import { acceptAll, type Answer, ScriptedServer } from '../support/scripted-server.ts';
import { lifetime, segments, serverUri, watched, World } from '../support/world.ts';

describe('Register (1.0 §5.3.1)', () => {
  test('it is a confirmable POST /rd with ep, lt, lwm2m, b and the object list in link format (R-310, R-320)', async () => {
    const world = await World.registered({
      servers: [{ uri: serverUri, shortServerId: 101, lifetime: lifetime(300) }],
      objects: [completeDevice(), probeObject(), objectInstances(Portfolio, {})],
    });
    const [register] = world.server.received;
    assert.equal(register?.line, 'POST /rd');
    assert.deepEqual(register?.request.uriQuery, ['ep=example-client', 'lt=300', 'lwm2m=1.0', 'b=U']);
    assert.equal(register?.request.contentFormat, 40);
    assert.equal(register?.request.isConfirmable, true);
    assert.equal(
      register?.payload,
      '</>;ct=11543,</1/0>,</3/0>,</16>,</26241>;ver="2.1",</26241/0>,</26241/3>',
    );
  });

  test('the list has objects 1 and 3, and never object 0 (R-321)', async () => {
    const world = await World.registered();
    const payload = world.server.received[0]?.payload ?? '';
    assert.match(payload, /<\/1\/0>/);
    assert.match(payload, /<\/3\/0>/);
    assert.doesNotMatch(payload, /<\/0/);
  });

  test('JSON is announced for all Objects (R-323)', async () => {
    const world = await World.registered();
    assert.match(world.server.received[0]?.payload ?? '', /^<\/>;ct=11543,/);
  });

  test('the version of an Object outside of the enabler is said, beside its instances (R-121, R-123)', async () => {
    const world = await World.registered({ objects: [completeDevice(), probeObject()] });
    assert.match(world.server.received[0]?.payload ?? '', /<\/26241>;ver="2.1",<\/26241\/0>/);
  });

  test('path and query of the Server URI go before rd and the query, in Register only (R-231, R-302)', async () => {
    const world = await World.registered({
      servers: [{ uri: 'coap://192.0.2.1/some/path%20here?tenant=7&x', shortServerId: 101 }],
    });
    const [register] = world.server.received;
    assert.deepEqual(register?.request.uriPath, ['some', 'path here', 'rd']);
    assert.deepEqual(register?.request.uriQuery?.slice(0, 3), ['tenant=7', 'x', 'ep=example-client']);
    world.client.update();
    await world.until(() => world.server.lines.length === 2);
    assert.equal(world.server.lines[1], 'POST /rd/1');
    assert.deepEqual(world.server.received[1]?.request.uriQuery, []);
  });

  test('the location is echoed segment by segment, however many there are (R-301)', async () => {
    const world = await World.open({}, (server) => {
      server.script = ({ request }) =>
        request.uriPath.length === 1
          ? { code: ResponseCode.created, locationPath: ['rd', 'a/b', 'ü', '7'] }
          : { code: ResponseCode.changed };
    });
    await world.until(() => world.events.length === 1);
    world.client.update();
    await world.until(() => world.server.received.length === 2);
    assert.deepEqual(world.server.received[1]?.request.uriPath, ['rd', 'a/b', 'ü', '7']);
  });

  test('the event says where and for how long, and the status follows', async () => {
    const world = await World.registered();
    assert.deepEqual(world.events, [
      { kind: 'registered', shortServerId: 101, location: '/rd/1', lifetime: 86_400 },
    ]);
    assert.deepEqual(world.client.servers, [{ shortServerId: 101, state: 'registered', location: '/rd/1' }]);
  });

  test('lt and b are those of the Server instance (R-310)', async () => {
    const world = await World.registered({
      servers: [{ uri: serverUri, shortServerId: 101, lifetime: lifetime(77), binding: 'UQ' }],
      objects: [completeDevice({ supportedBindingAndModes: 'UQ' })],
    });
    assert.deepEqual(world.server.received[0]?.request.uriQuery?.slice(1), ['lt=77', 'lwm2m=1.0', 'b=UQ']);
    assert.equal((await world.read('/1/0/1', 0)).text, '77');
    assert.equal((await world.read('/1/0/7', 0)).text, 'UQ');
  });

  test('a client registers with each of its Servers, each with its own terms (R-315)', async () => {
    let other: ScriptedServer | undefined;
    const world = await World.open(
      {
        servers: [
          { uri: serverUri, shortServerId: 101, lifetime: lifetime(100) },
          { uri: 'coap://192.0.2.2', shortServerId: 102, lifetime: lifetime(200) },
        ],
      },
      (_, network) => {
        other = new ScriptedServer(() => network.clock.now);
        void other.open(network.binding('192.0.2.2', 5683));
      },
    );
    await world.until(() => world.client.servers.every(({ location }) => location !== undefined));
    assert.equal(world.server.received[0]?.request.uriQuery?.[1], 'lt=100');
    assert.equal(other?.received[0]?.request.uriQuery?.[1], 'lt=200');
    assert.match(world.server.received[0]?.payload ?? '', /<\/1\/0>,<\/1\/1>/);
  });

  test('attributes and observations are per Server (R-452, R-522)', async () => {
    let other: ScriptedServer | undefined;
    const world = await World.open(
      {
        servers: [
          { uri: serverUri, shortServerId: 101 },
          { uri: 'coap://192.0.2.2', shortServerId: 102 },
        ],
      },
      (_, network) => {
        other = new ScriptedServer(() => network.clock.now);
        void other.open(network.binding('192.0.2.2', 5683));
      },
    );
    await world.until(() => world.client.servers.every(({ location }) => location !== undefined));
    await world.writeAttributes('/3/0', 'pmin=2', 'pmax=10');
    assert.ok(other !== undefined);
    const seen = watched(other.send({ method: Method.get, uriPath: segments('/3/0'), accept: 40 }));
    await world.until(() => seen.value !== undefined);
    assert.match(textOf(seen.value), /^<\/3\/0>,/);
    assert.match((await world.discover('/3/0')).text, /^<\/3\/0>;pmin=2;pmax=10,/);
  });
});

describe('before and beside a registration (R-343)', () => {
  test('a request before the Register is answered gets no answer, and its retransmission afterwards does', async () => {
    const world = await World.open({}, (server) => {
      server.script = () => undefined;
    });
    await world.until(() => world.server.received.length === 1);
    const answer = watched(world.server.send({ method: Method.get, uriPath: segments('/3/0/0'), accept: 0 }));
    await world.pass(1);
    assert.equal(answer.value, undefined);
    assert.deepEqual(
      world.diagnostics.map((diagnostic) => diagnostic.kind === 'request-dropped' && diagnostic.reason),
      ['not-registered'],
    );
    world.server.script = acceptAll();
    await world.until(() => answer.value !== undefined);
    assert.equal(codeOf(answer.value), '2.05');
  });

  test('a request from somebody else gets no answer', async () => {
    const world = await World.registered();
    const stranger = new ScriptedServer(() => world.network.clock.now);
    await stranger.open(world.network.binding('192.0.2.99', 5683));
    const answer = watched(
      stranger.send({ method: Method.get, uriPath: segments('/3/0/0') }, world.server.device),
    );
    await world.until(() => answer.value !== undefined);
    assert.equal(answer.value, 'no-answer');
    const [dropped] = world.diagnostics;
    assert.equal(dropped?.kind === 'request-dropped' && dropped.reason, 'unknown-peer');
    assert.equal(dropped?.kind === 'request-dropped' && dropped.peer.address, '192.0.2.99');
  });
});

const refused = async (options: Parameters<typeof World.open>[0], message: RegExp) => {
  await assert.rejects(
    World.open(options),
    (error) => error instanceof UsageError && message.test(error.message),
  );
};

describe('what a client cannot be opened with', () => {
  test('no Server', () => refused({ servers: [] }, /one Server/));
  test('a Server URI of another scheme', () =>
    refused({ servers: [{ uri: 'coap+tcp://192.0.2.1', shortServerId: 1 }] }, /coap:\/\/host/));
  test('a Server URI that is none', () =>
    refused({ servers: [{ uri: '192.0.2.1', shortServerId: 1 }] }, /coap:\/\/host/));
  test('a Server URI with a broken escape', () =>
    refused({ servers: [{ uri: 'coap://192.0.2.1/%zz', shortServerId: 1 }] }, /percent/));
  test('a Server URI with a fragment', () =>
    refused({ servers: [{ uri: 'coap://192.0.2.1/#x', shortServerId: 1 }] }, /fragment/));
  test('a short server id out of range (R-110)', () =>
    refused({ servers: [{ uri: serverUri, shortServerId: 65_535 }] }, /65534/));
  test('a short server id given twice (R-201)', () =>
    refused(
      {
        servers: [
          { uri: serverUri, shortServerId: 1 },
          { uri: serverUri, shortServerId: 1 },
        ],
      },
      /twice/,
    ));
  test('a lifetime below one second', () =>
    refused({ servers: [{ uri: serverUri, shortServerId: 1, lifetime: lifetime(0) }] }, /lifetime/));
  test('a binding mode that the device does not support', () =>
    refused({ servers: [{ uri: serverUri, shortServerId: 1, binding: 'SQ' }] }, /binding/));
  test('no Device Object (R-102)', () => refused({ objects: [] }, /Device/));
  test('an Object given twice', () => refused({ objects: [completeDevice(), completeDevice()] }, /twice/));
  test('an endpoint name that is empty or too long for its option', async () => {
    await refused({ endpoint: '' }, /empty/);
    await refused({ endpoint: 'x'.repeat(253) }, /252/);
  });
});

function textOf(answer: Answer | string | undefined): string {
  return typeof answer === 'object' ? answer.text : String(answer);
}

function codeOf(answer: Answer | string | undefined): string {
  return typeof answer === 'object' ? answer.code : String(answer);
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  milliseconds,
  ProtocolError,
  StorageError,
  seconds,
  TransmissionError,
  utf8Encode,
} from '@dunlin/base';
import {
  ContentFormat,
  type IncomingRequest,
  Method,
  type Peer,
  type Response,
  ResponseCode,
} from '@dunlin/coap';
import { pathOf, Server } from '@dunlin/lwm2m';
import {
  DeviceNotRegisteredError,
  MemoryRegistrationStore,
  type NotifiedEvent,
  type Observation,
  ResponseError,
} from '@dunlin/server';
import { SimulatedNetwork } from '@dunlin/simulation';

import { RawDevice } from './support/raw-device.ts';
import {
  contentResponse,
  finish,
  openTestServer,
  serverAddress,
  single,
  type TestServer,
} from './support/test-server.ts';

const endpoint = 'node-1';
const path = '/6/0/0';

function value(celsius: number): Response {
  return contentResponse(path, single('float', celsius));
}

interface ObservedServer extends TestServer {
  readonly location: readonly string[];
  readonly notified: NotifiedEvent[];
}

/** A server with a registered device that answers every GET with 20, or as told. */
async function openObserved(
  behaviour: (request: IncomingRequest) => Response | 'silence' | undefined = () => value(20),
  options: Parameters<typeof openTestServer>[0] = {},
): Promise<ObservedServer> {
  const bench = await openTestServer(options);
  const location = await bench.device.registered(endpoint, '</1/0>,</3/0>,</6/0>');
  bench.device.behaviour = behaviour;
  const notified: NotifiedEvent[] = [];
  bench.server.notified.subscribe((event) => notified.push(event));
  return { ...bench, location, notified };
}

/** The plain number in content of a Resource. */
function numberIn(content: unknown): unknown {
  const isResource = typeof content === 'object' && content !== null && 'resource' in content;
  const resource = isResource ? content.resource : undefined;
  return typeof resource === 'object' && resource !== null && 'value' in resource
    ? resource.value
    : undefined;
}

async function next(bench: TestServer, observation: Observation<unknown>): Promise<unknown> {
  const { value: notification } = await bench.finish(observation.next());
  return numberIn(notification?.value);
}

async function failureOf(bench: TestServer, promise: Promise<unknown>): Promise<unknown> {
  return await bench.finish(promise.then(() => 'no failure').catch((error: unknown) => error));
}

describe('Observe', () => {
  test('gives the first content and then every notification, in order (R-501, R-502)', async () => {
    await using bench = await openObserved();
    const observation = bench.server.device(endpoint).observe(path);
    assert.equal(numberIn((await bench.finish(observation.started())).value), 20);
    for (const celsius of [21, 22, 23]) {
      bench.device.notify(bench.device.relations[0], value(celsius));
      await bench.network.run(milliseconds(50));
    }
    const values = [];
    for (let index = 0; index < 4; index += 1) values.push(await next(bench, observation));
    assert.deepEqual(values, [20, 21, 22, 23]);
    const request = bench.device.received[0]?.request;
    assert.equal(request?.observe, 'register');
    assert.equal(request.accept, ContentFormat.tlv);
    assert.deepEqual(
      bench.notified.map(({ content }) => numberIn(content[0]?.content)),
      [20, 21, 22, 23],
    );
  });

  test('gives typed values for references', async () => {
    await using bench = await openObserved(() => contentResponse('/1/0/1', single('integer', 300)));
    const observation = bench.server.device(endpoint).observe(Server(0).lifetime);
    const first = await bench.finish(observation.started());
    const lifetime: number | bigint = first.value;
    assert.equal(lifetime, 300);
    assert.equal(first.time, bench.notified[0]?.time);
  });

  test('of instances and Objects works alike (R-501)', async () => {
    const resources = new Map([[0, { kind: 'single', type: 'float', value: 20 } as const]]);
    await using bench = await openObserved(() =>
      contentResponse('/6/0', { kind: 'object-instance', resources }),
    );
    const observation = bench.server.device(endpoint).observe(pathOf(6, 0));
    assert.equal((await bench.finish(observation.started())).value.kind, 'object-instance');
  });

  test('writes attributes first when asked to (R-450)', async () => {
    await using bench = await openObserved(({ method }) =>
      method === Method.put ? { code: ResponseCode.changed } : value(1),
    );
    const options = { attributes: { pmin: seconds(1), pmax: seconds(60) } };
    await bench.finish(bench.server.device(endpoint).observe(path, options).started());
    assert.deepEqual(
      bench.device.received.map(({ request }) => request.uriQuery),
      [['pmin=1', 'pmax=60'], []],
    );
  });

  test('is listed while it lasts', async () => {
    await using bench = await openObserved();
    const device = bench.server.device(endpoint);
    await bench.finish(device.observe(path).started());
    assert.deepEqual(
      (await device.observations()).map((each) => each.path),
      [path],
    );
    await bench.finish(device.cancelObservation(path));
    assert.deepEqual(await device.observations(), []);
  });

  test('that is refused rejects with the code of the device, and leaves nothing (R-501)', async () => {
    await using bench = await openObserved(() => ({ code: ResponseCode.notFound }));
    const observation = bench.server.device(endpoint).observe(path);
    const error = await failureOf(bench, observation.started());
    assert.ok(error instanceof ResponseError && error.coapCode === '4.04');
    await assert.rejects(observation.next(), ResponseError);
    assert.equal((await observation.next()).done, true);
    assert.deepEqual(await bench.server.device(endpoint).observations(), []);
  });

  test('asks once more without a wish for a format when the device has no TLV (R-403)', async () => {
    await using bench = await openObserved(({ accept }) =>
      accept === undefined
        ? contentResponse(path, single('float', 20), ContentFormat.json)
        : { code: ResponseCode.notAcceptable },
    );
    await bench.finish(bench.server.device(endpoint).observe(path).started());
    assert.equal(bench.device.received.length, 2);
  });

  test('of what the device answers but does not observe gives that one content and ends (RFC 7641 §4.1)', async () => {
    await using bench = await openObserved(() => undefined);
    const observation = bench.server.device(endpoint).observe(path);
    await bench.network.run(milliseconds(50));
    const exchange = bench.device.received[0]?.exchange;
    assert.ok(exchange !== undefined);
    bench.device.respond(exchange, value(20), false);
    assert.equal(await next(bench, observation), 20);
    assert.equal((await bench.finish(observation.next())).done, true);
    assert.deepEqual(bench.events.slice(1), [`observation of ${endpoint} ${path} refused`]);
    assert.deepEqual(await bench.server.device(endpoint).observations(), []);
  });

  test('that is not answered rejects, by CoAP or by the deadline of the caller', async () => {
    await using bench = await openObserved(() => 'silence');
    const device = bench.server.device(endpoint);
    const slow = device.observe(path).started();
    const quick = device.observe('/3/0', { timeout: milliseconds(2000) }).started();
    const error = await failureOf(bench, quick);
    assert.ok(error instanceof TransmissionError && error.code === 'expired');
    const other = await failureOf(bench, slow);
    assert.ok(other instanceof TransmissionError && other.code === 'no-answer');
  });

  test('whose first content cannot be read is a ProtocolError and leaves nothing', async () => {
    await using bench = await openObserved(() => ({ ...value(20), contentFormat: 666 }));
    assert.ok(
      (await failureOf(bench, bench.server.device(endpoint).observe(path).started())) instanceof
        ProtocolError,
    );
    assert.deepEqual(await bench.server.device(endpoint).observations(), []);
  });

  test('is bounded per device', async () => {
    await using bench = await openObserved(() => value(20), { limits: { observationsPerDevice: 1 } });
    const device = bench.server.device(endpoint);
    await bench.finish(device.observe(path).started());
    const error = await failureOf(bench, device.observe('/6/0/1').started());
    assert.ok(error instanceof TransmissionError && error.code === 'overloaded');
    await bench.finish(device.observe(path).started());
  });

  test('again replaces: the one before ends, and its notifications are rejected (R-503)', async () => {
    await using bench = await openObserved();
    const device = bench.server.device(endpoint);
    const first = device.observe(path);
    await bench.finish(first.started());
    await bench.finish(device.observe(path).started());
    assert.equal(await next(bench, first), 20);
    const error = await failureOf(bench, first.next());
    assert.ok(error instanceof TransmissionError && error.code === 'superseded');
    assert.equal((await device.observations()).length, 1);
    bench.device.notify(bench.device.relations[0], value(99));
    await bench.network.run(milliseconds(50));
    assert.equal(bench.device.endedRelations[0]?.reason, 'reset');
    assert.ok(!bench.notified.some(({ content }) => numberIn(content[0]?.content) === 99));
  });
});

describe('Notifications', () => {
  test('with history come from the oldest to the newest, with their times (R-1134)', async () => {
    await using bench = await openObserved(() =>
      contentResponse(path, single('float', 20), ContentFormat.json),
    );
    const observation = bench.server.device(endpoint).observe(path, { format: ContentFormat.json });
    await bench.finish(observation.started());
    await next(bench, observation);
    const json = `{"bn":"${path}","bt":1893456000,"e":[{"v":22,"t":0},{"v":21.5,"t":-5},{"v":21,"t":-10}]}`;
    const payload = utf8Encode(json);
    bench.device.notify(bench.device.relations[0], {
      code: ResponseCode.content,
      contentFormat: 11543,
      payload,
    });
    await bench.network.run(milliseconds(50));
    const got = [];
    for (let index = 0; index < 3; index += 1) got.push((await observation.next()).value);
    assert.deepEqual(
      got.map((each) => numberIn(each?.value)),
      [21, 21.5, 22],
    );
    assert.deepEqual(
      got.map((each) => each?.time),
      [1_893_455_990_000, 1_893_455_995_000, 1_893_456_000_000],
    );
    assert.deepEqual(
      got.map((each) => each?.isFresh),
      [false, false, true],
    );
    assert.deepEqual(
      bench.notified.at(-1)?.content.map(({ time }) => time),
      [1_893_456_000, 1_893_455_995, 1_893_455_990],
    );
  });

  test('with times relative to now are counted from their arrival (R-1134)', async () => {
    await using bench = await openObserved(() =>
      contentResponse(path, single('float', 20), ContentFormat.json),
    );
    const observation = bench.server.device(endpoint).observe(path, { format: ContentFormat.json });
    await bench.finish(observation.started());
    await next(bench, observation);
    bench.device.notify(bench.device.relations[0], {
      code: ResponseCode.content,
      contentFormat: 11543,
      payload: utf8Encode(`{"bn":"${path}","e":[{"v":22},{"v":21.5,"t":-5},{"v":21,"t":-10}]}`),
    });
    await bench.network.run(milliseconds(50));
    const got = [];
    for (let index = 0; index < 3; index += 1) got.push((await observation.next()).value);
    const arrived = bench.notified.at(-1)?.time ?? 0;
    assert.deepEqual(
      got.map((each) => [numberIn(each?.value), (each?.time ?? 0) - arrived]),
      [
        [21, -10_000],
        [21.5, -5000],
        [22, 0],
      ],
    );
  });

  test('that cannot be read are told to the operator, and the observation goes on', async () => {
    await using bench = await openObserved();
    const observation = bench.server.device(endpoint).observe(path);
    await bench.finish(observation.started());
    bench.device.notify(bench.device.relations[0], { ...value(1), payload: Uint8Array.of(0xc4, 0) });
    await bench.network.run(milliseconds(50));
    bench.device.notify(bench.device.relations[0], value(21));
    await bench.network.run(milliseconds(50));
    assert.deepEqual([await next(bench, observation), await next(bench, observation)], [20, 21]);
    assert.ok(bench.diagnostics.some(({ kind }) => kind === 'undecodable-notification'));
  });

  test('that are overtaken by a newer one are flagged (RFC 7641 §3.4)', async () => {
    await using bench = await openObserved();
    await bench.finish(bench.server.device(endpoint).observe(path).started());
    const delay = (ms: number): void =>
      bench.network.setConditions({ delay: { minimum: milliseconds(ms), maximum: milliseconds(ms) } });
    delay(500);
    bench.device.notify(bench.device.relations[0], value(21));
    delay(5);
    bench.device.notify(bench.device.relations[0], value(22));
    await bench.network.run(milliseconds(1000));
    const seen = bench.notified.map(({ content, isFresh }) => [numberIn(content[0]?.content), isFresh]);
    assert.deepEqual(seen.slice(1), [
      [22, true],
      [21, false],
    ]);
  });

  test('of an error end the observation for its consumer (R-505)', async () => {
    await using bench = await openObserved();
    const observation = bench.server.device(endpoint).observe(path);
    await bench.finish(observation.started());
    await next(bench, observation);
    const waiting = failureOf(bench, observation.next());
    bench.device.notify(bench.device.relations[0], { code: ResponseCode.notFound });
    const error = await waiting;
    assert.ok(error instanceof ResponseError && error.coapCode === '4.04');
    assert.deepEqual(await bench.server.device(endpoint).observations(), []);
    assert.equal(bench.events.at(-1), `observation of ${endpoint} ${path} ended-by-device`);
  });

  test('beyond what a slow consumer keeps push out the oldest, which are counted', async () => {
    await using bench = await openObserved(() => value(0), { limits: { bufferedNotifications: 3 } });
    const observation = bench.server.device(endpoint).observe(path);
    await bench.finish(observation.started());
    for (let celsius = 1; celsius <= 5; celsius += 1) {
      bench.device.notify(bench.device.relations[0], value(celsius));
      await bench.network.run(milliseconds(50));
    }
    assert.equal(observation.dropped, 3);
    assert.deepEqual([await next(bench, observation), await next(bench, observation)], [3, 4]);
  });

  test('are not kept at all for who does not want to iterate', async () => {
    await using bench = await openObserved();
    const observation = bench.server.device(endpoint).observe(path, { buffered: 0 });
    await bench.finish(observation.started());
    assert.equal(observation.dropped, 1);
    const waiting = observation.next();
    bench.device.notify(bench.device.relations[0], value(21));
    assert.equal(numberIn((await bench.finish(waiting)).value?.value), 21);
  });

  test('from an address that is not that of the device are rejected without security (R-342)', async () => {
    await using bench = await openObserved();
    await bench.finish(bench.server.device(endpoint).observe(path).started());
    await bench.device.shell.rebind();
    bench.device.notify(bench.device.relations[0], value(21));
    await bench.network.run(milliseconds(100));
    assert.equal(bench.notified.length, 1);
    assert.equal(bench.device.endedRelations[0]?.reason, 'reset');
  });

  test('from the new address arrive after an Update from there (R-332, R-506)', async () => {
    await using bench = await openObserved();
    await bench.finish(bench.server.device(endpoint).observe(path).started());
    await bench.device.shell.rebind();
    await bench.device.exchange({ method: Method.post, uriPath: bench.location });
    bench.device.notify(bench.device.relations[0], value(21));
    await bench.network.run(milliseconds(100));
    assert.equal(numberIn(bench.notified.at(-1)?.content[0]?.content), 21);
  });

  test('go on after an Update (R-506)', async () => {
    await using bench = await openObserved();
    await bench.finish(bench.server.device(endpoint).observe(path).started());
    await bench.device.exchange({ method: Method.post, uriPath: bench.location, uriQuery: ['lt=60'] });
    bench.device.notify(bench.device.relations[0], value(21), true);
    await bench.network.run(milliseconds(100));
    assert.equal(bench.notified.length, 2);
  });
});

describe('Cancel', () => {
  test('by leaving the loop tells the device with the token it knows (R-504)', async () => {
    await using bench = await openObserved();
    const leave = async (): Promise<void> => {
      for await (const { value: content } of bench.server.device(endpoint).observe(path)) {
        assert.equal(numberIn(content), 20);
        return;
      }
    };
    await bench.finish(leave());
    await bench.network.run(milliseconds(100));
    const [first, second] = bench.device.received;
    assert.equal(second?.request.observe, 'deregister');
    assert.deepEqual(second.request.uriPath, first?.request.uriPath);
    assert.equal(bench.device.endedRelations[0]?.reason, 'deregistered');
    assert.equal(bench.events.at(-1), `observation of ${endpoint} ${path} cancelled`);
    assert.deepEqual(await bench.server.device(endpoint).observations(), []);
  });

  test('passively sends nothing and rejects the next notification, NON as well as CON (R-504)', async () => {
    for (const isConfirmable of [false, true]) {
      await using bench = await openObserved();
      const device = bench.server.device(endpoint);
      await bench.finish(device.observe(path).started());
      const asked = bench.device.received.length;
      await bench.finish(device.cancelObservation(path, { way: 'passive' }));
      assert.equal(bench.device.received.length, asked);
      bench.device.notify(bench.device.relations[0], value(21), isConfirmable);
      await bench.network.run(milliseconds(100));
      assert.equal(bench.device.endedRelations[0]?.reason, 'reset');
      assert.equal(bench.notified.length, 1);
    }
  });

  test('ends the loop of its consumer without an error', async () => {
    await using bench = await openObserved();
    const device = bench.server.device(endpoint);
    const observation = device.observe(path);
    await bench.finish(observation.started());
    await next(bench, observation);
    const waiting = observation.next();
    await bench.finish(device.cancelObservation(path));
    assert.equal((await waiting).done, true);
  });

  test('of what is about to be observed anew asks the device for nothing: some know observations by their path alone', async () => {
    await using bench = await openObserved();
    const device = bench.server.device(endpoint);
    await bench.finish(device.observe(path).started());
    const again = device.observe(path);
    const cancelled = device.cancelObservation(path);
    await bench.finish(cancelled);
    await bench.finish(again.started());
    const asked = bench.device.received.map(({ request }) => request.observe);
    assert.deepEqual(asked, ['register', 'register']);
    bench.device.notify(bench.device.relations[0], value(21));
    bench.device.notify(bench.device.relations[1], value(22));
    await bench.network.run(milliseconds(100));
    assert.deepEqual(
      bench.device.endedRelations.map(({ reason }) => reason),
      ['reset'],
    );
    assert.equal(numberIn(bench.notified.at(-1)?.content[0]?.content), 22);
  });

  test('of what is not observed is harmless', async () => {
    await using bench = await openObserved();
    await bench.finish(bench.server.device(endpoint).cancelObservation(path));
    await bench.finish(bench.server.device('nobody').cancelObservation(path));
  });

  test('that the device does not confirm rejects, and is done all the same', async () => {
    await using bench = await openObserved();
    const device = bench.server.device(endpoint);
    await bench.finish(device.observe(path).started());
    bench.device.behaviour = () => 'silence';
    const error = await failureOf(bench, device.cancelObservation(path, { timeout: milliseconds(1000) }));
    assert.ok(error instanceof TransmissionError);
    assert.deepEqual(await device.observations(), []);
  });

  test('by the signal works before and after the device observes, with the reason of the signal', async () => {
    for (const wait of [1, 100]) {
      await using bench = await openObserved();
      const controller = new AbortController();
      const observation = bench.server.device(endpoint).observe(path, { signal: controller.signal });
      await bench.network.run(milliseconds(wait));
      controller.abort(new Error('enough'));
      if (wait > 1) assert.equal(await next(bench, observation), 20);
      await assert.rejects(observation.next(), /enough/);
      await bench.network.run(milliseconds(500));
      assert.deepEqual(await bench.server.device(endpoint).observations(), []);
      if (bench.device.relations.length > 0) {
        bench.device.notify(bench.device.relations[0], value(21));
        await bench.network.run(milliseconds(100));
        assert.equal(bench.device.endedRelations.length, 1);
      }
    }
  });

  test('before the device answered gives up asking', async () => {
    await using bench = await openObserved(() => 'silence');
    const observation = bench.server.device(endpoint).observe(path);
    await bench.network.run(milliseconds(100));
    await observation.return();
    const { sent } = bench.network.counts;
    await bench.network.run(milliseconds(200_000));
    assert.equal(bench.network.counts.sent, sent);
    await assert.rejects(observation.started(), /cancelled before it began/);
  });
});

describe('The end of a registration ends its observations', () => {
  test('by a new Register: void, and their notifications are rejected (R-313, R-505, X-RD-2)', async () => {
    await using bench = await observed();
    await bench.device.registered(endpoint);
    const error = await bench.finish(bench.failure);
    assert.ok(error instanceof TransmissionError && error.code === 'superseded');
    assert.deepEqual(await bench.server.device(endpoint).observations(), []);
    bench.device.notify(bench.device.relations[0], value(21));
    await bench.network.run(milliseconds(100));
    assert.equal(bench.notified.length, 1);
    assert.deepEqual(bench.events.slice(1), [
      `observation of ${endpoint} ${path} reregistered`,
      `registered ${endpoint} anew`,
    ]);
  });

  test('by De-register (R-341, R-505)', async () => {
    await using bench = await observed();
    await bench.device.exchange({ method: Method.delete, uriPath: bench.location });
    assert.ok((await bench.finish(bench.failure)) instanceof DeviceNotRegisteredError);
    assert.deepEqual(bench.events.slice(1), [
      `observation of ${endpoint} ${path} deregistered`,
      `deregistered ${endpoint}`,
    ]);
  });

  test('by expiry (R-340, R-505)', async () => {
    await using bench = await observed();
    await bench.network.run(milliseconds(301_000));
    assert.ok((await bench.failure) instanceof DeviceNotRegisteredError);
    assert.deepEqual(bench.events.slice(1), [
      `observation of ${endpoint} ${path} expired`,
      `expired ${endpoint}`,
    ]);
    bench.device.notify(bench.device.relations[0], value(21));
    await bench.network.run(milliseconds(100));
    assert.equal(bench.notified.length, 1);
  });

  test('also while they are about to begin', async () => {
    await using bench = await openObserved(() => 'silence');
    const observation = bench.server.device(endpoint).observe(path);
    await bench.network.run(milliseconds(100));
    await bench.device.registered(endpoint);
    const error = await failureOf(bench, observation.started());
    assert.ok(error instanceof TransmissionError && error.code === 'superseded');
    assert.deepEqual(await bench.server.device(endpoint).observations(), []);
  });
});

describe('After a restart', () => {
  /** A store that outlives its servers. */
  class LastingStore extends MemoryRegistrationStore {}

  test('registrations and observations are as before, and notifications arrive (R-506)', async () => {
    const network = new SimulatedNetwork(1);
    const store = new LastingStore();
    const first = await openTestServer({ store }, network);
    await first.device.registered(endpoint, '</1/0>,</3/0>,</6/0>');
    first.device.behaviour = () => value(20);
    await first.finish(first.server.device(endpoint).observe(path).started());
    await first.server.close();

    await using second = await openTestServer({ store }, network);
    const notified: NotifiedEvent[] = [];
    second.server.notified.subscribe((event) => notified.push(event));
    const device = second.server.device(endpoint);
    assert.equal((await device.registration())?.endpointName, endpoint);
    assert.deepEqual(
      (await device.observations()).map((each) => each.path),
      [path],
    );
    for (const [celsius, isConfirmable] of [
      [21, false],
      [22, true],
    ] as const) {
      first.device.notify(first.device.relations[0], value(celsius), isConfirmable);
      await network.run(milliseconds(100));
    }
    assert.deepEqual(
      notified.map(({ content }) => numberIn(content[0]?.content)),
      [21, 22],
    );
    assert.deepEqual(first.device.endedRelations, []);
    assert.equal(numberIn(await finish(network, device.read(path))), 20);
  });

  test('a notification from before the restart that comes late is known for an old one (CR-8.8)', async () => {
    const network = new SimulatedNetwork(1);
    const store = new LastingStore();
    const first = await openTestServer({ store }, network);
    await first.device.registered(endpoint, '</1/0>,</3/0>,</6/0>');
    first.device.behaviour = () => value(20);
    await first.finish(first.server.device(endpoint).observe(path).started());
    let late: { readonly from: Peer; readonly to: Peer; readonly datagram: Uint8Array } | undefined;
    using _watch = network.watch((datagram) => (late ??= datagram));
    network.setConditions({ loss: 1 });
    first.device.notify(first.device.relations[0], value(21));
    network.setConditions({ loss: 0 });
    first.device.notify(first.device.relations[0], value(22));
    await network.run(milliseconds(100));
    await first.server.close();

    await using second = await openTestServer({ store }, network);
    const notified: NotifiedEvent[] = [];
    second.server.notified.subscribe((event) => notified.push(event));
    assert.ok(late !== undefined);
    network.inject(late.from, late.to, late.datagram);
    await network.run(milliseconds(100));
    first.device.notify(first.device.relations[0], value(23));
    await network.run(milliseconds(100));
    assert.deepEqual(
      notified.map(({ content, isFresh }) => [numberIn(content[0]?.content), isFresh]),
      [
        [21, false],
        [23, true],
      ],
    );
  });

  test('a restored observation is cancelled with the token that the device knows', async () => {
    const network = new SimulatedNetwork(1);
    const store = new LastingStore();
    const first = await openTestServer({ store }, network);
    await first.device.registered(endpoint, '</1/0>,</3/0>,</6/0>');
    first.device.behaviour = () => value(20);
    await first.finish(first.server.device(endpoint).observe(path).started());
    await first.server.close();

    await using second = await openTestServer({ store }, network);
    await second.finish(second.server.device(endpoint).cancelObservation(path));
    assert.equal(first.device.endedRelations[0]?.reason, 'deregistered');
  });

  test('lifetimes go on', async () => {
    const network = new SimulatedNetwork(1);
    const store = new LastingStore();
    const first = await openTestServer({ store }, network);
    await first.device.registered(endpoint, '</1/0>,</3/0>', 60);
    await first.server.close();
    await using second = await openTestServer({ store }, network);
    await network.run(milliseconds(61_000));
    assert.deepEqual(second.events, [`expired ${endpoint}`]);
  });
});

describe('A store that fails', () => {
  test('ends an observation that it cannot keep', async () => {
    const store = Object.assign(new MemoryRegistrationStore(), {
      addObservation: () => Promise.reject(new StorageError('the disk is full')),
    });
    await using bench = await openObserved(() => value(20), { store });
    assert.ok(
      (await failureOf(bench, bench.server.device(endpoint).observe(path).started())) instanceof StorageError,
    );
    bench.device.notify(bench.device.relations[0], value(21));
    await bench.network.run(milliseconds(100));
    assert.equal(bench.device.endedRelations[0]?.reason, 'reset');
  });
});

test('a device at another address cannot notify in the name of one (R-342)', async () => {
  await using bench = await openObserved();
  await bench.finish(bench.server.device(endpoint).observe(path).started());
  const impostor = await RawDevice.open(bench.network, serverAddress, '10.6.6.6');
  const seen: Uint8Array[] = [];
  using _ = bench.network.watch(({ from, datagram }) => {
    if (from.address === '10.0.0.2') seen.push(datagram);
  });
  bench.device.notify(bench.device.relations[0], value(21));
  const [datagram] = seen;
  assert.ok(datagram);
  bench.network.inject(
    impostor.shell.peerHere,
    { ...impostor.shell.peerHere, key: 'udp:10.0.0.1:5683', ...serverAddress },
    datagram,
  );
  await bench.network.run(milliseconds(100));
  assert.equal(bench.notified.length, 2);
});

/** With an observation whose consumer waits for the next notification. */
async function observed(): Promise<ObservedServer & { failure: Promise<unknown> }> {
  const bench = await openObserved();
  const observation = bench.server.device(endpoint).observe(path);
  await bench.finish(observation.started());
  await next(bench, observation);
  return { ...bench, failure: observation.next().catch((error: unknown) => error) };
}

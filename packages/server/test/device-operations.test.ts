import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  DunlinError,
  milliseconds,
  ProtocolError,
  seconds,
  TransmissionError,
  UsageError,
  utf8Decode,
  utf8Encode,
} from '@dunlin/base';
import {
  ContentFormat,
  decodeMessage,
  formatCode,
  type IncomingRequest,
  Method,
  type Response,
  ResponseCode,
} from '@dunlin/coap';
import { type Content, decodeContent, Device, FirmwareUpdate, pathOf, Server } from '@dunlin/lwm2m';
import { DeviceNotRegisteredError, ResponseError, serverLimitsDefaults } from '@dunlin/server';

import {
  contentResponse,
  openTestServer,
  serverAddress,
  single,
  type TestServer,
} from './support/test-server.ts';

const endpoint = 'node-1';

/** A server with a registered device that answers in one way. */
async function openRegistered(
  behaviour: (request: IncomingRequest) => Response | 'silence' | undefined,
  links = '</1/0>,</3/0>,</5/0>,</3303/0>',
): Promise<TestServer> {
  const bench = await openTestServer();
  await bench.device.registered(endpoint, links);
  bench.device.behaviour = behaviour;
  return bench;
}

/** What the device was asked last, in one line: method, path, query and formats. */
function asked(bench: TestServer): string {
  const request = bench.device.received.at(-1)?.request;
  assert.ok(request);
  const names = {
    [Method.get]: 'GET',
    [Method.post]: 'POST',
    [Method.put]: 'PUT',
    [Method.delete]: 'DELETE',
  };
  const query = request.uriQuery.length === 0 ? '' : `?${request.uriQuery.join('&')}`;
  const accept = request.accept === undefined ? '' : ` accept ${request.accept}`;
  const format = request.contentFormat === undefined ? '' : ` format ${request.contentFormat}`;
  const method = Object.entries(names).find(([key]) => Number(key) === request.method)?.[1];
  return `${method} /${request.uriPath.join('/')}${query}${accept}${format}`;
}

function payloadText(bench: TestServer): string | undefined {
  return utf8Decode(bench.device.received.at(-1)?.request.payload ?? new Uint8Array());
}

function writtenContent(bench: TestServer, path: Parameters<typeof decodeContent>[1]): unknown {
  const request = bench.device.received.at(-1)?.request;
  return decodeContent(request?.contentFormat ?? -1, path, request?.payload ?? new Uint8Array(), undefined);
}

const changed = (): Response => ({ code: ResponseCode.changed });
const refuse =
  (code: ResponseCode, text = '') =>
  (): Response => ({ code, payload: utf8Encode(text) });

describe('Read', () => {
  test('gives the value of a typed reference, asking for TLV (R-420)', async () => {
    await using bench = await openRegistered(() => contentResponse('/3/0/0', single('string', 'Acme')));
    const value: string = await bench.finish(bench.server.device(endpoint).read(Device.manufacturer));
    assert.equal(value, 'Acme');
    assert.equal(asked(bench), 'GET /3/0/0 accept 11542');
    assert.equal(bench.device.received[0]?.request.isConfirmable, true);
  });

  test('gives the values of a multiple Resource by Resource Instance (R-420)', async () => {
    const values = new Map([
      [0, 1],
      [1, 5],
    ]);
    await using bench = await openRegistered(() =>
      contentResponse('/3/0/6', {
        kind: 'resource',
        resource: { kind: 'multiple', type: 'integer', values },
      }),
    );
    assert.deepEqual(
      await bench.finish(bench.server.device(endpoint).read(Device.availablePowerSources)),
      values,
    );
  });

  test('gives content for paths of every level, as text or as ids (R-420)', async () => {
    const resources = new Map([[0, { kind: 'single', type: 'string', value: 'Acme' } as const]]);
    await using bench = await openRegistered(({ uriPath }) =>
      uriPath.length === 1
        ? contentResponse('/3', { kind: 'object', instances: new Map([[0, resources]]) })
        : contentResponse('/3/0', { kind: 'object-instance', resources }),
    );
    const device = bench.server.device(endpoint);
    assert.deepEqual(await bench.finish(device.read('/3')), {
      kind: 'object',
      instances: new Map([[0, resources]]),
    });
    assert.deepEqual(await bench.finish(device.read(pathOf(3, 0))), { kind: 'object-instance', resources });
    assert.equal((await bench.finish(device.readContent('3/0'))).kind, 'object-instance');
  });

  test('asks in the format that the caller wants, and reads what comes (R-403)', async () => {
    await using bench = await openRegistered(() =>
      contentResponse('/3/0/0', single('string', 'Acme'), ContentFormat.text),
    );
    const options = { format: ContentFormat.text };
    assert.equal(
      await bench.finish(bench.server.device(endpoint).read(Device.manufacturer, options)),
      'Acme',
    );
    assert.equal(asked(bench), 'GET /3/0/0 accept 0');
  });

  test('asks once more without a wish when the device has no TLV, whether it says 4.06 or 4.15', async () => {
    for (const code of [ResponseCode.notAcceptable, ResponseCode.unsupportedContentFormat]) {
      await using bench = await openRegistered((request) =>
        request.accept === undefined
          ? contentResponse('/3/0/0', single('string', 'Acme'), ContentFormat.json)
          : { code },
      );
      assert.equal(await bench.finish(bench.server.device(endpoint).read(Device.manufacturer)), 'Acme');
      assert.equal(bench.device.received.length, 2);
    }
  });

  test('takes a 4.06 for an answer when the caller named the format', async () => {
    await using bench = await openRegistered(refuse(ResponseCode.notAcceptable));
    const reading = bench.server.device(endpoint).read('/3/0', { format: ContentFormat.text });
    await assert.rejects(bench.finish(reading), { code: 'response', coapCode: '4.06' });
    assert.equal(bench.device.received.length, 1);
  });

  test('puts the alternate root in front of every path (R-324)', async () => {
    const links = '</lwm2m>;rt="oma.lwm2m",</lwm2m/1/0>,</lwm2m/3/0>';
    await using bench = await openRegistered(
      () => contentResponse('/3/0/0', single('string', 'Acme')),
      links,
    );
    await bench.finish(bench.server.device(endpoint).read(Device.manufacturer));
    assert.equal(asked(bench), 'GET /lwm2m/3/0/0 accept 11542');
  });

  test('goes to where the device last was, from the address it talks to (R-314, R-332)', async () => {
    await using bench = await openRegistered(() => contentResponse('/3/0/0', single('string', 'Acme')));
    const { id = '' } = (await bench.server.device(endpoint).registration()) ?? {};
    await bench.device.shell.rebind();
    await bench.device.exchange({ method: Method.post, uriPath: ['rd', id] });
    assert.equal(await bench.finish(bench.server.device(endpoint).read(Device.manufacturer)), 'Acme');
  });

  test('of a large body comes block-wise (RFC 7959)', async () => {
    const value = Uint8Array.from({ length: 5000 }, (_, index) => index & 0xff);
    await using bench = await openRegistered(() => contentResponse('/3303/0/1', single('opaque', value)));
    const content = await bench.finish(
      bench.server.device(endpoint).read('/3303/0/1', { format: ContentFormat.tlv }),
    );
    assert.equal(content.kind, 'resource');
  });
});

describe('Write', () => {
  test('replaces a Resource by PUT with its Content-Format (R-440, R-442)', async () => {
    await using bench = await openRegistered(changed);
    await bench.finish(bench.server.device(endpoint).write(Server(0).lifetime, 86_400));
    assert.equal(asked(bench), 'PUT /1/0/1 format 11542');
    assert.deepEqual(bench.device.received[0]?.request.payload, Uint8Array.of(0xc4, 1, 0, 1, 0x51, 0x80));
  });

  test('types values by the definition, or by themselves where there is none', async () => {
    await using bench = await openRegistered(changed);
    const device = bench.server.device(endpoint);
    await bench.finish(device.write('/1/0/6', true));
    assert.deepEqual(bench.device.received.at(-1)?.request.payload, Uint8Array.of(0xc1, 6, 1));
    await bench.finish(device.write('/3303/0/5701', 'Cel'));
    assert.deepEqual(writtenContent(bench, pathOf(3303, 0, 5701)), single('opaque', utf8Encode('Cel')));
    await bench.finish(device.write('/3303/0/1', 2.5, { format: ContentFormat.text }));
    assert.equal(payloadText(bench), '2.5');
    await bench.finish(device.write('/5/0/0', Uint8Array.of(1, 2), { format: ContentFormat.opaque }));
    assert.deepEqual(bench.device.received.at(-1)?.request.payload, Uint8Array.of(1, 2));
  });

  test('replaces an Object Instance by PUT, and updates it in part by POST (R-440, R-441)', async () => {
    await using bench = await openRegistered(changed);
    const device = bench.server.device(endpoint);
    await bench.finish(device.write('/1/0', { 1: 60, 6: false }));
    assert.equal(asked(bench), 'PUT /1/0 format 11542');
    await bench.finish(device.write('/1/0', { 7: 'UQ' }, { mode: 'update' }));
    assert.equal(asked(bench), 'POST /1/0 format 11542');
    assert.deepEqual(bench.device.received.at(-1)?.request.payload, Uint8Array.of(0xc2, 7, 0x55, 0x51));
  });

  test('tries JSON and plain text when the device takes no TLV (R-404)', async () => {
    await using bench = await openRegistered(
      ({ contentFormat }) => ({
        code:
          contentFormat === ContentFormat.text ? ResponseCode.changed : ResponseCode.unsupportedContentFormat,
      }),
      '</>;ct=11543,</1/0>,</3/0>',
    );
    await bench.finish(bench.server.device(endpoint).write(Server(0).lifetime, 60));
    const formats = bench.device.received.map(({ request }) => request.contentFormat);
    assert.deepEqual(formats, [ContentFormat.tlv, ContentFormat.json, ContentFormat.text]);
  });

  test('does not send what cannot be written (R-441, R-448)', async () => {
    await using bench = await openRegistered(changed);
    const device = bench.server.device(endpoint);
    const mistakes = [
      device.write('/1', { 1: 1 }),
      device.write('/1/0/1', 60, { mode: 'update' }),
      device.write('/1/0/1', 'soon'),
      device.write('/1/0/1', { 1: 60 }),
      device.write('/1/0', 60),
      device.write('/1/0/1/0', 60),
      device.write('nowhere', 60),
      device.write('/1/0', { 1: 60 }, { format: ContentFormat.text }),
      device.write('/1/0/1', 60, { format: 60 }),
    ];
    for (const mistake of mistakes) await assert.rejects(mistake, UsageError);
    assert.equal(bench.device.received.length, 0);
  });

  test('sends a large value block-wise (RFC 7959)', async () => {
    await using bench = await openRegistered(changed);
    const image = new Uint8Array(3000).fill(7);
    await bench.finish(
      bench.server.device(endpoint).write(FirmwareUpdate.package, image, { format: ContentFormat.opaque }),
    );
    assert.deepEqual(bench.device.received.at(-1)?.request.payload, image);
    assert.equal(bench.device.received.at(-1)?.request.isBlockwise, true);
  });
});

describe('A device that knows blocks by their token (CR-6.3, CR-12)', () => {
  const value = Uint8Array.from({ length: 3000 }, (_, index) => index & 0xff);

  /** The tokens of what the server sends while it reads and writes a large value. */
  async function tokensToward(
    reusesToken: (endpointName: string) => boolean,
  ): Promise<readonly Set<string>[]> {
    await using bench = await openTestServer({ reusesToken });
    await bench.device.registered(endpoint, '</5/0>,</3303/0>');
    const tokens: string[] = [];
    using _ = bench.network.watch(({ from, datagram }) => {
      const message = decodeMessage(datagram);
      if (from.address === serverAddress.address && message.kind !== 'malformed')
        tokens.push(message.tokenKey);
    });
    const taken = (): Set<string> => new Set(tokens.splice(0));
    const device = bench.server.device(endpoint);
    bench.device.behaviour = () => contentResponse('/3303/0/1', single('opaque', value));
    await bench.finish(device.read('/3303/0/1', { format: ContentFormat.tlv }));
    const ofRead = taken();
    bench.device.behaviour = changed;
    await bench.finish(device.write(FirmwareUpdate.package, value, { format: ContentFormat.opaque }));
    return [ofRead, taken()];
  }

  test('is asked and written to with one token for all blocks of a body, others with one for each', async () => {
    const one = await tokensToward((name) => name === endpoint);
    assert.deepEqual(
      one.map(({ size }) => size),
      [1, 1],
    );
    const many = await tokensToward((name) => name !== endpoint);
    assert.deepEqual(
      many.map(({ size }) => size),
      [3, 3],
    );
  });
});

describe('Write-Attributes, Discover, Execute, Create, Delete', () => {
  test('Write-Attributes is a PUT with a query and nothing else (R-450, R-451)', async () => {
    await using bench = await openRegistered(changed);
    const change = { pmin: seconds(10), pmax: null, gt: 42.5 };
    await bench.finish(bench.server.device(endpoint).writeAttributes('/3303/0/5700', change));
    assert.equal(asked(bench), 'PUT /3303/0/5700?pmin=10&pmax&gt=42.5');
    await assert.rejects(bench.server.device(endpoint).writeAttributes('/3/0', {}), UsageError);
  });

  test('Discover asks for link format and gives links with attributes, without the alternate root (R-430, R-434)', async () => {
    const payload = utf8Encode(
      '</lwm2m/3>;pmin=10,</lwm2m/3/0>,</lwm2m/3/0/7>;dim=8;gt=50 ;lt=42.2;title="x"',
    );
    const links = '</lwm2m>;rt="oma.lwm2m",</lwm2m/1/0>,</lwm2m/3/0>';
    const answer = { code: ResponseCode.content, contentFormat: ContentFormat.linkFormat, payload };
    await using bench = await openRegistered(() => answer, links);
    const found = await bench.finish(bench.server.device(endpoint).discover('/3'));
    assert.equal(asked(bench), 'GET /lwm2m/3 accept 40');
    assert.deepEqual(
      found.map(({ path }) => path),
      [pathOf(3), pathOf(3, 0), pathOf(3, 0, 7)],
    );
    assert.equal(found[0]?.attributes.pmin, 10);
    assert.equal(found[2]?.dimension, 8);
  });

  test('Execute is a POST, with arguments as text when there are any (R-460, R-461)', async () => {
    await using bench = await openRegistered(changed);
    const device = bench.server.device(endpoint);
    await bench.finish(device.execute(Device.reboot));
    assert.equal(asked(bench), 'POST /3/0/4');
    await bench.finish(device.execute('/3/0/4', "2='10.3',0"));
    assert.equal(asked(bench), 'POST /3/0/4 format 0');
    assert.equal(payloadText(bench), "2='10.3',0");
    await bench.finish(device.execute('/3/0/4', new Map([[5, undefined]])));
    assert.equal(payloadText(bench), '5');
  });

  test('Execute does not send arguments outside of the grammar (R-461, R-462)', async () => {
    await using bench = await openRegistered(changed);
    const device = bench.server.device(endpoint);
    for (const mistake of ['10', "0='a b'", '0,0', "0='", 'x', '0,']) {
      await assert.rejects(device.execute('/3/0/4', mistake), UsageError);
    }
    await assert.rejects(device.execute('/3/0'), UsageError);
    assert.equal(bench.device.received.length, 0);
  });

  test('Create lets the device choose the id, and learns it from the location (R-471)', async () => {
    await using bench = await openRegistered(() => ({
      code: ResponseCode.created,
      locationPath: ['3303', '4'],
    }));
    const path = await bench.finish(bench.server.device(endpoint).create('/3303', { 5700: 20.5 }));
    assert.deepEqual(path, pathOf(3303, 4));
    assert.equal(asked(bench), 'POST /3303 format 11542');
  });

  test('Create names the instance when the caller does, and needs no location then (R-471)', async () => {
    await using bench = await openRegistered(() => ({ code: ResponseCode.created }));
    const device = bench.server.device(endpoint);
    const path = await bench.finish(device.create('/1', { 0: 102, 1: 60 }, { objectInstanceId: 7 }));
    assert.deepEqual(path, pathOf(1, 7));
    const content = writtenContent(bench, pathOf(1));
    assert.ok(
      typeof content === 'object' &&
        content !== null &&
        'instances' in content &&
        content.instances instanceof Map,
    );
    assert.deepEqual([...content.instances.keys()], [7]);
    await assert.rejects(device.create('/1', {}, { objectInstanceId: 65_535 }), UsageError);
    await assert.rejects(device.create('/1/0', {}), UsageError);
  });

  test('Create looks for the new instance when the device does not name it, as some do not', async () => {
    const links = utf8Encode('</3303>,</3303/0>,</3303/0/5700>,</3303/9>,</3303/9/5700>');
    await using bench = await openRegistered(({ method }) =>
      method === Method.post
        ? { code: ResponseCode.created }
        : { code: ResponseCode.content, contentFormat: ContentFormat.linkFormat, payload: links },
    );
    assert.deepEqual(
      await bench.finish(bench.server.device(endpoint).create('/3303', { 5700: 1 })),
      pathOf(3303, 9),
    );
  });

  test('Delete is a DELETE of an Object Instance and of nothing else (R-480)', async () => {
    await using bench = await openRegistered(() => ({ code: ResponseCode.deleted }));
    const device = bench.server.device(endpoint);
    await bench.finish(device.delete('/3303/0'));
    assert.equal(asked(bench), 'DELETE /3303/0');
    await assert.rejects(device.delete('/3303'), UsageError);
    await assert.rejects(device.delete('/3303/0/1'), UsageError);
    assert.equal(bench.device.received.length, 1);
  });
});

describe('Errors say whose fault it is', () => {
  test('a refusal is a ResponseError with code, text and blame', async () => {
    await using bench = await openRegistered(refuse(ResponseCode.methodNotAllowed, 'not\u0007readable'));
    const error: unknown = await bench.finish(
      bench.server
        .device(endpoint)
        .read('/3/0/4')
        .catch((reason: unknown) => reason),
    );
    assert.ok(error instanceof ResponseError && DunlinError.is(error));
    assert.deepEqual(
      [error.code, error.coapCode, error.diagnostic, error.blame],
      ['response', '4.05', 'not readable', 'caller'],
    );
    assert.match(
      error.message,
      /node-1 refused the Read of \/3\/0\/4 with 4\.05 Method Not Allowed: not readable/,
    );
  });

  test('a refusal of class 5 is the fault of the device', async () => {
    await using bench = await openRegistered(refuse(ResponseCode.internalServerError));
    await assert.rejects(bench.finish(bench.server.device(endpoint).delete('/3303/0')), {
      coapCode: '5.00',
      blame: 'device',
    });
  });

  const broken: readonly [string, Response][] = [
    ['a success that is none of a Read (1.0 §8.5)', { code: ResponseCode.changed }],
    ['no Content-Format (R-402)', { code: ResponseCode.content, payload: utf8Encode('Acme') }],
    [
      'a format that is not known',
      { code: ResponseCode.content, contentFormat: 666, payload: utf8Encode('Acme') },
    ],
    [
      'TLV that is cut off',
      { code: ResponseCode.content, contentFormat: 11542, payload: Uint8Array.of(0xc4, 0) },
    ],
    [
      'several values for a single Resource',
      contentResponse('/3/0/0', {
        kind: 'resource',
        resource: { kind: 'multiple', type: 'string', values: new Map([[0, 'a']]) },
      }),
    ],
  ];
  for (const [what, response] of broken) {
    test(`an answer with ${what} is a ProtocolError`, async () => {
      await using bench = await openRegistered(() => response);
      await assert.rejects(
        bench.finish(bench.server.device(endpoint).read(Device.manufacturer)),
        ProtocolError,
      );
    });
  }

  test('no registration is a DeviceNotRegisteredError', async () => {
    await using bench = await openTestServer();
    const device = bench.server.device('nobody');
    await assert.rejects(device.read('/3/0'), DeviceNotRegisteredError);
    await assert.rejects(device.write('/1/0/1', 1), { code: 'not-registered', endpointName: 'nobody' });
    await assert.rejects(device.observe('/3/0').started(), DeviceNotRegisteredError);
    assert.equal(await device.registration(), undefined);
    assert.deepEqual(await device.observations(), []);
  });

  test('no answer is a TransmissionError after the retransmissions of CoAP (RFC 7252 §4.8.2)', async () => {
    await using bench = await openRegistered(() => 'silence');
    const begin = bench.network.clock.now;
    await assert.rejects(bench.finish(bench.server.device(endpoint).read('/3/0')), { code: 'no-answer' });
    const waited = bench.network.clock.now - begin;
    assert.ok(waited >= 45_000 && waited <= 93_100, `${waited} ms`);
  });

  test('an acknowledgement without a response ends by the deadline of the caller', async () => {
    await using bench = await openRegistered(() => undefined);
    const begin = bench.network.clock.now;
    const reading = bench.server.device(endpoint).read('/3/0', { timeout: milliseconds(3000) });
    await assert.rejects(bench.finish(reading), { code: 'expired' });
    assert.equal(bench.network.clock.now - begin, 3000);
  });
});

test('the deadline of the caller covers all requests of an operation', async () => {
  await using bench = await openRegistered((request) =>
    request.accept === undefined ? undefined : { code: ResponseCode.notAcceptable },
  );
  bench.network.setConditions({ delay: { minimum: milliseconds(400), maximum: milliseconds(400) } });
  const begin = bench.network.clock.now;
  const reading = bench.server.device(endpoint).read('/3/0', { timeout: milliseconds(1500) });
  await assert.rejects(bench.finish(reading), { code: 'expired' });
  assert.equal(bench.network.clock.now - begin, 1500);
  assert.equal(bench.device.received.length, 2);
});

describe('Giving up', () => {
  test('an AbortSignal ends an operation with its reason, and nothing more is sent', async () => {
    await using bench = await openRegistered(() => 'silence');
    const controller = new AbortController();
    const reading = bench.server.device(endpoint).read('/3/0', { signal: controller.signal });
    await bench.network.run(milliseconds(100));
    const reason = new Error('enough');
    controller.abort(reason);
    await assert.rejects(bench.finish(reading), (error) => error === reason);
    const sent = bench.network.counts.sent;
    await bench.network.run(milliseconds(100_000));
    assert.equal(bench.network.counts.sent, sent);
  });

  test('a signal that is aborted already sends nothing', async () => {
    await using bench = await openRegistered(changed);
    const signal = AbortSignal.abort(new Error('never'));
    await assert.rejects(bench.server.device(endpoint).execute('/3/0/4', '', { signal }), /never/);
    assert.equal(bench.device.received.length, 0);
  });

  test('a Register again ends each of the requests under way once, as superseded (R-313)', async () => {
    await using bench = await openRegistered(() => 'silence');
    const device = bench.server.device(endpoint);
    const outcomes: unknown[] = [];
    for (let index = 0; index < 4; index += 1) {
      device.read('/3/0').catch((error: unknown) => outcomes.push(error));
    }
    await bench.network.run(milliseconds(100));
    await bench.device.registered(endpoint);
    await bench.network.run(milliseconds(200_000));
    assert.deepEqual(
      outcomes.map((error) => error instanceof TransmissionError && error.code),
      Array(4).fill('superseded'),
    );
  });

  test('a De-register ends the requests under way', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered(endpoint);
    bench.device.behaviour = () => 'silence';
    const reading = bench.server
      .device(endpoint)
      .read('/3/0')
      .catch((error: unknown) => error);
    await bench.network.run(milliseconds(100));
    await bench.device.exchange({ method: Method.delete, uriPath: location });
    assert.ok((await bench.finish(reading)) instanceof DeviceNotRegisteredError);
  });

  test('nothing that waits for its turn is sent when the registration ends', async () => {
    await using bench = await openRegistered(() => 'silence');
    const device = bench.server.device(endpoint);
    const outcomes = [
      device.read('/3/0'),
      device.execute('/3/0/4'),
      device.observe('/3/0/9').started(),
      device.write('/3/0/14', '+01:00'),
    ].map((promise) => promise.catch((error: unknown) => error));
    await bench.network.run(milliseconds(100));
    await bench.device.registered(endpoint);
    assert.equal(await bench.server.deregister(endpoint), true);
    await bench.network.run(milliseconds(200_000));
    for (const outcome of outcomes) assert.ok((await outcome) instanceof TransmissionError);
    const paths = bench.device.received.map(({ request }) => request.uriPath.join('/'));
    assert.deepEqual(new Set(paths), new Set(['3/0']));
  });

  test('nothing that waits for its turn is sent to the address that the device has left', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered(endpoint);
    bench.device.behaviour = () => 'silence';
    const device = bench.server.device(endpoint);
    const outcomes = [device.read('/3/0'), device.read('/3/0/1'), device.execute('/3/0/4')].map((promise) =>
      promise.catch((error: unknown) => error),
    );
    await bench.network.run(milliseconds(100));
    const { port } = bench.device.shell.local;
    const sentTo: string[] = [];
    bench.network.watch(({ to, datagram }) => {
      if (to.port === port) sentTo.push(String(datagram.length));
    });
    await bench.device.shell.rebind();
    await bench.device.exchange({ method: Method.post, uriPath: location });
    await bench.finish(Promise.all(outcomes));
    assert.deepEqual(sentTo, []);
  });

  test('an Update from another address asks there again what may be asked twice, and what was not sent yet', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered(endpoint);
    bench.device.behaviour = () => 'silence';
    const device = bench.server.device(endpoint);
    const reading = device.read(Device.manufacturer);
    const executing = device.execute('/3/0/4');
    await bench.network.run(milliseconds(100));
    bench.device.behaviour = ({ method }) =>
      method === Method.get ? contentResponse('/3/0/0', single('string', 'Acme')) : changed();
    await bench.device.shell.rebind();
    await bench.device.exchange({ method: Method.post, uriPath: location });
    assert.equal(await bench.finish(reading), 'Acme');
    await bench.finish(executing);
  });

  test('an Update from another address gives up what was sent and must not be asked twice', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered(endpoint);
    bench.device.behaviour = () => 'silence';
    const executing = bench.server
      .device(endpoint)
      .execute('/3/0/4')
      .catch((error: unknown) => error);
    await bench.network.run(milliseconds(100));
    bench.device.behaviour = changed;
    await bench.device.shell.rebind();
    await bench.device.exchange({ method: Method.post, uriPath: location });
    const error: unknown = await bench.finish(executing);
    assert.ok(error instanceof TransmissionError && error.code === 'superseded');
  });

  test('an Update from another address begins there what was about to be observed', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered(endpoint);
    bench.device.behaviour = () => 'silence';
    const observation = bench.server.device(endpoint).observe(Device.batteryLevel);
    await bench.network.run(milliseconds(100));
    bench.device.behaviour = () => contentResponse('/3/0/9', single('integer', 80));
    await bench.device.shell.rebind();
    await bench.device.exchange({ method: Method.post, uriPath: location });
    assert.equal((await bench.finish(observation.started())).value, 80);
  });

  test('closing the server ends what is under way', async () => {
    const bench = await openRegistered(() => 'silence');
    const reading = bench.server
      .device(endpoint)
      .read('/3/0')
      .catch((error: unknown) => error);
    await bench.network.run(milliseconds(100));
    await bench.server.close();
    await bench.server.close();
    const error: unknown = await reading;
    assert.ok(error instanceof TransmissionError && error.code === 'closed');
  });
});

describe('Requests to one device', () => {
  test('go out one after the other (RFC 7252 §4.7), and all are answered', async () => {
    let open = 0;
    let most = 0;
    await using bench = await openRegistered(() => {
      open += 1;
      most = Math.max(most, open);
      open -= 1;
      return contentResponse('/3/0/0', single('string', 'Acme'));
    });
    const device = bench.server.device(endpoint);
    const values = await bench.finish(
      Promise.all(Array.from({ length: 20 }, () => device.read(Device.manufacturer))),
    );
    assert.deepEqual(values, Array(20).fill('Acme'));
    assert.equal(most, 1);
  });

  test('are bounded: one too many is refused at once as overloaded', async () => {
    const bench = await openTestServer({ limits: { requestsPerDevice: 2 } });
    await using _ = bench;
    await bench.device.registered(endpoint);
    bench.device.behaviour = () => undefined;
    const device = bench.server.device(endpoint);
    const waiting = [device.read('/3/0'), device.read('/3/0')].map((each) => each.catch(() => 'gone'));
    await assert.rejects(device.read('/3/0'), { code: 'overloaded' });
    await bench.server.close();
    assert.deepEqual(await Promise.all(waiting), ['gone', 'gone']);
  });

  test('are as many as the limit says, whatever CoAP lines up by itself', async () => {
    await using bench = await openRegistered(({ uriPath }) =>
      uriPath[0] === '3'
        ? contentResponse('/3/0/0', single('string', 'Acme'))
        : contentResponse(`/${uriPath.join('/')}`, single('float', 20.5)),
    );
    const device = bench.server.device(endpoint);
    const reads = Array.from({ length: serverLimitsDefaults.requestsPerDevice }, () =>
      device.read(Device.manufacturer),
    );
    const observations = Promise.allSettled(
      Array.from({ length: 20 }, (_, id) => device.observe(`/3303/${id}/5700`).started()),
    );
    assert.deepEqual(new Set(await bench.finish(Promise.all(reads))), new Set(['Acme']));
    const outcomes = await bench.finish(observations);
    assert.ok(outcomes.every(({ status }) => status === 'fulfilled'));
  });

  test('a separate response is as good as any (RFC 7252 §5.2.2)', async () => {
    await using bench = await openRegistered(() => undefined);
    const reading = bench.server.device(endpoint).read(Device.manufacturer);
    await bench.network.run(milliseconds(5000));
    const exchange = bench.device.received[0]?.exchange;
    assert.ok(exchange !== undefined);
    bench.device.respond(exchange, contentResponse('/3/0/0', single('string', 'Acme')));
    assert.equal(await bench.finish(reading), 'Acme');
  });
});

test('content that was read can be written back as it is', async () => {
  const content: Content = single('string', 'UQ');
  await using bench = await openRegistered(({ method }) =>
    method === Method.get ? contentResponse('/1/0/7', content) : changed(),
  );
  const device = bench.server.device(endpoint);
  const read = await bench.finish(device.read('/1/0/7'));
  await bench.finish(device.write('/1/0/7', read));
  assert.equal(formatCode(bench.device.received.at(-1)?.request.method ?? 0), '0.03');
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { addDuration, milliseconds, StorageError, seconds, utf8Decode } from '@dunlin/base';
import { formatCode, type IncomingResponse, Method, type Request, ResponseCode } from '@dunlin/coap';
import { Server } from '@dunlin/lwm2m';
import { MemoryRegistrationStore, type RegistrationStore, type ServerLimits } from '@dunlin/server';

import { RawDevice } from './support/raw-device.ts';
import { openTestServer, type TestServer } from './support/test-server.ts';

const usual = ['ep=node-1', 'lt=300', 'lwm2m=1.0', 'b=U'];
const links = '</1/0>,</3/0>';

function without(name: string): readonly string[] {
  return usual.filter((argument) => !argument.startsWith(`${name}=`));
}

function withQuery(...query: readonly string[]): readonly string[] {
  return usual
    .filter((argument) => !query.some((each) => each.split('=')[0] === argument.split('=')[0]))
    .concat(query);
}

function code(response: IncomingResponse): string {
  return formatCode(response.code);
}

describe('Register', () => {
  test('is answered with 2.01 and a location of two segments under /rd, in at most 16 letters (R-301, int-101)', async () => {
    await using bench = await openTestServer();
    const response = await bench.device.register(usual, links);
    assert.equal(code(response), '2.01');
    assert.equal(response.payload.length, 0);
    assert.equal(response.locationQuery?.length ?? 0, 0);
    assert.match(response.locationPath?.join('/') ?? '', /^rd\/[A-Za-z0-9_-]{1,16}$/);
    const registration = await bench.server.device('node-1').registration();
    assert.equal(registration?.id, response.locationPath?.[1]);
  });

  test('keeps every parameter, the object list and the source (R-310, R-314, int-101)', async () => {
    await using bench = await openTestServer();
    const query = ['b=UQS', 'sms=491701234567', 'lwm2m=1.0', 'lt=86400', 'ep=urn:dev:os:32473-1'];
    await bench.device.register(query, '</>;ct=11543,</1/0>,</3/0>,</44>;ver="2.2",</44/0>,</5>');
    const registration = await bench.server.device('urn:dev:os:32473-1').registration();
    assert.ok(registration);
    assert.equal(registration.lifetime, 86_400);
    assert.equal(registration.version, '1.0');
    assert.equal(registration.bindingMode, 'UQS');
    assert.equal(registration.smsNumber, '491701234567');
    assert.equal(registration.peer.address, '10.0.0.2');
    assert.equal(registration.localUri, 'coap://10.0.0.1:5683');
    assert.deepEqual(registration.contentFormats, [11543]);
    assert.deepEqual([...registration.objects.keys()], [1, 3, 5, 44]);
    assert.deepEqual(registration.objects.get(5)?.instances, []);
    assert.equal(registration.objects.get(44)?.version, '2.2');
    assert.equal(registration.expiresAt, addDuration(registration.registeredAt, milliseconds(86_400_000)));
  });

  const refusals: readonly [string, string, Partial<Request> & { links?: string }][] = [
    ['ep missing (R-311, X-RD-1)', '4.00', { uriQuery: without('ep') }],
    ['ep empty', '4.00', { uriQuery: withQuery('ep=') }],
    ['ep with a control character', '4.00', { uriQuery: withQuery('ep=a\u0007b') }],
    ['lt missing, for which 1.0 has no default (R-311, X-RD-1)', '4.00', { uriQuery: without('lt') }],
    ['lt not a number', '4.00', { uriQuery: withQuery('lt=soon') }],
    ['lt empty', '4.00', { uriQuery: withQuery('lt=') }],
    ['lt of 0', '4.00', { uriQuery: withQuery('lt=0') }],
    ['lt negative', '4.00', { uriQuery: withQuery('lt=-1') }],
    ['lt beyond 32 bits', '4.00', { uriQuery: withQuery('lt=4294967296') }],
    ['lwm2m missing (R-311, X-RD-1)', '4.00', { uriQuery: without('lwm2m') }],
    ['lwm2m not a version', '4.00', { uriQuery: withQuery('lwm2m=one') }],
    ['lwm2m of another major version (R-312, X-RD-1)', '4.12', { uriQuery: withQuery('lwm2m=2.0') }],
    [
      'lwm2m newer than the server, on which clients step down (R-312)',
      '4.12',
      { uriQuery: withQuery('lwm2m=1.1') },
    ],
    ['a parameter twice', '4.00', { uriQuery: [...usual, 'lt=300'] }],
    ['b not of 1.0: UT', '4.00', { uriQuery: withQuery('b=UT') }],
    ['b not supported: UQSQ (R-360)', '4.00', { uriQuery: withQuery('b=UQSQ') }],
    ['a binding mode with S and no sms (R-360)', '4.00', { uriQuery: withQuery('b=UQS') }],
    ['the binding mode UQSQ', '4.00', { uriQuery: withQuery('b=UQSQ') }],
    ['the binding mode USQ', '4.00', { uriQuery: withQuery('b=USQ') }],
    ['sms with a leading +', '4.00', { uriQuery: withQuery('sms=+49170') }],
    ['no object list', '4.00', { links: '' }],
    ['an object list that is no link format', '4.00', { links: '</1/0' }],
    ['an object list without Objects', '4.00', { links: '</>;ct=11543' }],
    [
      'an alternate root with a numeric segment (R-324)',
      '4.00',
      { links: '</5x/1>;rt="oma.lwm2m",</5x/1/1/0>' },
    ],
  ];
  for (const [what, expected, { links: list = links, uriQuery = usual }] of refusals) {
    test(`is refused with ${expected}: ${what}`, async () => {
      await using bench = await openTestServer();
      const response = await bench.device.register(uriQuery, list);
      assert.equal(code(response), expected);
      assert.notEqual(utf8Decode(response.payload), '');
      assert.deepEqual(bench.events, []);
      assert.equal(bench.diagnostics[0]?.kind, 'request-refused');
    });
  }

  test('is refused with 4.00 when it is not confirmable (1.0 §8.2)', async () => {
    await using bench = await openTestServer();
    const request = { method: Method.post, uriPath: ['rd'], uriQuery: usual, contentFormat: 40 };
    const payload = new TextEncoder().encode(links);
    assert.equal(
      code(await bench.device.exchange({ ...request, payload }, { isConfirmable: false })),
      '4.00',
    );
  });

  const tolerated: readonly [string, readonly string[], string][] = [
    ['parameters in any order (R-310)', usual.toReversed(), links],
    ['b missing, which means U (R-310)', without('b'), links],
    ['every binding mode of 1.0: UQ', withQuery('b=UQ'), links],
    ['every binding mode of 1.0: SQ', [...withQuery('b=SQ'), 'sms=491700000001'], links],
    ['blanks and unknown attributes in the list (R-322, X-RD-3)', usual, '</1/0>; obs , </3/0>;title="a, b"'],
    ['a list with Object 0 in it, which is passed over (R-321)', usual, '</0/0>,</1/0>,</3/0>'],
    ['a list without the mandatory Objects (R-321)', usual, '</3303/0>'],
    ['a root link without rt', usual, '</>;ct=112,</1/0>,</3/0>'],
    ['ct as a quoted list', usual, '</>;rt="oma.lwm2m";ct="60 110 11543",</1/0>,</3/0>'],
    ['a version on an Object Instance', usual, '</1/0>;ver=1.1,</3/0>'],
    ['the largest lifetime', withQuery('lt=4294967295'), links],
  ];
  for (const [what, query, list] of tolerated) {
    test(`is accepted: ${what}`, async () => {
      await using bench = await openTestServer();
      assert.equal(code(await bench.device.register(query, list)), '2.01');
      const registration = await bench.server.device('node-1').registration();
      assert.equal(registration?.objects.has(0), false);
    });
  }

  test('is accepted without Content-Format or with another one, as some devices send it', async () => {
    await using bench = await openTestServer();
    assert.equal(code(await bench.device.register(usual, links, { contentFormat: undefined })), '2.01');
    assert.equal(code(await bench.device.register(usual, links, { contentFormat: 0 })), '2.01');
  });

  test('keeps unknown parameters exactly, and refuses them with 4.00 when strict (R-311)', async () => {
    await using bench = await openTestServer();
    await bench.device.register([...usual, 'vendor=Acme=1', 'flag'], links);
    const registration = await bench.server.device('node-1').registration();
    assert.deepEqual({ ...registration?.additional }, { vendor: 'Acme=1', flag: '' });
    await using strict = await openTestServer({ isStrict: true });
    assert.equal(code(await strict.device.register([...usual, 'vendor=Acme'], links)), '4.00');
    assert.equal(code(await strict.device.register(usual, '</3303/0>')), '4.00');
    assert.equal(code(await strict.device.register(usual, links, { contentFormat: 0 })), '4.15');
    assert.equal(code(await strict.device.register(usual, links)), '2.01');
  });

  test('understands an alternate root path with formats (R-324, X-RD-3)', async () => {
    await using bench = await openTestServer();
    await bench.device.register(
      usual,
      '</lwm2m>;rt="oma.lwm2m";ct=11543,</lwm2m/1/0>,</lwm2m/3/0>,</sensor>',
    );
    const registration = await bench.server.device('node-1').registration();
    assert.equal(registration?.rootPath, '/lwm2m');
    assert.deepEqual([...(registration?.objects.keys() ?? [])], [1, 3]);
  });

  test('may come block-wise (RFC 7959)', async () => {
    await using bench = await openTestServer();
    const instances = Array.from({ length: 200 }, (_, id) => `</3303/${id}>`).join(',');
    assert.equal(code(await bench.device.register(usual, `${links},${instances}`)), '2.01');
    const registration = await bench.server.device('node-1').registration();
    assert.equal(registration?.objects.get(3303)?.instances.length, 200);
  });

  test('may come from several endpoints at one address', async () => {
    await using bench = await openTestServer();
    await bench.device.registered('a');
    await bench.device.registered('b');
    const { registrations } = await bench.server.registrations();
    assert.deepEqual(
      registrations.map(({ endpointName }) => endpointName),
      ['a', 'b'],
    );
  });

  test('shares what devices of one make have in common', async () => {
    await using bench = await openTestServer();
    await bench.device.registered('a', '</1/0>,</3/0>');
    await bench.device.registered('b', '</1/0>,</3/0>');
    await bench.device.registered('c', '</3/0>, </1/0>');
    const { registrations } = await bench.server.registrations();
    for (const { objects } of registrations) assert.equal(objects, registrations[0]?.objects);
  });
});

describe('Register again', () => {
  test('replaces the registration at once, with a new location; the old one is unknown (R-313, X-RD-2)', async () => {
    await using bench = await openTestServer();
    const first = await bench.device.registered('node-1');
    const second = await bench.device.registered('node-1');
    assert.notDeepEqual(first, second);
    assert.equal(code(await bench.device.exchange({ method: Method.post, uriPath: first })), '4.04');
    assert.equal(code(await bench.device.exchange({ method: Method.post, uriPath: second })), '2.04');
    assert.deepEqual(bench.events, ['registered node-1', 'registered node-1 anew', 'updated node-1']);
  });

  test('from another address takes the endpoint over (R-313)', async () => {
    await using bench = await openTestServer();
    await bench.device.registered('node-1');
    const other = await bench.newDevice('10.0.0.3');
    await other.registered('node-1');
    assert.equal((await bench.server.device('node-1').registration())?.peer.address, '10.0.0.3');
  });
});

describe('Update', () => {
  test('without anything refreshes the lifetime and changes nothing else (R-330, R-332, int-102)', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1', '</>;ct=11543,</1/0>,</3/0>', 60);
    const before = await bench.server.device('node-1').registration();
    await bench.network.run(milliseconds(50_000));
    assert.equal(await update(bench, location), '2.04');
    const after = await bench.server.device('node-1').registration();
    assert.ok(before && after);
    assert.ok(after.updatedAt - before.updatedAt >= 50_000);
    assert.equal(after.expiresAt, addDuration(after.updatedAt, milliseconds(60_000)));
    assert.deepEqual({ ...after, updatedAt: 0, expiresAt: 0 }, { ...before, updatedAt: 0, expiresAt: 0 });
    assert.deepEqual(bench.events, ['registered node-1', 'updated node-1']);
  });

  test('changes only what it says: lifetime, binding, number, additional parameters (R-330, R-332)', async () => {
    await using bench = await openTestServer();
    await bench.device.register([...usual, 'vendor=Acme'], links);
    const { id = '' } = (await bench.server.device('node-1').registration()) ?? {};
    const location = ['rd', id];
    assert.equal(await update(bench, location, { uriQuery: ['lt=20'] }), '2.04');
    assert.equal(await update(bench, location, { uriQuery: ['b=UQ', 'sms=49170', 'room=7'] }), '2.04');
    const registration = await bench.server.device('node-1').registration();
    assert.equal(registration?.lifetime, 20);
    assert.equal(registration.bindingMode, 'UQ');
    assert.equal(registration.smsNumber, '49170');
    assert.deepEqual({ ...registration.additional }, { vendor: 'Acme', room: '7' });
    assert.equal(registration.id, id);
    await bench.network.run(milliseconds(20_000));
    assert.equal(bench.events.at(-1), 'expired node-1');
  });

  test('with a list replaces the whole list, and keeps the formats when it names none (R-331)', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1', '</>;ct=11543,</1/0>,</3/0>,</3303/0>');
    const payload = new TextEncoder().encode('</1/0>,</3/0>,</3303/1>');
    assert.equal(await update(bench, location, { payload, contentFormat: 40 }), '2.04');
    assert.equal(await update(bench, location, { payload }), '2.04');
    const registration = await bench.server.device('node-1').registration();
    assert.deepEqual(registration?.objects.get(3303)?.instances, [1]);
    assert.deepEqual(registration.contentFormats, [11543]);
  });

  test('repeating ep and lwm2m is passed over, as they cannot change', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1');
    assert.equal(await update(bench, location, { uriQuery: ['ep=other', 'lwm2m=1.0'] }), '2.04');
    assert.equal((await bench.server.device('node-1').registration())?.endpointName, 'node-1');
    assert.equal(bench.diagnostics[0]?.kind, 'tolerated');
  });

  test('without lt after a Write of the lifetime confirms what was written, as some devices never say it', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1', links, 300);
    bench.device.behaviour = () => ({ code: ResponseCode.changed });
    await bench.finish(bench.server.device('node-1').write(Server(0).lifetime, 60));
    assert.equal((await bench.server.device('node-1').registration())?.lifetime, 300);
    assert.equal(await update(bench, location), '2.04');
    assert.equal((await bench.server.device('node-1').registration())?.lifetime, 60);
    await bench.finish(bench.server.device('node-1').write('/1/0', { 1: 120 }, { mode: 'update' }));
    assert.equal(await update(bench, location, { uriQuery: ['lt=90'] }), '2.04');
    assert.equal(await update(bench, location), '2.04');
    assert.equal((await bench.server.device('node-1').registration())?.lifetime, 90);
  });

  test('does not confirm a lifetime of a device with several Server instances', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1', '</1/0>,</1/1>,</3/0>', 300);
    bench.device.behaviour = () => ({ code: ResponseCode.changed });
    await bench.finish(bench.server.device('node-1').write(Server(0).lifetime, 60));
    assert.equal(await update(bench, location), '2.04');
    assert.equal((await bench.server.device('node-1').registration())?.lifetime, 300);
  });

  test('of an unknown location is answered with 4.04 (R-333)', async () => {
    await using bench = await openTestServer();
    assert.equal(await update(bench, ['rd', 'nobody']), '4.04');
    assert.equal(await update(bench, ['rd', 'no', 'body']), '4.04');
  });

  test('that is malformed is refused with 4.00 and changes nothing (R-311)', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1');
    const before = await bench.server.device('node-1').registration();
    for (const uriQuery of [['lt=0'], ['lt=x'], ['b=UT'], ['b=UQ', 'b=U'], ['sms=+1']]) {
      assert.equal(await update(bench, location, { uriQuery }), '4.00');
    }
    const payload = new TextEncoder().encode('</1/0');
    assert.equal(await update(bench, location, { payload, contentFormat: 40 }), '4.00');
    assert.deepEqual(await bench.server.device('node-1').registration(), before);
  });

  test('that is not confirmable is refused with 4.00 (1.0 §8.2)', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1');
    const response = await bench.device.exchange(
      { method: Method.post, uriPath: location },
      { isConfirmable: false },
    );
    assert.equal(code(response), '4.00');
  });

  test('from another address is followed (R-332)', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1');
    await bench.device.shell.rebind();
    assert.equal(await update(bench, location), '2.04');
    const registration = await bench.server.device('node-1').registration();
    assert.equal(registration?.peer.key, bench.device.shell.peerHere.key);
  });

  test('at another address of the server is refused with 4.00, as the device is asked from where it registered', async () => {
    const bench = await openTestServer();
    await bench.server.close();
    const { network } = bench;
    const listen = [network.binding('10.0.0.1', 5683), network.binding('10.0.0.1', 5685)];
    await using two = await openTestServer({ listen }, network);
    const location = await two.device.registered('node-1');
    const elsewhere = await RawDevice.open(network, { address: '10.0.0.1', port: 5685 });
    assert.equal(code(await elsewhere.exchange({ method: Method.post, uriPath: location })), '4.00');
    assert.deepEqual(
      two.server.local.map(({ uri }) => uri),
      ['coap://10.0.0.1:5683', 'coap://10.0.0.1:5685'],
    );
  });
});

describe('De-register', () => {
  test('removes the registration and is answered with 2.02, once (R-341, int-103)', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1');
    assert.equal(code(await bench.device.exchange({ method: Method.delete, uriPath: location })), '2.02');
    assert.equal(await bench.server.device('node-1').registration(), undefined);
    assert.equal(code(await bench.device.exchange({ method: Method.delete, uriPath: location })), '4.04');
    assert.deepEqual(bench.events, ['registered node-1', 'deregistered node-1']);
  });

  test('may be followed by a new Register', async () => {
    await using bench = await openTestServer();
    await bench.device.exchange({ method: Method.delete, uriPath: await bench.device.registered('node-1') });
    await bench.device.registered('node-1');
    assert.deepEqual(bench.events, ['registered node-1', 'deregistered node-1', 'registered node-1']);
  });

  test('can be done by an operator; the device learns of it by 4.04', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1');
    assert.equal(await bench.server.deregister('node-1'), true);
    assert.equal(await bench.server.deregister('node-1'), false);
    assert.equal(code(await bench.device.exchange({ method: Method.post, uriPath: location })), '4.04');
    assert.equal(bench.events.at(-1), 'deregistered node-1');
  });
});

describe('Lifetime', () => {
  test('removes a registration when it ends, to the millisecond (R-340)', async () => {
    await using bench = await openTestServer();
    await bench.device.registered('node-1', links, 20);
    const { expiresAt } = (await bench.server.device('node-1').registration()) ?? {};
    assert.ok(expiresAt);
    await bench.network.run(milliseconds(expiresAt - bench.network.clock.now - 1));
    assert.deepEqual(bench.events, ['registered node-1']);
    await bench.network.run(milliseconds(1));
    assert.deepEqual(bench.events, ['registered node-1', 'expired node-1']);
    assert.equal(await bench.server.device('node-1').registration(), undefined);
  });

  test('goes on as long as Updates come, through many lifetimes (R-330, R-340)', async () => {
    await using bench = await openTestServer();
    const location = await bench.device.registered('node-1', links, 20);
    for (let round = 0; round < 20; round += 1) {
      await bench.network.run(milliseconds(15_000));
      assert.equal(code(await bench.device.exchange({ method: Method.post, uriPath: location })), '2.04');
    }
    assert.ok(!bench.events.includes('expired node-1'));
    await bench.network.run(milliseconds(20_001));
    assert.equal(bench.events.at(-1), 'expired node-1');
    assert.equal(code(await bench.device.exchange({ method: Method.post, uriPath: location })), '4.04');
  });

  test('of many devices may end at once (R-340)', async () => {
    await using bench = await openTestServer({ limits: { expiriesPerStep: 3 } });
    for (let index = 0; index < 10; index += 1) await bench.device.registered(`n${index}`, links, 60);
    await bench.network.run(milliseconds(61_000));
    assert.equal(bench.events.filter((event) => event.startsWith('expired')).length, 10);
    assert.deepEqual((await bench.server.registrations()).registrations, []);
  });

  test('below the configured minimum is refused with 4.00', async () => {
    await using bench = await openTestServer({ limits: { minimumLifetime: seconds(30) } });
    assert.equal(code(await bench.device.register(withQuery('lt=29'), links)), '4.00');
    assert.equal(code(await bench.device.register(withQuery('lt=30'), links)), '2.01');
  });
});

describe('Events', () => {
  test('are told after the answer was sent (R-343)', async () => {
    await using bench = await openTestServer();
    const order: string[] = [];
    bench.network.watch(({ from }) => order.push(from.address === '10.0.0.1' ? 'answer' : 'request'));
    bench.server.registered.subscribe(() => order.push('event'));
    await bench.device.registered('node-1');
    assert.deepEqual(order, ['request', 'answer', 'event']);
  });

  test('come once, also when the request is repeated because its answer was lost (RFC 7252 §4.5)', async () => {
    await using bench = await openTestServer();
    bench.network.setConditions({ duplication: 1 });
    await bench.device.registered('node-1');
    assert.deepEqual(bench.events, ['registered node-1']);
  });
});

describe('Resources of the server', () => {
  const cases: readonly [string, Method, readonly string[], string][] = [
    ['GET /rd', Method.get, ['rd'], '4.05'],
    ['PUT /rd', Method.put, ['rd'], '4.05'],
    ['DELETE /rd', Method.delete, ['rd'], '4.05'],
    ['GET of a location', Method.get, ['rd', 'x'], '4.05'],
    ['PUT of a location', Method.put, ['rd', 'x'], '4.05'],
    ['DELETE of a deeper path', Method.delete, ['rd', 'x', 'y'], '4.04'],
    ['Bootstrap-Request, which is for another server', Method.post, ['bs'], '4.04'],
    ['Send, which comes with 1.1', Method.post, ['dp'], '4.04'],
    ['GET /', Method.get, [], '4.04'],
    ['something else', Method.get, ['3', '0'], '4.04'],
    ['POST /.well-known/core', Method.post, ['.well-known', 'core'], '4.05'],
  ];
  for (const [what, method, uriPath, expected] of cases) {
    test(`${what}: ${expected}`, async () => {
      await using bench = await openTestServer();
      assert.equal(code(await bench.device.exchange({ method, uriPath })), expected);
    });
  }

  test('are announced under /.well-known/core, with filters (RFC 6690 §4)', async () => {
    await using bench = await openTestServer();
    const discover = async (more: Partial<Request> = {}): Promise<IncomingResponse> =>
      await bench.device.exchange({ method: Method.get, uriPath: ['.well-known', 'core'], ...more });
    const all = await discover();
    assert.equal(all.contentFormat, 40);
    assert.equal(utf8Decode(all.payload), '</rd>;rt="core.rd"');
    assert.equal(utf8Decode((await discover({ uriQuery: ['rt=core.r*'] })).payload), '</rd>;rt="core.rd"');
    assert.equal((await discover({ uriQuery: ['rt=core.rd-lookup'] })).payload.length, 0);
    assert.equal(code(await discover({ accept: 50 })), '4.06');
  });
});

describe('Limits', () => {
  test('of registrations: one more is answered with 5.03 and Max-Age, one again is welcome', async () => {
    await refuses({ registrations: 2 }, ['a', 'b']);
  });

  test('of registrations from one address: one more is answered with 5.03 and Max-Age', async () => {
    await refuses({ registrationsPerAddress: 2 }, ['a', 'b']);
  });

  test('of the length of endpoint names, in bytes of UTF-8: 4.00', async () => {
    await using bench = await openTestServer({ limits: { endpointNameLength: 4 } });
    assert.equal(code(await bench.device.register(withQuery('ep=ΩΩΩ'), links)), '4.00');
    assert.equal(code(await bench.device.register(withQuery('ep=ΩΩ'), links)), '2.01');
  });

  test('of the length of the object list: 4.13', async () => {
    await using bench = await openTestServer({ limits: { linksLength: 20 } });
    assert.equal(code(await bench.device.register(usual, '</1/0>,</3/0>,</3303/0>')), '4.13');
  });

  test('of additional parameters: 4.00', async () => {
    await using bench = await openTestServer({ limits: { additionalParameters: 1 } });
    assert.equal(code(await bench.device.register([...usual, 'a=1', 'b2=2'], links)), '4.00');
  });
});

describe('Authorizer', () => {
  test('refuses with its code and reason (R-311)', async () => {
    await using bench = await openTestServer({
      authorizer: {
        authorize: ({ operation, endpointName }) =>
          operation === 'update' || endpointName === 'bad'
            ? { kind: 'refused', code: ResponseCode.forbidden, reason: 'not you' }
            : { kind: 'accepted' },
      },
    });
    const refused = await bench.device.register(withQuery('ep=bad'), links);
    assert.equal(code(refused), '4.03');
    assert.equal(utf8Decode(refused.payload), 'not you');
    const location = await bench.device.registered('good');
    assert.equal(code(await bench.device.exchange({ method: Method.post, uriPath: location })), '4.03');
    assert.equal(code(await bench.device.exchange({ method: Method.delete, uriPath: location })), '2.02');
  });

  test('may take its time; requests of one endpoint keep their order', async () => {
    const waiting: (() => void)[] = [];
    await using bench = await openTestServer({
      authorizer: {
        authorize: async () => {
          await new Promise<void>((resolve) => waiting.push(resolve));
          return { kind: 'accepted' };
        },
      },
    });
    const first = bench.device.request(registerRequest('node-1', '300'));
    await bench.network.run(milliseconds(100));
    const second = bench.device.request(registerRequest('node-1', '600'));
    await bench.network.run(milliseconds(3000));
    assert.equal(waiting.length, 1);
    waiting.shift()?.();
    await bench.network.run(milliseconds(100));
    waiting.shift()?.();
    await bench.finish(Promise.all([first, second]));
    assert.deepEqual(bench.events, ['registered node-1', 'registered node-1 anew']);
    assert.equal((await bench.server.device('node-1').registration())?.lifetime, 600);
  });
});

function registerRequest(endpoint: string, lifetime: string): Request {
  return {
    method: Method.post,
    uriPath: ['rd'],
    uriQuery: [`ep=${endpoint}`, `lt=${lifetime}`, 'lwm2m=1.0'],
    contentFormat: 40,
    payload: new TextEncoder().encode(links),
  };
}

/** A store whose writes fail when told so. */
class TroubledStore extends MemoryRegistrationStore {
  isInTrouble = false;

  override register(
    ...args: Parameters<MemoryRegistrationStore['register']>
  ): ReturnType<MemoryRegistrationStore['register']> {
    this.#fail();
    return super.register(...args);
  }

  override touch(
    ...args: Parameters<MemoryRegistrationStore['touch']>
  ): ReturnType<MemoryRegistrationStore['touch']> {
    this.#fail();
    return super.touch(...args);
  }

  override takeExpired(
    ...args: Parameters<MemoryRegistrationStore['takeExpired']>
  ): ReturnType<MemoryRegistrationStore['takeExpired']> {
    this.#fail();
    return super.takeExpired(...args);
  }

  #fail(): void {
    if (this.isInTrouble) throw new StorageError('the disk is full');
  }
}

describe('A failing store', () => {
  test('is answered with 5.03 and Max-Age, never with 4.04, and told to the operator', async () => {
    const store = new TroubledStore();
    await using bench = await openTestServer({ store });
    const location = await bench.device.registered('node-1');
    store.isInTrouble = true;
    const refused = await bench.device.exchange({ method: Method.post, uriPath: location });
    assert.equal(code(refused), '5.03');
    assert.equal(refused.maxAge, 30);
    assert.equal(code(await bench.device.register(withQuery('ep=other'), links)), '5.03');
    assert.ok(bench.diagnostics.some(({ kind }) => kind === 'store-failed'));
    store.isInTrouble = false;
    assert.equal(code(await bench.device.exchange({ method: Method.post, uriPath: location })), '2.04');
  });

  test('that answers later with a rejection is 5.03 as well', async () => {
    const store: RegistrationStore = Object.assign(new MemoryRegistrationStore(), {
      register: () => Promise.reject(new StorageError('the disk is full')),
    });
    await using bench = await openTestServer({ store });
    assert.equal(code(await bench.device.register(usual, links)), '5.03');
    assert.deepEqual(bench.events, []);
  });

  test('does not keep expiry from being tried again', async () => {
    const store = new TroubledStore();
    await using bench = await openTestServer({ store });
    await bench.device.registered('node-1', links, 20);
    store.isInTrouble = true;
    await bench.network.run(milliseconds(21_000));
    assert.deepEqual(bench.events, ['registered node-1']);
    store.isInTrouble = false;
    await bench.network.run(milliseconds(30_000));
    assert.deepEqual(bench.events, ['registered node-1', 'expired node-1']);
  });
});

describe('Pages of registrations', () => {
  test('are ordered by endpoint name and follow each other', async () => {
    await using bench = await openTestServer();
    for (const name of ['c', 'a', 'e', 'b', 'd']) await bench.device.registered(name);
    const first = await bench.server.registrations({ limit: 2 });
    const second = await bench.server.registrations({ limit: 3, after: first.next });
    assert.deepEqual(
      first.registrations.map(({ endpointName }) => endpointName),
      ['a', 'b'],
    );
    assert.deepEqual(
      second.registrations.map(({ endpointName }) => endpointName),
      ['c', 'd', 'e'],
    );
    assert.equal(second.next, undefined);
    await assert.rejects(bench.server.registrations({ limit: 0 }), /1 to 10000/);
  });
});

/** Sends an Update and gives the code of its answer. */
async function update(
  bench: TestServer,
  location: readonly string[],
  more: Partial<Request> = {},
): Promise<string> {
  return code(await bench.device.exchange({ method: Method.post, uriPath: location, ...more }));
}

/** Registers two devices under limits that have no room for a third. */
async function refuses(limits: Partial<ServerLimits>, names: readonly string[]): Promise<void> {
  await using bench = await openTestServer({ limits });
  await bench.device.registered('a');
  await bench.device.registered('b');
  const response = await bench.device.register(withQuery('ep=c'), links);
  assert.equal(code(response), '5.03');
  assert.equal(response.maxAge, 30);
  await bench.device.registered('a');
  const { registrations } = await bench.server.registrations();
  assert.deepEqual(
    registrations.map(({ endpointName }) => endpointName),
    names,
  );
}

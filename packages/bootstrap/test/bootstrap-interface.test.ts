import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { milliseconds, StorageError, TransmissionError, UsageError, utf8Decode } from '@dunlin/base';
import {
  type BootstrapConfiguration,
  type BootstrapConfigurationStore,
  type EndpointIdentities,
  LwM2mBootstrapServer,
  MemoryBootstrapConfigurationStore,
  type StoredConfiguration,
} from '@dunlin/bootstrap';
import { formatCode, type IncomingResponse, Method, type Request } from '@dunlin/coap';
import { SimulatedNetwork } from '@dunlin/simulation';

import { type BootstrapDevice, bootstrapRequest } from './support/bootstrap-device.ts';
import {
  configurationFor,
  patternConfiguration,
  plainServer,
  pskServer,
  stored,
} from './support/configurations.ts';
import {
  bootstrapAddress,
  openTestBootstrapServer,
  type TestBootstrapServer,
} from './support/test-bootstrap-server.ts';

async function answerTo(
  { device }: TestBootstrapServer,
  request: Request,
  options?: Parameters<BootstrapDevice['exchange']>[1],
): Promise<string> {
  const response = await device.exchange(request, options);
  return textOf(response);
}

function textOf({ code, payload }: IncomingResponse): string {
  return `${formatCode(code)} ${utf8Decode(payload) ?? '?'}`.trim();
}

const withQuery = (...uriQuery: readonly string[]): Request => ({
  method: Method.post,
  uriPath: ['bs'],
  uriQuery,
});

describe('Bootstrap-Request', () => {
  test('is answered with 2.04 before anything is asked of the device (R-213, R-230)', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    const order: string[] = [];
    bench.network.watch(({ from, datagram }) =>
      order.push(`${from.address === '10.0.0.1' ? 'server' : 'device'} ${formatCode(datagram[1] ?? 0)}`),
    );
    await bench.bootstrap();
    assert.deepEqual(order.slice(0, 3), ['device 0.02', 'server 2.04', 'server 0.01']);
  });

  test('of an endpoint that is not known is refused with 4.00, and told to the operator (R-230)', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    const reason = 'there is no bootstrap configuration for this endpoint';
    assert.equal(await answerTo(bench, bootstrapRequest('node-2')), `4.00 ${reason}`);
    await bench.network.run(milliseconds(1000));
    assert.deepEqual(bench.events, []);
    const [diagnostic] = bench.diagnostics;
    assert.ok(diagnostic?.kind === 'request-refused');
    const { operation, endpointName, coapCode } = diagnostic;
    assert.deepEqual(
      [operation, endpointName, coapCode, diagnostic.reason],
      ['bootstrap', 'node-2', '4.00', reason],
    );
  });

  const refused: readonly (readonly [string, Request, string])[] = [
    ['without a name', withQuery(), '4.00 the mandatory parameter ep is missing'],
    ['with an empty name', withQuery('ep='), '4.00 the endpoint name is empty'],
    ['with two names', withQuery('ep=node-1', 'ep=node-1'), '4.00 the parameter ep appears twice'],
    ['with a control character', withQuery('ep=a\nb'), '4.00 the endpoint name contains a control character'],
    [
      'with a name that is too long',
      withQuery(`ep=${'ü'.repeat(6)}`),
      '4.00 the endpoint name is longer than 11 bytes',
    ],
  ];
  for (const [what, request, expected] of refused) {
    test(`${what} is refused with 4.00 (R-230)`, async () => {
      await using bench = await openTestBootstrapServer([patternConfiguration('*')], {
        limits: { endpointNameLength: 11 },
      });
      assert.equal(await answerTo(bench, request), expected);
      assert.deepEqual(bench.server.sessions(), []);
    });
  }

  test('that is not confirmable is refused with 4.00 (1.0 §8.2.3)', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    const answer = await answerTo(bench, bootstrapRequest('node-1'), { isConfirmable: false });
    assert.equal(answer, '4.00 a Bootstrap-Request must be confirmable');
  });

  test('may have parameters of later versions, unless the server is strict', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    assert.equal(await answerTo(bench, withQuery('ep=node-1', 'pct=112')), '2.04');
    assert.ok(bench.diagnostics.some((each) => each.kind === 'tolerated' && each.reason.includes('"pct"')));
    await using strict = await openTestBootstrapServer([configurationFor('node-1')], { isStrict: true });
    assert.equal(
      await answerTo(strict, withQuery('ep=node-1', 'pct=112')),
      '4.00 the parameter "pct" is unknown',
    );
  });

  test('may name anything: names are texts, whatever they look like', async () => {
    await using bench = await openTestBootstrapServer([patternConfiguration('*')]);
    const names = [
      '../../etc/passwd',
      "'; DROP TABLE x; --",
      '*',
      '%2e%2e',
      '<script>',
      '{"$gt":""}',
      '☂',
      ' ',
    ];
    for (const name of names) {
      assert.equal((await bench.bootstrap(name)).outcome, 'finished');
      assert.equal(bench.server.sessions({ endpointName: name }).length, 1);
    }
  });

  test('repeated by the network begins one session (RFC 7252 §4.5)', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    bench.network.setConditions({ duplication: 1 });
    await bench.bootstrap();
    await bench.network.run(milliseconds(10_000));
    assert.equal(bench.server.sessions().length, 1);
  });
});

describe('Other requests', () => {
  const cases: readonly (readonly [Method, readonly string[], string])[] = [
    [Method.get, ['bs'], '4.05 /bs takes POST'],
    [Method.delete, ['bs'], '4.05 /bs takes POST'],
    [Method.post, ['bs', '1'], '4.04 a Bootstrap-Server has /bs, not /bs/1'],
    [Method.post, ['rd'], '4.04 a Bootstrap-Server has /bs, not /rd'],
    [Method.get, ['bspack'], '4.04 a Bootstrap-Server has /bs, not /bspack'],
    [Method.get, [], '4.04 a Bootstrap-Server has /bs, not /'],
    [Method.put, ['0', '0'], '4.04 a Bootstrap-Server has /bs, not /0/0'],
  ];
  for (const [method, uriPath, expected] of cases) {
    test(`of method ${method} to /${uriPath.join('/')}: ${expected.slice(0, 4)}`, async () => {
      await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
      assert.equal(await answerTo(bench, { method, uriPath, uriQuery: ['ep=node-1'] }), expected);
      assert.deepEqual(bench.server.sessions(), []);
    });
  }
});

describe('The configuration that an endpoint is given', () => {
  test('is its own before that of a pattern, and of patterns the most particular', async () => {
    await using bench = await openTestBootstrapServer([
      patternConfiguration('*', { servers: [plainServer(1)] }),
      patternConfiguration('lamp-*', { servers: [plainServer(2)] }),
      configurationFor('lamp-7', { servers: [plainServer(3)] }),
    ]);
    const targetOf = async (name: string): Promise<unknown> => (await bench.bootstrap(name)).target;
    assert.deepEqual(await targetOf('lamp-7'), { kind: 'endpoint', endpointName: 'lamp-7' });
    assert.deepEqual(await targetOf('lamp-8'), { kind: 'pattern', pattern: 'lamp-*' });
    assert.deepEqual(await targetOf('pump-1'), { kind: 'pattern', pattern: '*' });
  });

  test('that holds keys is not given without security unless it says so (R-701)', async () => {
    const withKeys = configurationFor('node-1', { servers: [pskServer()] });
    await using bench = await openTestBootstrapServer([withKeys]);
    const reason = 'the configuration for node-1 holds keys: it is given over DTLS (coaps) only';
    assert.equal(await answerTo(bench, bootstrapRequest('node-1')), `4.03 ${reason}`);
    bench.configurations.put(stored({ ...withKeys, allowsKeysWithoutSecurity: true }));
    assert.equal((await bench.bootstrap()).outcome, 'finished');
  });

  test('is what it was when the session began', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    bench.device.misbehaviour = ({ line }) => {
      if (line === 'GET /') bench.configurations.remove({ kind: 'endpoint', endpointName: 'node-1' });
      return undefined;
    };
    assert.equal((await bench.bootstrap()).outcome, 'finished');
    assert.equal(await bench.device.bootstrap('node-1'), '4.00');
  });
});

/** A store whose look-ups end when they are told to. */
function slowStore(...configurations: readonly BootstrapConfiguration[]): {
  readonly store: BootstrapConfigurationStore;
  readonly waiting: (() => void)[];
} {
  const memory = new MemoryBootstrapConfigurationStore();
  for (const configuration of configurations) memory.put(stored(configuration));
  const waiting: (() => void)[] = [];
  const find = async (endpointName: string): Promise<StoredConfiguration | undefined> => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return memory.find(endpointName);
  };
  const store: BootstrapConfigurationStore = Object.assign(new MemoryBootstrapConfigurationStore(), { find });
  return { store, waiting };
}

/** How a device was answered, once it was. */
function answering(device: BootstrapDevice, endpointName: string): { code?: string } {
  const answered: { code?: string } = {};
  void (async () => {
    const response = await device.request(bootstrapRequest(endpointName));
    answered.code = typeof response === 'string' ? response : formatCode(response.code);
  })();
  return answered;
}

describe('Look-ups', () => {
  test('may take their time; a later request of the same endpoint takes the place of an earlier one', async () => {
    const { store, waiting } = slowStore(configurationFor('node-1'));
    await using bench = await openTestBootstrapServer([], { configurations: store });
    const first = answering(bench.device, 'node-1');
    await bench.network.run(milliseconds(100));
    const second = answering(await bench.newDevice('10.0.0.3'), 'node-1');
    await bench.network.run(milliseconds(3000));
    assert.equal(waiting.length, 2);
    for (const answer of waiting) answer();
    await bench.network.run(milliseconds(3000));
    assert.deepEqual([first.code, second.code], ['5.03', '2.04']);
    assert.deepEqual(
      bench.server.sessions().map(({ address }) => address),
      ['10.0.0.3'],
    );
  });

  test('that are too many are refused with 5.03', async () => {
    const { store, waiting } = slowStore(patternConfiguration('*'));
    await using bench = await openTestBootstrapServer([], {
      configurations: store,
      limits: { pendingRequests: 1 },
    });
    const first = answering(bench.device, 'node-1');
    await bench.network.run(milliseconds(100));
    const second = await (await bench.newDevice('10.0.0.3')).exchange(bootstrapRequest('node-2'));
    assert.equal(formatCode(second.code), '5.03');
    assert.equal(second.maxAge, 30);
    for (const answer of waiting) answer();
    await bench.network.run(milliseconds(3000));
    assert.equal(first.code, '2.04');
  });

  const failing: readonly (readonly [string, () => never | Promise<never>])[] = [
    [
      'throws',
      () => {
        throw new StorageError('the disk is gone');
      },
    ],
    ['rejects', () => Promise.reject(new StorageError('the disk is gone'))],
  ];
  for (const [what, fail] of failing) {
    test(`in a store that ${what} are answered with 5.03, never with 4.00, and told to the operator`, async () => {
      const configurations: BootstrapConfigurationStore = Object.assign(
        new MemoryBootstrapConfigurationStore(),
        {
          find: fail,
        },
      );
      await using bench = await openTestBootstrapServer([], { configurations });
      assert.equal(
        await answerTo(bench, bootstrapRequest('node-1')),
        '5.03 the configuration cannot be looked up at present',
      );
      assert.ok(bench.diagnostics.some(({ kind }) => kind === 'store-failed'));
    });
  }

  test('of identities that fail are the same', async () => {
    const credentials: EndpointIdentities = { judge: () => Promise.reject(new Error('no')) };
    await using bench = await openTestBootstrapServer([configurationFor('node-1')], { credentials });
    assert.equal(await bench.device.bootstrap('node-1'), '5.03');
  });
});

describe('Sessions', () => {
  test('beyond the limit are refused with 5.03 and Max-Age; one that begins anew is not', async () => {
    await using bench = await openTestBootstrapServer([patternConfiguration('*')], {
      limits: { sessions: 1 },
    });
    bench.device.misbehaviour = () => 'silence';
    assert.equal(await bench.device.bootstrap('node-1'), '2.04');
    const another = await bench.newDevice('10.0.0.3');
    const refusedResponse = await another.exchange(bootstrapRequest('node-2'));
    assert.equal(textOf(refusedResponse), '5.03 there are too many bootstrap sessions under way');
    assert.equal(refusedResponse.maxAge, 30);
    assert.equal(await bench.device.bootstrap('node-1'), '2.04');
  });
});

describe('A Bootstrap-Server', () => {
  test('listens somewhere', async () => {
    const configurations = new MemoryBootstrapConfigurationStore();
    await assert.rejects(LwM2mBootstrapServer.open({ listen: [], configurations }), UsageError);
  });

  test('that cannot listen everywhere listens nowhere', async () => {
    const network = new SimulatedNetwork(1);
    const { address, port } = bootstrapAddress;
    const configurations = new MemoryBootstrapConfigurationStore();
    const listen = [network.binding(address, port), network.binding(address, port)];
    await assert.rejects(LwM2mBootstrapServer.open({ listen, configurations }), TransmissionError);
    await using bench = await openTestBootstrapServer([configurationFor('node-1')], {}, network);
    assert.equal((await bench.bootstrap()).outcome, 'finished');
  });

  test('says where it listens, and what its CoAP layer did', async () => {
    await using bench = await openTestBootstrapServer([configurationFor('node-1')]);
    assert.deepEqual(
      bench.server.local.map(({ uri }) => uri),
      ['coap://10.0.0.1:5783'],
    );
    await bench.bootstrap();
    assert.equal(bench.server.coapStatistics[0]?.received, 5);
    assert.equal(bench.server.coapSizes[0]?.requests, 0);
  });
});

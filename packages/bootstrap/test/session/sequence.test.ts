import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { seconds, utf8Decode } from '@dunlin/base';
import { AccessRight, type BootstrapConfiguration, bootstrapOwner, everyInstance } from '@dunlin/bootstrap';
import { ContentFormat, ResponseCode } from '@dunlin/coap';
import { type Content, parsePath, pathOf, type ResourceContents, rootPath } from '@dunlin/lwm2m';

import { type BootstrapDevice, valueOf } from '../support/bootstrap-device.ts';
import {
  accountInstances,
  bootstrapAccount,
  configurationFor,
  deviceInstance,
  plainBootstrapServer,
  plainServer,
  pskServer,
} from '../support/configurations.ts';
import { openTestBootstrapServer, type TestBootstrapServer } from '../support/test-bootstrap-server.ts';

async function open(
  more: Partial<BootstrapConfiguration>,
  prepare: (device: BootstrapDevice) => void = () => undefined,
): Promise<TestBootstrapServer> {
  const bench = await openTestBootstrapServer([
    configurationFor('node-1', { allowsKeysWithoutSecurity: true, ...more }),
  ]);
  prepare(bench.device);
  return bench;
}

/** The lines of a whole bootstrap, which must succeed. */
async function linesOf(
  more: Partial<BootstrapConfiguration>,
  prepare?: (device: BootstrapDevice) => void,
): Promise<readonly string[]> {
  await using bench = await open(more, prepare);
  const { outcome, failure } = await bench.bootstrap();
  assert.equal(outcome, 'finished', failure?.reason);
  return bench.device.lines;
}

function withInstances(
  ...instances: readonly (readonly [string, ResourceContents])[]
): (device: BootstrapDevice) => void {
  return (device) => void (device.tree = new Map(instances));
}

const factoryNew = [['/0/0', bootstrapAccount], deviceInstance] as const;
const text = (value: string): Content => ({
  kind: 'resource',
  resource: { kind: 'single', type: 'string', value },
});

describe('The sequence of a bootstrap', () => {
  test('is Discover, Writes and Finish with a device new from the factory (R-213, R-260, R-403)', async () => {
    assert.deepEqual(await linesOf({}), ['GET /', 'PUT /0/1', 'PUT /1/0', 'POST /bs']);
  });

  test('is Discover, Deletes, Writes and Finish with one that has accounts (R-213, R-245)', async () => {
    const lines = await linesOf({}, withInstances(...factoryNew, ...accountInstances(7, 1, 0)));
    assert.deepEqual(lines, ['GET /', 'DELETE /0', 'DELETE /1', 'PUT /0/1', 'PUT /1/0', 'POST /bs']);
  });

  test('has nothing but confirmable requests (1.0 §8.2.3)', async () => {
    await using bench = await open({ writes: [{ path: pathOf(3, 0, 14), content: text('+01:00') }] });
    await bench.bootstrap();
    assert.ok(bench.device.received.every(({ request }) => request.isConfirmable));
  });

  test('writes after accounts what else the configuration has, in its order', async () => {
    const lines = await linesOf({
      writes: [
        { path: pathOf(3, 0, 15), content: text('Europe/Berlin') },
        { path: pathOf(3, 0, 14), content: text('+01:00') },
      ],
    });
    assert.deepEqual(lines.slice(-4), ['PUT /1/0', 'PUT /3/0/15', 'PUT /3/0/14', 'POST /bs']);
  });

  test('deletes exactly what the configuration says (R-245)', async () => {
    const instances = [
      ...factoryNew,
      ...accountInstances(7, 1, 0),
      ['/5/0', new Map()],
      ['/5/1', new Map()],
    ] as const;
    const of = (...deletes: NonNullable<BootstrapConfiguration['deletes']>): Promise<readonly string[]> =>
      linesOf({ deletes, servers: [plainServer(7)] }, withInstances(...instances));
    const deletes = (lines: readonly string[]): readonly string[] =>
      lines.filter((line) => line.startsWith('DELETE'));
    assert.deepEqual(deletes(await of(rootPath)), ['DELETE /']);
    assert.deepEqual(deletes(await of(pathOf(5))), ['DELETE /5']);
    assert.deepEqual(deletes(await of(pathOf(5, 1), pathOf(1))), ['DELETE /5/1', 'DELETE /1']);
    assert.deepEqual(deletes(await of()), []);
  });

  test('may end with a look at what the device has (isVerified; ETS int-0)', async () => {
    const lines = await linesOf({ isVerified: true });
    assert.deepEqual(lines, ['GET /', 'PUT /0/1', 'PUT /1/0', 'GET /', 'POST /bs']);
  });
});

describe('The accounts that a device has after it', () => {
  test('are complete: every mandatory Resource, those that the security mode does not use as empty (R-261, R-1002)', async () => {
    await using bench = await open({
      servers: [
        pskServer(101, {
          lifetime: seconds(300),
          bindingMode: 'UQ',
          notificationStoring: false,
          defaultMinimumPeriod: seconds(1),
          defaultMaximumPeriod: seconds(60),
          disableTimeout: seconds(3600),
        }),
      ],
    });
    assert.equal((await bench.bootstrap()).outcome, 'finished');
    const { tree } = bench.device;
    const security = tree.get('/0/1');
    const texts = [3, 5].map((id) => utf8Decode(valueOf(security, id) as Uint8Array));
    assert.deepEqual(texts, ['identity 101', 'key 101.........']);
    assert.equal((valueOf(security, 4) as Uint8Array).length, 0);
    const numbers = [0, 1, 2, 10].map((id) => valueOf(security, id));
    assert.deepEqual(numbers, ['coaps://server-101.example', false, 0, 101]);
    const server = [0, 1, 2, 3, 5, 6, 7].map((id) => valueOf(tree.get('/1/0'), id));
    assert.deepEqual(server, [101, 300, 1, 60, 3600, false, 'UQ']);
    assert.equal(tree.get('/0/0'), bootstrapAccount, 'the account of the Bootstrap-Server is as it was');
  });

  test('have the values of the example when the configuration does not say otherwise', async () => {
    await using bench = await open({});
    await bench.bootstrap();
    const { tree } = bench.device;
    assert.deepEqual(
      [0, 1, 2, 3, 5, 6, 7].map((id) => valueOf(tree.get('/1/0'), id)),
      [1, 86_400, undefined, undefined, undefined, true, 'U'],
    );
    assert.deepEqual(
      [3, 4, 5].map((id) => (valueOf(tree.get('/0/1'), id) as Uint8Array).length),
      [0, 0, 0],
    );
    assert.equal(valueOf(tree.get('/0/1'), 2), 3);
  });

  test('may be a new one of the Bootstrap-Server, in place of the old one (R-202, R-264)', async () => {
    await using bench = await open({
      bootstrapServer: plainBootstrapServer({ clientHoldOffTime: seconds(5), accountTimeout: seconds(0) }),
    });
    bench.device.tree = new Map([['/0/4', bootstrapAccount], deviceInstance]);
    assert.equal((await bench.bootstrap()).outcome, 'finished');
    assert.deepEqual(bench.device.lines, ['GET /', 'PUT /0/0', 'PUT /0/4', 'PUT /1/0', 'POST /bs']);
    const account = bench.device.tree.get('/0/4');
    const values = [0, 1, 2, 10, 11, 12].map((id) => valueOf(account, id));
    assert.deepEqual(values, ['coap://bootstrap.example', true, 3, undefined, 5, 0]);
  });
});

describe('The instances of accounts', () => {
  test('avoid the account of the Bootstrap-Server, wherever it is (R-201)', async () => {
    const at = async (id: number): Promise<readonly string[]> =>
      (
        await linesOf(
          { servers: [plainServer(1), plainServer(2)], accessControl: 'shared' },
          withInstances([`/0/${id}`, bootstrapAccount]),
        )
      ).filter((line) => line.startsWith('PUT /0') || line.startsWith('PUT /1'));
    assert.deepEqual(await at(0), ['PUT /0/1', 'PUT /0/2', 'PUT /1/0', 'PUT /1/1']);
    assert.deepEqual(await at(1), ['PUT /0/0', 'PUT /0/2', 'PUT /1/0', 'PUT /1/1']);
    assert.deepEqual(await at(9), ['PUT /0/0', 'PUT /0/1', 'PUT /1/0', 'PUT /1/1']);
  });

  test('are those of the same Short Server ID when these are not deleted, and otherwise free ones', async () => {
    const has = withInstances(...factoryNew, ...accountInstances(7, 3, 5), ...accountInstances(8, 1, 0));
    const lines = await linesOf({ deletes: [], servers: [plainServer(7)] }, has);
    assert.deepEqual(lines, ['GET /', 'PUT /0/3', 'PUT /1/5', 'POST /bs']);
    const other = await linesOf({ deletes: [], servers: [plainServer(9)] }, has);
    assert.deepEqual(other, ['GET /', 'PUT /0/2', 'PUT /1/1', 'POST /bs']);
  });

  test('are those that the configuration names', async () => {
    const servers = [plainServer(1, { securityInstanceId: 9, serverInstanceId: 8 })];
    assert.deepEqual(await linesOf({ servers }), ['GET /', 'PUT /0/9', 'PUT /1/8', 'POST /bs']);
  });

  test('are found by the device alone when it hides its Short Server IDs (R-250)', async () => {
    const lines = await linesOf({}, (device) => {
      device.tree = new Map([...factoryNew, ...accountInstances(7, 1, 0)]);
      device.hidesShortServerIds = true;
    });
    assert.deepEqual(lines, ['GET /', 'DELETE /0', 'DELETE /1', 'PUT /0/2', 'PUT /1/0', 'POST /bs']);
  });
});

describe('Writes', () => {
  const servers = [plainServer(1), plainServer(2)];
  const accessControl = [
    { objectId: 3, objectInstanceId: 0, owner: 1, acl: new Map([[2, AccessRight.read]]) },
  ];

  test('carry whole Objects, instances or single Resources, as the configuration says (R-240, R-241)', async () => {
    const puts = async (writeLevel: BootstrapConfiguration['writeLevel']): Promise<readonly string[]> =>
      (await linesOf({ servers, accessControl, writeLevel })).filter((line) => line.startsWith('PUT'));
    assert.deepEqual(await puts('object'), ['PUT /0', 'PUT /1', 'PUT /2']);
    assert.deepEqual(
      await puts('object-instance'),
      ['/0/1', '/0/2', '/1/0', '/1/1', '/2/0', '/2/1', '/2/2'].map((path) => `PUT ${path}`),
    );
    const resources = await puts('resource');
    assert.deepEqual(
      resources.slice(0, 7),
      [0, 1, 2, 3, 4, 5, 10].map((id) => `PUT /0/1/${id}`),
    );
    assert.ok(resources.includes('PUT /1/1/7') && resources.includes('PUT /2/2/2'));
  });

  test('leave a device with the same whatever their level and format', async () => {
    const trees: unknown[] = [];
    for (const writeLevel of ['object', 'object-instance', 'resource'] as const) {
      for (const contentFormat of [ContentFormat.tlv, ContentFormat.json]) {
        await using bench = await open({ servers, accessControl, writeLevel, contentFormat });
        assert.equal((await bench.bootstrap()).outcome, 'finished');
        const writes = bench.device.received.filter(({ operation }) => operation.name === 'bootstrap-write');
        assert.ok(writes.every(({ request }) => request.contentFormat === contentFormat));
        trees.push(new Map([...bench.device.tree].sort(([a], [b]) => a.localeCompare(b))));
      }
    }
    for (const tree of trees) assert.deepEqual(tree, trees[0]);
  });

  test('try the other format when a device does not take one, and remember it (1.0 §8.5)', async () => {
    for (const refusal of [ResponseCode.unsupportedContentFormat, ResponseCode.notAcceptable]) {
      const lines = await linesOf({}, (device) => {
        device.misbehaviour = ({ request }) =>
          request.contentFormat === ContentFormat.tlv ? { code: refusal } : undefined;
      });
      assert.deepEqual(lines, ['GET /', 'PUT /0/1', 'PUT /0/1 11543', 'PUT /1/0 11543', 'POST /bs']);
    }
  });

  test('carry single values as text when nothing else is taken', async () => {
    const lines = await linesOf(
      { servers: [], deletes: [], writes: [{ path: pathOf(3, 0, 14), content: text('+01:00') }] },
      (device) => {
        device.tree = new Map([...factoryNew, ...accountInstances(7, 1, 0)]);
        device.misbehaviour = ({ request }) =>
          request.contentFormat === undefined || request.contentFormat === ContentFormat.text
            ? undefined
            : { code: ResponseCode.unsupportedContentFormat };
      },
    );
    assert.deepEqual(lines, ['GET /', 'PUT /3/0/14', 'PUT /3/0/14 11543', 'PUT /3/0/14 0', 'POST /bs']);
  });

  test('that are large go block-wise (RFC 7959, R-904)', async () => {
    const image = Uint8Array.from({ length: 5000 }, (_, index) => index & 0xff);
    await using bench = await open({
      writes: [
        {
          path: pathOf(5, 0, 0),
          content: { kind: 'resource', resource: { kind: 'single', type: 'opaque', value: image } },
        },
      ],
    });
    assert.equal((await bench.bootstrap()).outcome, 'finished');
    assert.deepEqual(valueOf(bench.device.tree.get('/5/0'), 0), image);
  });

  test('that are optional may meet an Object that the device does not have (R-244)', async () => {
    const write = { path: pathOf(3303, 0, 5701), content: text('Cel') } as const;
    const lines = await linesOf({ writes: [{ ...write, isOptional: true }] });
    assert.deepEqual(lines.slice(-2), ['PUT /3303/0/5701', 'POST /bs']);
    await using bench = await open({ writes: [write] });
    const { failure } = await bench.bootstrap();
    assert.equal(failure?.reason, 'node-1 refused the Write of /3303/0/5701 (4.04)');
  });
});

describe('Access control', () => {
  /** Entries as texts such as `/3/0 owner 1: 1=15`. */
  function entriesOf(device: BootstrapDevice): readonly string[] {
    return [...device.tree]
      .filter(([id]) => id.startsWith('/2/'))
      .map(([, resources]) => {
        const acl = resources.get(2);
        const rights =
          acl?.kind === 'multiple' ? [...acl.values].map(([id, mask]) => `${id}=${Number(mask)}`) : [];
        const [objectId, instanceId, owner] = [0, 1, 3].map((id) => Number(valueOf(resources, id)));
        return `/${objectId}/${instanceId} owner ${owner}: ${rights.join(' ')}`;
      });
  }

  test('is that of the configuration, with each server’s own instance of Object 1 (R-602, R-610, R-617)', async () => {
    await using bench = await open({
      servers: [plainServer(101), plainServer(102)],
      accessControl: [
        {
          objectId: 3,
          objectInstanceId: 0,
          owner: 101,
          acl: new Map([
            [101, 15],
            [102, AccessRight.read],
          ]),
        },
        {
          objectId: 5,
          objectInstanceId: everyInstance,
          owner: bootstrapOwner,
          acl: new Map([[101, AccessRight.create]]),
        },
        { objectId: 1, objectInstanceId: 1, owner: bootstrapOwner, acl: new Map([[0, AccessRight.read]]) },
      ],
    });
    assert.equal((await bench.bootstrap()).outcome, 'finished');
    assert.deepEqual(entriesOf(bench.device), [
      '/1/0 owner 101: 101=15',
      '/3/0 owner 101: 101=15 102=1',
      '/5/65535 owner 65535: 101=16',
      '/1/1 owner 65535: 0=1',
    ]);
  });

  test('that is shared gives every server all rights on all that the device has (R-602, R-617)', async () => {
    await using bench = await open({ servers: [plainServer(1), plainServer(2)], accessControl: 'shared' });
    assert.equal((await bench.bootstrap()).outcome, 'finished');
    assert.deepEqual(entriesOf(bench.device), [
      '/1/0 owner 1: 1=15',
      '/1/1 owner 2: 2=15',
      '/3/0 owner 1: 1=15 2=15',
      '/3/65535 owner 65535: 1=16 2=16',
      '/5/65535 owner 65535: 1=16 2=16',
    ]);
  });

  test('that is shared needs to know what the device has', async () => {
    await using bench = await open({ servers: [plainServer(1), plainServer(2)], accessControl: 'shared' });
    bench.device.misbehaviour = ({ operation }) =>
      operation.name === 'bootstrap-discover' ? { code: ResponseCode.methodNotAllowed } : undefined;
    assert.equal((await bench.bootstrap()).failure?.reason, 'node-1 refused Discover (4.05)');
  });

  test('of before is deleted with the accounts', async () => {
    const lines = await linesOf({}, withInstances(...factoryNew, ['/2/4', new Map()]));
    assert.deepEqual(lines, ['GET /', 'DELETE /2', 'PUT /0/1', 'PUT /1/0', 'POST /bs']);
  });
});

describe('Paths', () => {
  test('are plain, whatever root the device has for its servers (R-232)', async () => {
    for (const line of await linesOf({})) {
      const [, path = ''] = line.split(' ');
      assert.ok(path === '/bs' || parsePath(path) !== undefined, line);
    }
  });
});

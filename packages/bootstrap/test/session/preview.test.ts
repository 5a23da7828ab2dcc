import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';

import { utf8Encode } from '@dunlin/base';
import {
  AccessRight,
  type BootstrapConfiguration,
  type PreviewedStep,
  type PreviewedValue,
  previewBootstrap,
} from '@dunlin/bootstrap';
import { type Content, formatPath, pathOf } from '@dunlin/lwm2m';

import {
  configurationFor,
  keyOf,
  plainBootstrapServer,
  plainServer,
  pskServer,
} from '../support/configurations.ts';
import { openTestBootstrapServer } from '../support/test-bootstrap-server.ts';

const methods = { discover: 'GET', delete: 'DELETE', write: 'PUT', finish: 'POST' } as const;

/** As the device of these tests tells what it was asked. */
function lineOf(step: PreviewedStep): string {
  const path = step.kind === 'finish' ? '/bs' : step.kind === 'discover' ? '/' : formatPath(step.path);
  return `${methods[step.kind]} ${path}`;
}

function valuesOf(configuration: BootstrapConfiguration): ReadonlyMap<string, PreviewedValue> {
  const values = previewBootstrap(configuration).flatMap((step) =>
    step.kind === 'write' ? step.values : [],
  );
  return new Map(values.map((value) => [formatPath(value.path), value]));
}

const offset: Content = { kind: 'resource', resource: { kind: 'single', type: 'string', value: '+01:00' } };

describe('The preview of a bootstrap', () => {
  for (const [what, more] of [
    ['one server', {}],
    [
      'several servers and their rights',
      {
        servers: [plainServer(1), plainServer(2)],
        accessControl: [
          { objectId: 3, objectInstanceId: 0, owner: 1, acl: new Map([[0, AccessRight.read]]) },
        ],
      },
    ],
    [
      'instances that are named',
      { servers: [plainServer(1, { securityInstanceId: 4, serverInstanceId: 7 })] },
    ],
    ['a new account of the Bootstrap-Server', { bootstrapServer: plainBootstrapServer() }],
    ['further writes', { writes: [{ path: pathOf(3, 0, 14), content: offset }] }],
    ['Writes of Objects', { writeLevel: 'object' }],
    ['Writes of Resources', { writeLevel: 'resource' }],
    ['a look at the end', { isVerified: true }],
  ] as const) {
    test(`is what a device that is new is asked, but for what it has nothing of to delete: ${what}`, async () => {
      const configuration = configurationFor('node-1', more);
      await using bench = await openTestBootstrapServer([configuration]);
      const { outcome, failure } = await bench.bootstrap();
      assert.equal(outcome, 'finished', failure?.reason);
      const previewed = previewBootstrap(configuration).filter(({ kind }) => kind !== 'delete');
      assert.deepEqual(previewed.map(lineOf), bench.device.lines);
    });
  }

  test('has every Delete, before any Write', () => {
    const lines = previewBootstrap(configurationFor('node-1', { deletes: [pathOf(0), pathOf(3303, 1)] }));
    assert.deepEqual(lines.map(lineOf).slice(0, 4), ['GET /', 'DELETE /0', 'DELETE /3303/1', 'PUT /0/1']);
  });

  test('leaves the account of its Bootstrap-Server where no server is put', () => {
    const configuration = configurationFor('node-1', {
      servers: [plainServer(1, { securityInstanceId: 0 })],
    });
    assert.ok(previewBootstrap(configuration).map(lineOf).includes('PUT /0/0'));
  });

  test('never has a key, whatever is printed of it', () => {
    for (const writeLevel of ['object', 'object-instance', 'resource'] as const) {
      const configuration = configurationFor('node-1', {
        servers: [pskServer(7)],
        bootstrapServer: {
          uri: 'coaps://bootstrap.example',
          security: { kind: 'psk', identity: 'own', key: keyOf('own key') },
          securityInstanceId: 9,
        },
        writeLevel,
      });
      const values = valuesOf(configuration);
      assert.deepEqual(values.get('/0/0/3')?.value, utf8Encode('identity 7'));
      for (const path of ['/0/0/5', '/0/9/5']) {
        assert.equal(values.get(path)?.withheld, 'secret');
        assert.equal(values.get(path)?.value, undefined);
      }
      const printed = inspect(values, { depth: 9, maxArrayLength: 99 });
      const bytes = (text: string): string => [...utf8Encode(text)].join(', ');
      assert.ok(!printed.includes(bytes('key 7')) && !printed.includes(bytes('own key')));
    }
  });

  test('says what is made anew at each bootstrap, and that there is no key without security', () => {
    const issued = (proof: 'psk' | 'raw-public-key') =>
      valuesOf(
        configurationFor('node-1', { servers: [pskServer(1, { security: { kind: 'issued', proof } })] }),
      );
    const withheld = (values: ReadonlyMap<string, PreviewedValue>) =>
      [3, 4, 5].map((id) => values.get(`/0/1/${id}`)?.withheld);
    assert.deepEqual(withheld(issued('psk')), ['issued', undefined, 'issued']);
    assert.deepEqual(withheld(issued('raw-public-key')), ['issued', 'issued', 'issued']);
    const plain = valuesOf(configurationFor('node-1'));
    assert.deepEqual(withheld(plain), [undefined, undefined, undefined]);
    assert.deepEqual(plain.get('/0/1/5')?.value, new Uint8Array());
  });

  test('has full rights for all on what each device has, when they share it', () => {
    const configuration = configurationFor('node-1', {
      servers: [plainServer(1), plainServer(2)],
      accessControl: 'shared',
    });
    const values = valuesOf(configuration);
    const rights = [...values]
      .filter(([path]) => /^\/2\/\d+\/2\/2$/.test(path))
      .map(([, { value }]) => value);
    const create = AccessRight.create;
    assert.deepEqual(rights, [15, 15, create], 'its own /1/1, /3/0, and instances of Object 3');
  });

  test('has each right as the Resource Instance that it is (1.0 E.3)', () => {
    const accessControl = [
      {
        objectId: 3,
        objectInstanceId: 0,
        owner: 1,
        acl: new Map([[1, AccessRight.read | AccessRight.write]]),
      },
    ];
    const values = valuesOf(configurationFor('node-1', { accessControl }));
    assert.deepEqual(values.get('/2/1/2/1')?.value, 3);
  });
});

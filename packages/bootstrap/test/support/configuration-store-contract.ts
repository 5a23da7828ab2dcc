import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { addDuration, milliseconds, Secret, seconds, StorageError, UsageError } from '@dunlin/base';
import type {
  BootstrapConfiguration,
  BootstrapConfigurationStore,
  BootstrapTarget,
  ConfigurationStoreLimits,
  ServerAccount,
} from '@dunlin/bootstrap';
import { ContentFormat } from '@dunlin/coap';
import { pathOf, rootPath, type Value } from '@dunlin/lwm2m';

import {
  issue,
  makeKeys,
  subjectAltName,
  dnsName,
} from '../../../dtls/test/support/certificate-authority.ts';
import {
  configurationFor,
  madeAt,
  patternConfiguration,
  plainBootstrapServer,
  plainServer,
  pskServer,
  stored,
} from './configurations.ts';

/** How the tests get a store of the kind under test. */
export interface ConfigurationStoreFactory {
  /** An empty store. */
  readonly open: (limits?: Partial<ConfigurationStoreLimits>) => Promise<BootstrapConfigurationStore>;
}

const endpoint = (endpointName: string): BootstrapTarget => ({ kind: 'endpoint', endpointName });
const pattern = (text: string): BootstrapTarget => ({ kind: 'pattern', pattern: text });

/** A configuration that has everything that one can have. */
export function fullConfiguration(endpointName: string): BootstrapConfiguration {
  const keys = makeKeys();
  const privateKey = (): Secret =>
    new Secret(Uint8Array.from(keys.privateKey.export({ format: 'der', type: 'pkcs8' })));
  const publicKey = Uint8Array.from(keys.publicKey.export({ format: 'der', type: 'spki' }));
  const server = issue({ extensions: [subjectAltName(dnsName('server.example'))] });
  const values: readonly (readonly [
    number,
    'string' | 'integer' | 'float' | 'boolean' | 'opaque' | 'time' | 'objlnk',
    Value,
  ])[] = [
    [0, 'string', '☂'],
    [1, 'integer', -(2n ** 63n)],
    [2, 'float', 0.1],
    [3, 'boolean', false],
    [4, 'opaque', Uint8Array.of(0, 255)],
    [5, 'time', 1_700_000_000],
    [6, 'objlnk', { objectId: 65_535, objectInstanceId: 65_535 }],
  ];
  const resources = new Map(
    values.map(([id, type, value]) => [id, { kind: 'single', type, value } as const]),
  );
  return {
    target: endpoint(endpointName),
    servers: [
      pskServer(1, {
        lifetime: seconds(300),
        bindingMode: 'UQ',
        notificationStoring: false,
        defaultMinimumPeriod: seconds(0),
        defaultMaximumPeriod: seconds(60),
        disableTimeout: seconds(3600),
        securityInstanceId: 4,
        serverInstanceId: 5,
      }),
      {
        uri: 'coaps://server.example',
        shortServerId: 2,
        security: {
          kind: 'raw-public-key',
          publicKey,
          privateKey: privateKey(),
          serverPublicKey: server.publicKey,
        },
      },
      {
        uri: 'coaps://server.example:5685',
        shortServerId: 3,
        security: {
          kind: 'certificate',
          certificate: issue({ keys }).certificate,
          privateKey: privateKey(),
          serverCertificate: server.certificate,
        },
      },
      plainServer(4),
      pskServer(5, { security: { kind: 'issued', proof: 'psk' } }),
      pskServer(6, { security: { kind: 'issued', proof: 'raw-public-key' } }),
    ],
    bootstrapServer: plainBootstrapServer({
      clientHoldOffTime: seconds(10),
      accountTimeout: seconds(0),
      securityInstanceId: 0,
    }),
    accessControl: [
      { objectId: 3, objectInstanceId: 0, owner: 1, acl: new Map([[0, 1]]) },
      { objectId: 5, objectInstanceId: 65_535, owner: 65_535, acl: new Map() },
    ],
    writes: [
      {
        path: pathOf(9999),
        content: { kind: 'object', instances: new Map([[7, resources]]) },
        isOptional: true,
      },
      { path: pathOf(9999, 1), content: { kind: 'object-instance', resources } },
      {
        path: pathOf(9999, 2, 3),
        content: {
          kind: 'resource',
          resource: {
            kind: 'multiple',
            type: 'integer',
            values: new Map([
              [1, 5],
              [0, 4],
            ]),
          },
        },
      },
    ],
    deletes: [rootPath, pathOf(5), pathOf(9999, 1)],
    writeLevel: 'resource',
    contentFormat: ContentFormat.json,
    isVerified: true,
    allowsKeysWithoutSecurity: true,
  };
}

/** Everything of a configuration, its keys included, for comparing. */
export function revealed(configuration: BootstrapConfiguration | undefined): unknown {
  const { servers = [], ...rest } = configuration ?? {};
  return withoutUndefined({ ...rest, servers: servers.map(revealedAccount) });
}

function revealedAccount({ security, ...account }: ServerAccount): unknown {
  const secrets = [
    ...('key' in security ? [security.key.reveal()] : []),
    ...('privateKey' in security ? [security.privateKey.reveal()] : []),
  ];
  const { kind, ...proof } = { ...security, key: undefined, privateKey: undefined };
  return withoutUndefined({ ...account, kind, ...proof, secrets });
}

/** What is not said may be missing or `undefined`. */
function withoutUndefined(value: object): unknown {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, isPlain(member) ? withoutUndefined(member) : member]),
  );
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** What every `BootstrapConfigurationStore` does. */
export function configurationStoreContract(name: string, { open }: ConfigurationStoreFactory): void {
  describe(`${name} as a BootstrapConfigurationStore`, () => {
    test('gives configurations back as they were kept, with their keys', async () => {
      await using store = await open();
      const full = fullConfiguration('node-1');
      assert.deepEqual(await store.put(stored(full)), { kind: 'kept', isNew: true });
      const found = await store.get(endpoint('node-1'));
      assert.equal(found?.updatedAt, madeAt);
      assert.deepEqual(revealed(found?.configuration), revealed(full));
      assert.deepEqual(revealed((await store.find('node-1'))?.configuration), revealed(full));
      assert.equal(await store.count(), 1);
    });

    test('gives back what says the least as it is', async () => {
      await using store = await open();
      await store.put(stored(configurationFor('node-1')));
      const found = await store.get(endpoint('node-1'));
      assert.deepEqual(revealed(found?.configuration), revealed(configurationFor('node-1')));
    });

    test('replaces the configuration for the same target', async () => {
      await using store = await open();
      await store.put(stored(configurationFor('node-1')));
      const later = addDuration(madeAt, milliseconds(5));
      const outcome = await store.put(stored(configurationFor('node-1', { servers: [pskServer(7)] }), later));
      assert.deepEqual(outcome, { kind: 'kept', isNew: false });
      const found = await store.get(endpoint('node-1'));
      assert.equal(found?.updatedAt, later);
      assert.equal(found?.configuration.servers[0]?.shortServerId, 7);
      assert.equal(await store.count(), 1);
    });

    test('tells a name from a pattern that is written alike', async () => {
      await using store = await open();
      await store.put(stored(configurationFor('a*', { servers: [plainServer(1)] })));
      await store.put(stored(patternConfiguration('a*', { servers: [plainServer(2)] })));
      const idOf = async (endpointName: string): Promise<number | undefined> =>
        (await store.find(endpointName))?.configuration.servers[0]?.shortServerId;
      assert.equal(await idOf('a*'), 1);
      assert.equal(await idOf('ab'), 2);
      assert.equal(await store.remove(endpoint('a*')), true);
      assert.equal(await idOf('a*'), 2);
    });

    test('finds the own configuration first, then that of the most particular pattern', async () => {
      await using store = await open();
      for (const text of ['*', 'node-*', 'node-1*', '*-11'])
        await store.put(stored(patternConfiguration(text)));
      await store.put(stored(configurationFor('node-11')));
      const targetOf = async (endpointName: string): Promise<BootstrapTarget | undefined> =>
        (await store.find(endpointName))?.configuration.target;
      assert.deepEqual(await targetOf('node-11'), endpoint('node-11'));
      assert.deepEqual(await targetOf('node-12'), pattern('node-1*'));
      assert.deepEqual(await targetOf('node-2'), pattern('node-*'));
      assert.deepEqual(await targetOf('x-11'), pattern('*-11'));
      assert.deepEqual(await targetOf(''), pattern('*'));
      await store.remove(pattern('*'));
      assert.equal(await targetOf('x'), undefined);
    });

    test('removes a configuration, once', async () => {
      await using store = await open();
      await store.put(stored(configurationFor('a')));
      await store.put(stored(patternConfiguration('b*')));
      assert.equal(await store.remove(endpoint('a')), true);
      assert.equal(await store.remove(endpoint('a')), false);
      assert.equal(await store.remove(pattern('b*')), true);
      assert.equal(await store.remove(pattern('b*')), false);
      assert.equal(await store.find('a'), undefined);
      assert.equal(await store.find('b1'), undefined);
      assert.equal(await store.count(), 0);
    });

    test('pages names first, then patterns, also after one that is gone', async () => {
      await using store = await open();
      for (const text of ['d', 'a', 'c', 'b']) await store.put(stored(configurationFor(text)));
      for (const text of ['a*', '*']) await store.put(stored(patternConfiguration(text)));
      const page = async (limit: number, after?: BootstrapTarget): Promise<readonly BootstrapTarget[]> =>
        (await store.page({ limit, after })).map(({ configuration }) => configuration.target);
      assert.deepEqual(await page(3), [endpoint('a'), endpoint('b'), endpoint('c')]);
      await store.remove(endpoint('c'));
      assert.deepEqual(await page(10, endpoint('c')), [endpoint('d'), pattern('*'), pattern('a*')]);
      assert.deepEqual(await page(10, pattern('*')), [pattern('a*')]);
      assert.deepEqual(await page(10, pattern('a*')), []);
    });

    test('keeps to its limits; a replacement needs no room', async () => {
      await using store = await open({ configurations: 3, patterns: 1 });
      await store.put(stored(patternConfiguration('a*')));
      assert.equal((await store.put(stored(patternConfiguration('b*')))).kind, 'full');
      assert.equal((await store.put(stored(patternConfiguration('a*')))).kind, 'kept');
      await store.put(stored(configurationFor('a')));
      await store.put(stored(configurationFor('b')));
      assert.equal((await store.put(stored(configurationFor('c')))).kind, 'full');
      assert.equal((await store.put(stored(configurationFor('b')))).kind, 'kept');
      assert.equal(await store.count(), 3);
    });

    test('takes nothing that a device could not take, and says why', async () => {
      await using store = await open();
      const wrong = configurationFor('node-1', { servers: [plainServer(0)] });
      await assert.rejects(
        Promise.try(() => store.put(stored(wrong))),
        (error) => error instanceof UsageError && error.message.includes('servers.0.shortServerId'),
      );
      assert.equal(await store.count(), 0);
    });

    test('takes names as texts, whatever they look like', async () => {
      await using store = await open();
      const names = ["'; DROP TABLE x; --", '../..', '%', '_', '\\', '☂', '{"a":1}', 'NULL', ' '];
      for (const text of names) await store.put(stored(configurationFor(text)));
      for (const text of names) {
        assert.deepEqual((await store.find(text))?.configuration.target, endpoint(text));
      }
      assert.equal(await store.find('a'), undefined);
    });

    test('does nothing once it is closed', async () => {
      const store = await open();
      await store[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      for (const use of [
        () => store.put(stored(configurationFor('a'))),
        () => store.find('a'),
        () => store.page({ limit: 1 }),
        () => store.remove(endpoint('a')),
      ]) {
        await assert.rejects(
          Promise.try(() => use()),
          StorageError,
        );
      }
    });
  });
}

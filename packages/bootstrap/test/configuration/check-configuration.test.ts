import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Secret, seconds, utf8Encode } from '@dunlin/base';
import {
  AccessRight,
  type AccountSecurity,
  type BootstrapConfiguration,
  type BootstrapWrite,
  bootstrapOwner,
  checkConfiguration,
  everyInstance,
  requireSound,
  type ServerAccount,
} from '@dunlin/bootstrap';
import {
  type Content,
  coreDefinitions,
  pathOf,
  type ResourceContent,
  rootPath,
  type Value,
} from '@dunlin/lwm2m';

import {
  dnsName,
  issue,
  makeKeys,
  subjectAltName,
} from '../../../dtls/test/support/certificate-authority.ts';
import {
  configurationFor,
  patternConfiguration,
  plainBootstrapServer,
  plainServer,
  pskServer,
} from '../support/configurations.ts';

/** What is wrong, one line each. */
function problemsOf(configuration: BootstrapConfiguration): readonly string[] {
  return checkConfiguration(configuration, coreDefinitions).map(({ field, reason }) => `${field} ${reason}`);
}

/** The fields in which something is wrong. */
function fieldsOf(more: Partial<BootstrapConfiguration>): readonly string[] {
  return checkConfiguration(configurationFor('node-1', more), coreDefinitions).map(({ field }) => field);
}

const serverFields = (more: Partial<ServerAccount>): readonly string[] =>
  fieldsOf({ servers: [plainServer(1, more)] });

const single = (type: ResourceContent['type'], value: Value): ResourceContent => ({
  kind: 'single',
  type,
  value,
});

const keyPair = makeKeys();
const der = (key: 'private' | 'public'): Uint8Array =>
  key === 'private'
    ? Uint8Array.from(keyPair.privateKey.export({ format: 'der', type: 'pkcs8' }))
    : Uint8Array.from(keyPair.publicKey.export({ format: 'der', type: 'spki' }));
const pem = utf8Encode(keyPair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
const other = issue({ subject: 'other' });
const client = issue({ subject: 'node-1', keys: keyPair });
const server = issue({
  subject: 'server-1.example',
  extensions: [subjectAltName(dnsName('server-1.example'))],
});

const rawPublicKey = (): Extract<AccountSecurity, { kind: 'raw-public-key' }> => ({
  kind: 'raw-public-key',
  publicKey: der('public'),
  privateKey: new Secret(der('private')),
  serverPublicKey: server.publicKey,
});
const certificate = (): Extract<AccountSecurity, { kind: 'certificate' }> => ({
  kind: 'certificate',
  certificate: client.certificate,
  privateKey: new Secret(der('private')),
  serverCertificate: server.certificate,
});

describe('A sound configuration', () => {
  const sound: readonly (readonly [string, BootstrapConfiguration])[] = [
    ['one server without security', configurationFor('node-1')],
    ['a pattern', patternConfiguration('urn:imei:*')],
    ['a pre-shared key', configurationFor('node-1', { servers: [pskServer()] })],
    [
      'a raw public key',
      configurationFor('node-1', { servers: [pskServer(1, { security: rawPublicKey() })] }),
    ],
    ['a certificate', configurationFor('node-1', { servers: [pskServer(1, { security: certificate() })] })],
    [
      'a Bootstrap-Server of its own',
      configurationFor('node-1', { bootstrapServer: plainBootstrapServer({ accountTimeout: seconds(0) }) }),
    ],
    [
      'the longest and the shortest key and identity',
      configurationFor('node-1', { servers: extremes(), accessControl: 'shared' }),
    ],
    [
      'several servers',
      configurationFor('node-1', { servers: [plainServer(1), pskServer(2)], accessControl: 'shared' }),
    ],
    [
      'nothing but writes',
      configurationFor('node-1', { servers: [], deletes: [], writes: [writeOf(pathOf(3, 0, 14))] }),
    ],
    [
      'IPv6',
      configurationFor('node-1', { servers: [plainServer(1, { uri: 'coap://[2001:db8::1]:5683/a?b' })] }),
    ],
  ];
  for (const [what, configuration] of sound) {
    test(`may have ${what}`, () => {
      assert.deepEqual(problemsOf(configuration), []);
    });
  }
});

function extremes(): readonly ServerAccount[] {
  const security = (identity: string, length: number): AccountSecurity => ({
    kind: 'psk',
    identity,
    key: new Secret(new Uint8Array(length)),
  });
  return [
    pskServer(1, { security: security('i', 16) }),
    pskServer(65_534, { security: security('ü'.repeat(64), 64) }),
  ];
}

function writeOf(
  path: BootstrapWrite['path'],
  content: Content = { kind: 'resource', resource: single('string', 'x') },
): BootstrapWrite {
  return { path, content };
}

describe('A configuration', () => {
  test('is for a name, or for a pattern with a star', () => {
    const fields = (configuration: BootstrapConfiguration): readonly string[] =>
      checkConfiguration(configuration).map(({ field }) => field);
    assert.deepEqual(fields(configurationFor('')), ['target.endpointName']);
    assert.deepEqual(fields(configurationFor('a\n')), ['target.endpointName']);
    assert.deepEqual(fields(configurationFor('ü'.repeat(127))), ['target.endpointName']);
    assert.deepEqual(fields(patternConfiguration('node-1')), ['target.pattern']);
    assert.deepEqual(fields(patternConfiguration('')), ['target.pattern', 'target.pattern']);
  });

  test('leaves a device with a server, unless it leaves its accounts alone (R-202)', () => {
    assert.deepEqual(fieldsOf({ servers: [] }), ['servers']);
    for (const path of [rootPath, pathOf(0), pathOf(1)]) {
      assert.deepEqual(fieldsOf({ servers: [], deletes: [path] }), ['servers']);
    }
    assert.deepEqual(fieldsOf({ servers: [], deletes: [pathOf(5)] }), []);
  });

  test('has a limited number of everything', () => {
    const many = Array.from({ length: 17 }, (_, index) => plainServer(index + 1));
    assert.deepEqual(fieldsOf({ servers: many, accessControl: 'shared' }), ['servers']);
    const paths = Array.from({ length: 65 }, (_, id) => pathOf(5, id));
    assert.deepEqual(fieldsOf({ deletes: paths }), ['deletes']);
    const writes = Array.from({ length: 257 }, (_, id) => writeOf(pathOf(5000, id, 0)));
    assert.deepEqual(fieldsOf({ writes }), ['writes']);
    const entry = (id: number) => ({ objectId: 5, objectInstanceId: id, owner: 1, acl: new Map() });
    const accessControl = Array.from({ length: 1025 }, (_, id) => entry(id));
    assert.deepEqual(fieldsOf({ accessControl }), ['accessControl']);
  });

  test('is refused by stores with all that is wrong, and without any key', () => {
    const security = { kind: 'psk', identity: '', key: new Secret(utf8Encode('short key')) } as const;
    const wrong = configurationFor('node-1', { servers: [pskServer(0, { security })] });
    assert.throws(
      () => requireSound(wrong),
      (error) =>
        error instanceof Error &&
        error.message ===
          'the bootstrap configuration for node-1: servers.0.shortServerId must be a whole number from 1 to 65534; ' +
            'servers.0.security.identity must have 1 to 128 bytes of UTF-8 (1.0 E.1.1.1); ' +
            'servers.0.security.key must have 16 to 64 bytes (1.0 E.1.1.1), not 9',
    );
  });
});

describe('A server’s account', () => {
  test('has a Short Server ID from 1 to 65534 of its own (R-201, R-261)', () => {
    for (const shortServerId of [0, 65_535, -1, 1.5, Number.NaN]) {
      assert.deepEqual(serverFields({ shortServerId }), ['servers.0.shortServerId']);
    }
    const servers = [plainServer(1), plainServer(2), plainServer(1)];
    assert.deepEqual(fieldsOf({ servers, accessControl: 'shared' }), ['servers.2.shortServerId']);
  });

  const badUris = [
    ...'http://a coap:a coap:// a coap+tcp://a coap://a:99999 coap://u@a coap://a#x mqtt://a'.split(' '),
    '',
    'coap://a b',
    `coap://${'a'.repeat(250)}`,
  ];
  for (const uri of badUris) {
    test(`has a CoAP URI, which ${JSON.stringify(uri.slice(0, 20))} is not (1.0 E.1)`, () => {
      assert.deepEqual(serverFields({ uri }), ['servers.0.uri']);
    });
  }

  test('has a URI that fits its security (R-261)', () => {
    assert.deepEqual(
      problemsOf(configurationFor('node-1', { servers: [plainServer(1, { uri: 'coaps://a' })] })),
      ['servers.0.uri must be a coap URI without security'],
    );
    assert.deepEqual(fieldsOf({ servers: [pskServer(1, { uri: 'coap://a' })] }), ['servers.0.uri']);
    const security = { kind: 'issued', proof: 'psk' } as const;
    assert.deepEqual(fieldsOf({ servers: [plainServer(1, { security })] }), ['servers.0.uri']);
    assert.deepEqual(fieldsOf({ servers: [pskServer(1, { security })] }), []);
    const bootstrapServer = plainBootstrapServer({ uri: 'coaps://a' });
    assert.deepEqual(fieldsOf({ bootstrapServer }), ['bootstrapServer.uri']);
  });

  test('has periods and a lifetime that are numbers of seconds, and in order', () => {
    assert.deepEqual(serverFields({ lifetime: seconds(0) }), ['servers.0.lifetime']);
    assert.deepEqual(serverFields({ lifetime: seconds(2 ** 32) }), ['servers.0.lifetime']);
    assert.deepEqual(serverFields({ defaultMinimumPeriod: seconds(-1) }), ['servers.0.defaultMinimumPeriod']);
    assert.deepEqual(serverFields({ defaultMaximumPeriod: seconds(0) }), ['servers.0.defaultMaximumPeriod']);
    assert.deepEqual(serverFields({ disableTimeout: seconds(1.5) }), ['servers.0.disableTimeout']);
    const periods = { defaultMinimumPeriod: seconds(5), defaultMaximumPeriod: seconds(4) };
    assert.deepEqual(serverFields(periods), ['servers.0.defaultMaximumPeriod']);
  });

  test('has a binding that it can have: one over SMS needs more (R-360)', () => {
    for (const bindingMode of ['S', 'SQ', 'US', 'UQS'] as const) {
      assert.deepEqual(serverFields({ bindingMode }), ['servers.0.bindingMode']);
    }
  });

  test('has instances of its own', () => {
    assert.deepEqual(serverFields({ securityInstanceId: 65_535 }), ['servers.0.securityInstanceId']);
    assert.deepEqual(serverFields({ serverInstanceId: -1 }), ['servers.0.serverInstanceId']);
    const ids = { securityInstanceId: 3, serverInstanceId: 4 };
    const servers = [plainServer(1, ids), plainServer(2, ids)];
    assert.deepEqual(fieldsOf({ servers, accessControl: 'shared' }), [
      'servers.1.securityInstanceId',
      'servers.1.serverInstanceId',
    ]);
    const bootstrapServer = plainBootstrapServer({ securityInstanceId: 3 });
    assert.deepEqual(fieldsOf({ servers: [plainServer(1, ids)], bootstrapServer }), [
      'bootstrapServer.securityInstanceId',
    ]);
  });
});

describe('The security of an account', () => {
  const securityFields = (security: AccountSecurity): readonly string[] =>
    fieldsOf({ servers: [pskServer(1, { security })] }).map((field) =>
      field.replace('servers.0.security.', ''),
    );

  test('with a pre-shared key has sizes that every device takes (R-710)', () => {
    const psk = (identity: string, length: number): AccountSecurity => ({
      kind: 'psk',
      identity,
      key: new Secret(new Uint8Array(length)),
    });
    assert.deepEqual(securityFields(psk('', 16)), ['identity']);
    assert.deepEqual(securityFields(psk('ü'.repeat(65), 16)), ['identity']);
    assert.deepEqual(securityFields(psk('\ud800', 16)), ['identity']);
    assert.deepEqual(securityFields(psk('i', 15)), ['key']);
    assert.deepEqual(securityFields(psk('i', 65)), ['key']);
    assert.deepEqual(securityFields(psk('i', 64)), []);
  });

  test('with a raw public key has a pair that belongs together, as DER (R-711)', () => {
    const changed = (more: Partial<ReturnType<typeof rawPublicKey>>): readonly string[] =>
      securityFields({ ...rawPublicKey(), ...more });
    assert.deepEqual(changed({ publicKey: Uint8Array.of(0x30, 0) }), ['publicKey']);
    assert.deepEqual(changed({ publicKey: other.publicKey }), ['privateKey']);
    assert.deepEqual(changed({ serverPublicKey: new Uint8Array() }), ['serverPublicKey']);
    assert.deepEqual(changed({ privateKey: new Secret(pem.slice()) }), ['privateKey']);
    assert.deepEqual(changed({ privateKey: new Secret(Uint8Array.of(0x30, 1, 2)) }), ['privateKey']);
  });

  test('with a certificate has the key of it, and a server certificate that names the host (R-712)', () => {
    const changed = (more: Partial<ReturnType<typeof certificate>>): readonly string[] =>
      securityFields({ ...certificate(), ...more });
    assert.deepEqual(changed({ certificate: other.certificate }), ['privateKey']);
    assert.deepEqual(changed({ certificate: Uint8Array.of(0x30) }), ['certificate']);
    assert.deepEqual(changed({ serverCertificate: other.certificate }), ['serverCertificate']);
    assert.deepEqual(changed({ serverCertificate: utf8Encode('-----BEGIN CERTIFICATE-----') }), [
      'serverCertificate',
    ]);
    assert.deepEqual(changed({ privateKey: new Secret(new Uint8Array(3)) }), ['privateKey']);
  });
});

describe('Deletes', () => {
  test('are of Objects and instances that can be deleted, each once (R-245, R-246)', () => {
    assert.deepEqual(fieldsOf({ deletes: [pathOf(3)] }), ['deletes.0']);
    assert.deepEqual(fieldsOf({ deletes: [pathOf(3, 0)] }), ['deletes.0']);
    assert.deepEqual(fieldsOf({ deletes: [pathOf(5), pathOf(5)] }), ['deletes.1']);
    assert.deepEqual(fieldsOf({ deletes: [pathOf(5, 65_535)] }), ['deletes.0']);
    assert.deepEqual(fieldsOf({ deletes: [rootPath] }), []);
  });
});

describe('Access control', () => {
  const servers = [plainServer(1), plainServer(2)];
  const entry = { objectId: 3, objectInstanceId: 0, owner: 1, acl: new Map([[2, 15]]) };
  const fields = (
    more: Partial<typeof entry>,
    deletes?: BootstrapConfiguration['deletes'],
  ): readonly string[] => fieldsOf({ servers, accessControl: [{ ...entry, ...more }], deletes });

  test('must be there with several servers, as none could do anything otherwise (R-602)', () => {
    assert.deepEqual(fieldsOf({ servers }), ['accessControl']);
    assert.deepEqual(fieldsOf({ servers, accessControl: [] }), ['accessControl']);
    assert.deepEqual(fields({}), []);
  });

  test('takes the place of what was there', () => {
    assert.deepEqual(fields({}, [pathOf(0), pathOf(1)]), ['deletes']);
    assert.deepEqual(fields({}, [pathOf(0), pathOf(1), pathOf(2, 0)]), ['deletes']);
    assert.deepEqual(fields({}, [rootPath]), []);
  });

  test('is of Objects that have any, and each instance once (R-616)', () => {
    for (const objectId of [0, 2, 65_535, 1.5]) {
      assert.deepEqual(fields({ objectId }), ['accessControl.0.objectId']);
    }
    assert.deepEqual(fields({ objectInstanceId: 65_536 }), ['accessControl.0.objectInstanceId']);
    assert.deepEqual(fieldsOf({ servers, accessControl: [entry, entry] }), ['accessControl.1']);
  });

  test('knows its servers, and gives rights that there are (R-261, R-610, 1.0 E.3)', () => {
    assert.deepEqual(fields({ owner: 3 }), ['accessControl.0.owner']);
    assert.deepEqual(fields({ owner: bootstrapOwner }), []);
    assert.deepEqual(fields({ acl: new Map([[3, 1]]) }), ['accessControl.0.acl.3']);
    assert.deepEqual(fields({ acl: new Map([[0, 1]]) }), []);
    for (const rights of [AccessRight.create, 32, -1, 0.5]) {
      assert.deepEqual(fields({ acl: new Map([[1, rights]]) }), ['accessControl.0.acl.1']);
    }
    const creation = { objectInstanceId: everyInstance, owner: bootstrapOwner };
    assert.deepEqual(fields({ ...creation, acl: new Map([[1, AccessRight.create]]) }), []);
    assert.deepEqual(fields({ ...creation, acl: new Map([[1, AccessRight.read]]) }), [
      'accessControl.0.acl.1',
    ]);
    assert.deepEqual(fields({ ...creation, owner: 1, acl: new Map() }), ['accessControl.0.owner']);
  });

  test('that is shared needs a server to be shared by', () => {
    assert.deepEqual(fieldsOf({ servers: [], accessControl: 'shared', deletes: [pathOf(2)] }), [
      'accessControl',
    ]);
  });
});

describe('Writes', () => {
  const problems = (...writes: readonly BootstrapWrite[]): readonly string[] =>
    problemsOf(configurationFor('node-1', { writes }));
  const location = (...entries: readonly (readonly [number, ResourceContent])[]): Content => ({
    kind: 'object-instance',
    resources: new Map(entries),
  });
  const place = [
    [0, single('float', 1)],
    [1, single('float', 2)],
    [5, single('time', 3)],
  ] as const;

  test('are not of Objects 0, 1 and 2, which have accounts and access control for it', () => {
    for (const path of [pathOf(0), pathOf(1, 0), pathOf(2, 0, 3)]) {
      assert.deepEqual(fieldsOf({ writes: [writeOf(path)] }), ['writes.0.path']);
    }
  });

  test('have content of the kind of their path', () => {
    assert.deepEqual(fieldsOf({ writes: [writeOf(pathOf(6, 0))] }), ['writes.0.content']);
    assert.deepEqual(fieldsOf({ writes: [writeOf(pathOf(6, 0, 0), location(...place))] }), [
      'writes.0.content',
    ]);
    assert.deepEqual(fieldsOf({ writes: [writeOf(pathOf(6, 65_535, 0))] }), [
      'writes.0.path',
      'writes.0.content',
    ]);
  });

  test('have every mandatory Resource of an instance, which they make or replace (R-241, R-261)', () => {
    assert.deepEqual(problems(writeOf(pathOf(6, 0), location(...place))), []);
    assert.deepEqual(problems(writeOf(pathOf(6, 0), location(...place.slice(1)))), [
      'writes.0.content must have the mandatory Resource 0 (Latitude), or be written by Resource',
    ]);
    const instances = new Map([[65_535, new Map(place)]]);
    assert.deepEqual(problems(writeOf(pathOf(6), { kind: 'object', instances })), [
      'writes.0.content must not have the instance 65535',
    ]);
    assert.deepEqual(problems(writeOf(pathOf(6), { kind: 'object', instances: new Map() })), [
      'writes.0.content must have an instance',
    ]);
  });

  test('have values of the type, the range and the number that the definition says (R-135)', () => {
    const resource = (path: BootstrapWrite['path'], content: ResourceContent): readonly string[] =>
      problems(writeOf(path, { kind: 'resource', resource: content }));
    assert.deepEqual(resource(pathOf(3, 0, 9), single('string', '9')), [
      'writes.0.content must have a value of type integer for Resource 9',
    ]);
    assert.match(resource(pathOf(3, 0, 9), single('integer', 101))[0] ?? '', /outside 0\.\.100/);
    assert.match(resource(pathOf(3, 0, 11), single('integer', 1))[0] ?? '', /several values/);
    assert.match(resource(pathOf(3, 0, 4), single('string', ''))[0] ?? '', /which is executed/);
    assert.match(resource(pathOf(9999, 0, 4), single('integer', 0.5))[0] ?? '', /not an integer/);
    assert.deepEqual(resource(pathOf(9999, 0, 4), single('integer', 5)), []);
  });

  test('are not repeated', () => {
    const write = writeOf(pathOf(3, 0, 14));
    assert.deepEqual(fieldsOf({ writes: [write, write] }), ['writes.1.path']);
  });

  test('are in a format that carries instances', () => {
    assert.deepEqual(fieldsOf({ contentFormat: 0 }), ['contentFormat']);
    assert.deepEqual(fieldsOf({ contentFormat: 11_543 }), []);
  });
});

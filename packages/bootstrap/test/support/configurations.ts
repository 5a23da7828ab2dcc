import { type Instant, instantFrom, Secret, utf8Encode } from '@dunlin/base';
import type {
  BootstrapConfiguration,
  BootstrapServerAccount,
  ServerAccount,
  StoredConfiguration,
} from '@dunlin/bootstrap';
import type { ResourceContents } from '@dunlin/lwm2m';

/** When the configurations of these tests were made. */
export const madeAt: Instant = instantFrom(Date.UTC(2030, 0, 1));

/** 16 bytes. */
export const keyOf = (text: string): Secret => new Secret(utf8Encode(text.padEnd(16, '.').slice(0, 16)));

/** An account without security. */
export function plainServer(shortServerId = 1, more: Partial<ServerAccount> = {}): ServerAccount {
  return {
    uri: `coap://server-${shortServerId}.example`,
    shortServerId,
    security: { kind: 'none' },
    ...more,
  };
}

/** An account with a pre-shared key. */
export function pskServer(shortServerId = 1, more: Partial<ServerAccount> = {}): ServerAccount {
  const security = {
    kind: 'psk',
    identity: `identity ${shortServerId}`,
    key: keyOf(`key ${shortServerId}`),
  } as const;
  return { uri: `coaps://server-${shortServerId}.example`, shortServerId, security, ...more };
}

/** The account of a Bootstrap-Server without security. */
export function plainBootstrapServer(more: Partial<BootstrapServerAccount> = {}): BootstrapServerAccount {
  return { uri: 'coap://bootstrap.example', security: { kind: 'none' }, ...more };
}

/** The configuration of one endpoint: one server without security unless it says otherwise. */
export function configurationFor(
  endpointName: string,
  more: Partial<BootstrapConfiguration> = {},
): BootstrapConfiguration {
  return { target: { kind: 'endpoint', endpointName }, servers: [plainServer()], ...more };
}

/** The same for names that fit a pattern. */
export function patternConfiguration(
  pattern: string,
  more: Partial<BootstrapConfiguration> = {},
): BootstrapConfiguration {
  return { target: { kind: 'pattern', pattern }, servers: [plainServer()], ...more };
}

export function stored(
  configuration: BootstrapConfiguration,
  updatedAt: Instant = madeAt,
): StoredConfiguration {
  return { configuration, updatedAt };
}

/** The instance of Object 0 that a device has for its Bootstrap-Server. */
export const bootstrapAccount: ResourceContents = new Map([
  [0, { kind: 'single', type: 'string', value: 'coap://10.0.0.1:5783' }],
  [1, { kind: 'single', type: 'boolean', value: true }],
  [2, { kind: 'single', type: 'integer', value: 3 }],
]);

/** The two instances that a device has of a server's account. */
export function accountInstances(
  shortServerId: number,
  securityInstanceId: number,
  serverInstanceId: number,
): readonly (readonly [string, ResourceContents])[] {
  return [
    [
      `/0/${securityInstanceId}`,
      new Map([
        [0, { kind: 'single', type: 'string', value: 'coap://old.example' }],
        [1, { kind: 'single', type: 'boolean', value: false }],
        [10, { kind: 'single', type: 'integer', value: shortServerId }],
      ]),
    ],
    [`/1/${serverInstanceId}`, new Map([[0, { kind: 'single', type: 'integer', value: shortServerId }]])],
  ];
}

/** The Device Object. */
export const deviceInstance: readonly [string, ResourceContents] = [
  '/3/0',
  new Map([[0, { kind: 'single', type: 'string', value: 'Acme' }]]),
];

import { noBytes, Secret } from '@dunlin/base';
import {
  type DataType,
  type ObjectInstancePath,
  pathOf,
  type ResourceContent,
  type ResourceContents,
  type ResourceInstancePath,
  type ResourcePath,
  Security,
  type Value,
} from '@dunlin/lwm2m';

import type { AccountSecurity, GivenSecurity, ServerAccount } from '../configuration/accounts.ts';
import {
  type BootstrapConfiguration,
  bootstrapConfigurationDefaults as defaults,
  type BootstrapWrite,
  type DeletePath,
} from '../configuration/bootstrap-configuration.ts';
import type { DeviceInstances } from './device-instances.ts';
import { type AllottedInstances, allotInstances } from './instance-ids.ts';
import { plannedWrites } from './planned-writes.ts';
import { isSequenceFailure } from './sequence.ts';

/** One value of a Write, at the path of a Resource or of an instance of one. */
export interface PreviewedValue {
  readonly path: ResourcePath | ResourceInstancePath;
  readonly type: DataType;
  /** Why the value is not here: it is a key, or it is made anew at each bootstrap. */
  readonly withheld?: 'secret' | 'issued' | undefined;
  /** Not there when it is withheld. */
  readonly value?: Value | undefined;
}

/** What a device is asked in a bootstrap, one after the other. */
export type PreviewedStep =
  | { readonly kind: 'discover' }
  /** Asked only of a device that has something there. */
  | { readonly kind: 'delete'; readonly path: DeletePath }
  | {
      readonly kind: 'write';
      readonly path: BootstrapWrite['path'];
      readonly isOptional: boolean;
      readonly values: readonly PreviewedValue[];
    }
  | { readonly kind: 'finish' };

/**
 * What a session with a sound configuration will ask of a device that is new out of the factory: one that has the
 * account of its Bootstrap-Server and the Device Object, and nothing else. Keys are not in it.
 */
export function previewBootstrap(configuration: BootstrapConfiguration): readonly PreviewedStep[] {
  const present = factoryNew(configuration);
  const allotted = allotInstances(configuration, present);
  // A sound configuration fits into a device that has nothing.
  if (isSequenceFailure(allotted)) throw new Error(`a device that is new ${allotted.reason}`);
  const given = { ...configuration, servers: configuration.servers.map(withoutIssued) };
  const writes = plannedWrites(given, allotted, present);
  return [
    { kind: 'discover' },
    ...(configuration.deletes ?? defaults.deletes).map((path) => ({ kind: 'delete', path }) as const),
    ...writes.map((write) => previewedWrite(write, configuration, allotted)),
    ...((configuration.isVerified ?? defaults.isVerified) ? [{ kind: 'discover' } as const] : []),
    { kind: 'finish' },
  ];
}

/** The account of its Bootstrap-Server is where the configuration writes it, or where it is in nobody's way. */
function factoryNew({ servers, bootstrapServer }: BootstrapConfiguration): DeviceInstances {
  const named = new Set(servers.map(({ securityInstanceId }) => securityInstanceId));
  let free = 0;
  while (named.has(free)) free += 1;
  return new Map([
    [0, [{ objectInstanceId: bootstrapServer?.securityInstanceId ?? free }]],
    [3, [{ objectInstanceId: 0 }]],
  ]);
}

/** What is made anew stands empty here: the Security Mode is all that is known of it. */
function withoutIssued(account: ServerAccount): ServerAccount<GivenSecurity> {
  const { security } = account;
  if (security.kind !== 'issued') return { ...account, security };
  const nothing = new Secret(noBytes);
  return {
    ...account,
    security:
      security.proof === 'psk'
        ? { kind: 'psk', identity: '', key: nothing }
        : { kind: 'raw-public-key', publicKey: noBytes, privateKey: nothing, serverPublicKey: noBytes },
  };
}

function previewedWrite(
  { path, content, isOptional = false }: BootstrapWrite,
  { servers }: BootstrapConfiguration,
  allotted: AllottedInstances,
): PreviewedStep {
  const securityAt = ({ objectId, objectInstanceId }: ObjectInstancePath): AccountSecurity | undefined =>
    objectId === Security.definition.id
      ? servers[allotted.security.indexOf(objectInstanceId)]?.security
      : undefined;
  const valuesOf = (instance: ObjectInstancePath, resources: ResourceContents): readonly PreviewedValue[] =>
    [...resources].flatMap(([id, resource]) => previewedValues(instance, id, resource, securityAt(instance)));
  const values = (): readonly PreviewedValue[] => {
    switch (content.kind) {
      case 'object':
        return [...content.instances].flatMap(([id, resources]) =>
          valuesOf(pathOf(path.objectId, id), resources),
        );
      case 'object-instance':
        return path.kind === 'object' ? [] : valuesOf(instanceOf(path), content.resources);
      case 'resource':
        return path.kind === 'resource'
          ? valuesOf(instanceOf(path), new Map([[path.resourceId, content.resource]]))
          : [];
      case 'resource-instance':
        return [];
    }
  };
  return { kind: 'write', path, isOptional, values: values() };
}

function instanceOf({
  objectId,
  objectInstanceId,
}: Readonly<{ objectId: number; objectInstanceId: number }>): ObjectInstancePath {
  return pathOf(objectId, objectInstanceId);
}

function previewedValues(
  { objectId, objectInstanceId }: ObjectInstancePath,
  resourceId: number,
  resource: ResourceContent,
  security: AccountSecurity | undefined,
): readonly PreviewedValue[] {
  const path = pathOf(objectId, objectInstanceId, resourceId);
  const { type } = resource;
  if (resource.kind === 'multiple') {
    return [...resource.values].map(([id, value]) => ({
      path: pathOf(objectId, objectInstanceId, resourceId, id),
      type,
      value,
    }));
  }
  const withheld =
    objectId === Security.definition.id ? reasonToWithhold(resourceId, resource.value, security) : undefined;
  return [withheld === undefined ? { path, type, value: resource.value } : { path, type, withheld }];
}

/** Secret Key is never shown, but that there is none; of what is made anew nothing is known yet. */
function reasonToWithhold(
  resourceId: number,
  value: Value,
  security: AccountSecurity | undefined,
): PreviewedValue['withheld'] {
  const { publicKeyOrIdentity, serverPublicKey, secretKey } = Security.resources;
  if (security?.kind === 'issued') {
    const made: readonly number[] =
      security.proof === 'psk'
        ? [publicKeyOrIdentity.id, secretKey.id]
        : [publicKeyOrIdentity.id, serverPublicKey.id, secretKey.id];
    if (made.includes(resourceId)) return 'issued';
  }
  const isEmpty = value instanceof Uint8Array && value.length === 0;
  return resourceId === secretKey.id && !isEmpty ? 'secret' : undefined;
}

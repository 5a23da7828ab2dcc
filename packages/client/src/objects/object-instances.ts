import type { ObjectDefinition, ResourceSpecifications } from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import { type InstanceInput, type PartialInstanceInput, treeResourcesFrom } from './resource-input.ts';

/** How a device supports an Object beyond its instances. */
export interface ObjectInstancesOptions<R extends ResourceSpecifications> extends Pick<
  ObjectSetup,
  'beforeCommit' | 'afterCommit' | 'changed' | 'clock' | 'packetPassed'
> {
  /** Whether Servers may create instances; default false, as instances mostly stand for hardware. */
  readonly isCreatable?: boolean;
  /** Whether Servers may delete instances; default as `isCreatable`. */
  readonly isDeletable?: boolean;
  /** The optional Resources that instances may have; default all that the Object defines. */
  readonly supports?: readonly (keyof R)[];
  /** What an instance created by a Server has from the start: executables, dynamic and read-only values. */
  readonly template?: (objectInstanceId: number) => PartialInstanceInput<R>;
}

/**
 * Any Object with its instances by id: `objectInstances(Temperature, { 0: { sensorValue: () => read() } })`.
 * What is given is checked when the client opens.
 */
export function objectInstances<R extends ResourceSpecifications>(
  object: { readonly definition: ObjectDefinition; readonly resources: R },
  instances: Readonly<Record<number, InstanceInput<R>>>,
  options: Readonly<ObjectInstancesOptions<R>> = {},
): ObjectSetup {
  const { isCreatable = false, isDeletable = isCreatable, supports, template, ...hooks } = options;
  const { definition, resources } = object;
  return {
    ...hooks,
    definition,
    instances: new Map(
      Object.entries(instances).map(([id, input]) => [Number(id), treeResourcesFrom(resources, input)]),
    ),
    isCreatable,
    isDeletable,
    supportedResources: supportedIds(resources, supports),
    ...(template !== undefined && { template: (id) => treeResourcesFrom(resources, template(id)) }),
  };
}

function supportedIds<R extends ResourceSpecifications>(
  resources: R,
  supports: readonly (keyof R)[] | undefined,
): ReadonlySet<number> {
  const named = new Set<unknown>(supports);
  return new Set(
    Object.entries(resources)
      .filter(([name, resource]) => supports === undefined || resource.isMandatory || named.has(name))
      .map(([, resource]) => resource.id),
  );
}

import type { ObjectDefinitionCatalogue } from './object-definition-registry.ts';

let loading: Promise<ObjectDefinitionCatalogue> | undefined;

/**
 * The facts of every Object that the OMA LwM2M registry lists, in all its versions: ids, names, instances, mandatory,
 * operations, types, ranges and units. The table is read on the first call, each Object decoded when it is first
 * looked up; later calls give the same catalogue.
 */
export function loadRegisteredDefinitions(): Promise<ObjectDefinitionCatalogue> {
  loading ??= load();
  return loading;
}

async function load(): Promise<ObjectDefinitionCatalogue> {
  const [{ RegisteredDefinitions }, { omaObjects }, { extObjects }, { xObjects }] = await Promise.all([
    import('./registered-objects/registered-definitions.ts'),
    import('./registered-objects/oma-objects.ts'),
    import('./registered-objects/ext-objects.ts'),
    import('./registered-objects/x-objects.ts'),
  ]);
  return new RegisteredDefinitions([...omaObjects, ...extObjects, ...xObjects]);
}

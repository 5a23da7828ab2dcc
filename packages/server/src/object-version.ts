import type { ObjectDefinition, ObjectDefinitions, Path } from '@dunlin/lwm2m';

import type { RegisteredModel } from './registration.ts';

/**
 * The definition of the Object at a path, in the version that the device announced; without `ver` that is
 * 1.0.
 */
export function definitionFor(
  definitions: ObjectDefinitions,
  model: RegisteredModel,
  path: Path,
): ObjectDefinition | undefined {
  if (path.kind === 'root') return undefined;
  return definitions.find(path.objectId, model.objects.get(path.objectId)?.version ?? '1.0');
}

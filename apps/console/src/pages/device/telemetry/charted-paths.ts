import type { KnownValueDocument, ObservationDocument } from '@dunlin/api';

/** The known numbers that are observed, by themselves or as part of what is above them. */
export function chartedPaths(
  observations: readonly ObservationDocument[],
  values: readonly KnownValueDocument[],
): readonly KnownValueDocument[] {
  return values.filter(
    ({ path, resource }) =>
      (resource.type === 'integer' || resource.type === 'unsigned-integer' || resource.type === 'float') &&
      'value' in resource &&
      observations.some(
        (observation) => path === observation.path || path.startsWith(`${observation.path}/`),
      ),
  );
}

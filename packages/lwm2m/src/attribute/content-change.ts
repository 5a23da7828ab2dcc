import type { Content, ResourceContent, ResourceContents } from '../content.ts';
import type { Path } from '../path.ts';
import type { Value } from '../value.ts';
import { type ChangeConditions, isReportable } from './value-change.ts';

/** Which Resource conditions are asked for. */
export interface ResourceLocation {
  readonly objectInstanceId: number;
  readonly resourceId: number;
}

/** The gt, lt and st in effect at a Resource below the observed path. Asked only for Resources that changed. */
export type ConditionsAt = (location: ResourceLocation) => ChangeConditions | undefined;

interface Observed {
  readonly path: Path;
  readonly conditionsAt?: ConditionsAt | undefined;
}

/**
 * True when any Resource of the content changed in a way that is to be reported. A
 * Resource, Resource Instance or Object Instance that appeared or went is a change whatever the conditions
 * are, as these compare two values.
 */
export function isContentReportable(lastSent: Content, present: Content, observed: Observed): boolean {
  if (lastSent === present) return false;
  if (lastSent.kind === 'object' && present.kind === 'object') {
    return differ(lastSent.instances, present.instances, (before, after, objectInstanceId) =>
      areResourcesReportable(before, after, objectInstanceId, observed.conditionsAt),
    );
  }
  const { path } = observed;
  const objectInstanceId = path.kind === 'root' || path.kind === 'object' ? 0 : path.objectInstanceId;
  if (lastSent.kind === 'object-instance' && present.kind === 'object-instance') {
    const { conditionsAt } = observed;
    return areResourcesReportable(lastSent.resources, present.resources, objectInstanceId, conditionsAt);
  }
  const resourceId = path.kind === 'resource' || path.kind === 'resource-instance' ? path.resourceId : 0;
  const conditions = () => observed.conditionsAt?.({ objectInstanceId, resourceId }) ?? noConditions;
  if (lastSent.kind === 'resource' && present.kind === 'resource') {
    return isResourceReportable(lastSent.resource, present.resource, conditions);
  }
  if (lastSent.kind === 'resource-instance' && present.kind === 'resource-instance') {
    return isReportable(lastSent.value, present.value, conditions());
  }
  return true;
}

const noConditions: ChangeConditions = {};

function areResourcesReportable(
  lastSent: ResourceContents,
  present: ResourceContents,
  objectInstanceId: number,
  conditionsAt: ConditionsAt | undefined,
): boolean {
  return differ(lastSent, present, (before, after, resourceId) =>
    isResourceReportable(
      before,
      after,
      () => conditionsAt?.({ objectInstanceId, resourceId }) ?? noConditions,
    ),
  );
}

function isResourceReportable(
  lastSent: ResourceContent,
  present: ResourceContent,
  conditions: () => ChangeConditions,
): boolean {
  if (lastSent === present) return false;
  if (lastSent.kind === 'single' && present.kind === 'single') {
    return isValueReportable(lastSent.value, present.value, conditions);
  }
  if (lastSent.kind === 'multiple' && present.kind === 'multiple') {
    return differ(lastSent.values, present.values, (before, after) =>
      isValueReportable(before, after, conditions),
    );
  }
  return true;
}

function isValueReportable(lastSent: Value, present: Value, conditions: () => ChangeConditions): boolean {
  return lastSent !== present && isReportable(lastSent, present, conditions());
}

/** True when the keys are not the same, or `isDifferent` holds for the entries of one of them. */
function differ<Entry>(
  lastSent: ReadonlyMap<number, Entry>,
  present: ReadonlyMap<number, Entry>,
  isDifferent: (before: Entry, after: Entry, id: number) => boolean,
): boolean {
  if (lastSent === present) return false;
  if (lastSent.size !== present.size) return true;
  for (const [id, before] of lastSent) {
    const after = present.get(id);
    if (after === undefined || isDifferent(before, after, id)) return true;
  }
  return false;
}

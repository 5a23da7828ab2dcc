import type {
  HistorySeriesDocument,
  KnownValueDocument,
  ObservationDocument,
  ResourceDocument,
} from '@dunlin/api';

import { comparePaths } from '../../../values/compare-paths.ts';

/** A number of a device that can be charted. */
export interface Charted {
  readonly path: string;
  readonly name: string;
  readonly units: string;
  readonly isObserved: boolean;
  /** When its oldest value that is kept is of; absent when none is. */
  readonly first?: string;
}

/** Lines of a chart: as many as colours and dashes can be told apart. */
const maxLines = 6;
/** Axes of a chart: one at each side. */
const maxUnits = 2;

/** Why a Resource does not go into a chart beside others. */
export type Refusal =
  | { readonly kind: 'third-unit'; readonly of: Charted; readonly units: readonly string[] }
  | { readonly kind: 'too-many'; readonly of: Charted };

/** The numbers that are observed, and those that the server has values of. */
export function chartedOf(
  history: readonly HistorySeriesDocument[],
  observations: readonly ObservationDocument[],
  values: readonly KnownValueDocument[],
): readonly Charted[] {
  const isObserved = (path: string): boolean =>
    observations.some((observation) => path === observation.path || path.startsWith(`${observation.path}/`));
  const unitsAt = (path: string, units?: string): string => units ?? toldUnits(path, values) ?? '';
  const byPath = new Map<string, Charted>();
  for (const { path, resource } of values) {
    if (!isNumeric(resource.type) || !('value' in resource) || !isObserved(path)) continue;
    const { name = path, units } = resource;
    byPath.set(path, { path, name, units: unitsAt(path, units), isObserved: true });
  }
  for (const { path, type, name = path, units, first } of history) {
    if (!isNumeric(type)) continue;
    byPath.set(path, { path, name, units: unitsAt(path, units), isObserved: isObserved(path), first });
  }
  return [...byPath.values()].toSorted((one, other) => comparePaths(one.path, other.path));
}

/** What fits into one chart, the first first, and what does not. */
export function fittingInto(chosen: readonly Charted[]): {
  readonly fits: readonly Charted[];
  readonly refusals: readonly Refusal[];
} {
  const fits: Charted[] = [];
  const refusals: Refusal[] = [];
  for (const of of chosen) {
    const units = unitsOf(fits);
    if (!units.includes(of.units) && units.length === maxUnits)
      refusals.push({ kind: 'third-unit', of, units });
    else if (fits.length === maxLines) refusals.push({ kind: 'too-many', of });
    else fits.push(of);
  }
  return { fits, refusals };
}

/** The units of a chart, each with an axis. */
export function unitsOf(charted: readonly Pick<Charted, 'units'>[]): readonly string[] {
  return [...new Set(charted.map(({ units }) => units))];
}

/** The Sensor Units (5701) beside a Sensor Value and its like, whose definition leaves the unit to them. */
function toldUnits(path: string, values: readonly KnownValueDocument[]): string | undefined {
  const [, objectId, instanceId, resourceId] = path.split('/');
  if (resourceId === undefined || !sensorResources.has(resourceId)) return undefined;
  const told = values.find((value) => value.path === `/${objectId}/${instanceId}/5701`)?.resource;
  return told !== undefined && 'value' in told && told.value !== '' ? String(told.value) : undefined;
}

/** Sensor Value, its least and its greatest measured and possible value. */
const sensorResources = new Set(['5700', '5601', '5602', '5603', '5604']);

function isNumeric(type: ResourceDocument['type']): boolean {
  return type === 'integer' || type === 'unsigned-integer' || type === 'float';
}

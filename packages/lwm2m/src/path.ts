/** MAX_ID: reserved, never the id of an Object Instance (1.0 §6.3, R-110). */
export const maxId = 65535;

/** `/`: everything. */
export interface RootPath {
  readonly kind: 'root';
}

/** `/3`: an Object. */
export interface ObjectPath {
  readonly kind: 'object';
  readonly objectId: number;
}

/** `/3/0`: an Object Instance. */
export interface ObjectInstancePath {
  readonly kind: 'object-instance';
  readonly objectId: number;
  readonly objectInstanceId: number;
}

/** `/3/0/9`: a Resource. */
export interface ResourcePath {
  readonly kind: 'resource';
  readonly objectId: number;
  readonly objectInstanceId: number;
  readonly resourceId: number;
}

/** Not addressable by URI in 1.0; it names entries of JSON payloads, and from 1.1 on it is a path like the others. */
export interface ResourceInstancePath {
  readonly kind: 'resource-instance';
  readonly objectId: number;
  readonly objectInstanceId: number;
  readonly resourceId: number;
  readonly resourceInstanceId: number;
}

/** What an operation is aimed at. */
export type Path = RootPath | ObjectPath | ObjectInstancePath | ResourcePath | ResourceInstancePath;

/** The path `/`. */
export const rootPath: RootPath = { kind: 'root' };

/** The path of the given ids; all are whole numbers from 0 to 65535. */
export function pathOf(objectId: number): ObjectPath;
export function pathOf(objectId: number, objectInstanceId: number): ObjectInstancePath;
export function pathOf(objectId: number, objectInstanceId: number, resourceId: number): ResourcePath;
export function pathOf(
  objectId: number,
  objectInstanceId: number,
  resourceId: number,
  resourceInstanceId: number,
): ResourceInstancePath;
export function pathOf(
  objectId: number,
  objectInstanceId?: number,
  resourceId?: number,
  resourceInstanceId?: number,
): Path {
  if (objectInstanceId === undefined) return { kind: 'object', objectId };
  if (resourceId === undefined) return { kind: 'object-instance', objectId, objectInstanceId };
  if (resourceInstanceId === undefined) return { kind: 'resource', objectId, objectInstanceId, resourceId };
  return { kind: 'resource-instance', objectId, objectInstanceId, resourceId, resourceInstanceId };
}

/**
 * The path that URI path segments name, or `undefined` when one of them is not a canonical decimal
 * number from 0 to 65535 or there are more than four.
 */
export function pathFromSegments(segments: readonly string[]): Path | undefined {
  const ids: number[] = [];
  for (const segment of segments) {
    const id = idFrom(segment);
    if (id === undefined) return undefined;
    ids.push(id);
  }
  const [objectId, objectInstanceId, resourceId, resourceInstanceId] = ids;
  if (ids.length > 4) return undefined;
  if (objectId === undefined) return rootPath;
  if (objectInstanceId === undefined) return pathOf(objectId);
  if (resourceId === undefined) return pathOf(objectId, objectInstanceId);
  if (resourceInstanceId === undefined) return pathOf(objectId, objectInstanceId, resourceId);
  return pathOf(objectId, objectInstanceId, resourceId, resourceInstanceId);
}

/** The path that a text such as `/3/0/0` or `3/0/0` names (`/` is the root), or `undefined` when it names none. */
export function parsePath(text: string): Path | undefined {
  const trimmed = text.startsWith('/') ? text.slice(1) : text;
  return trimmed === '' ? rootPath : pathFromSegments(trimmed.split('/'));
}

/** The ids of a path, from the Object's down. */
export function pathIds(path: Path): readonly number[] {
  switch (path.kind) {
    case 'root':
      return [];
    case 'object':
      return [path.objectId];
    case 'object-instance':
      return [path.objectId, path.objectInstanceId];
    case 'resource':
      return [path.objectId, path.objectInstanceId, path.resourceId];
    case 'resource-instance':
      return [path.objectId, path.objectInstanceId, path.resourceId, path.resourceInstanceId];
  }
}

/** The text of a path: `/3/0/0`; the root is `/`. */
export function formatPath(path: Path): string {
  return `/${pathIds(path).join('/')}`;
}

/** The URI path segments of a path. */
export function pathSegments(path: Path): readonly string[] {
  return pathIds(path).map(String);
}

/** True when `outer` is `inner` or an ancestor of it. */
export function pathContains(outer: Path, inner: Path): boolean {
  const innerIds = pathIds(inner);
  return pathIds(outer).every((id, depth) => innerIds[depth] === id);
}

function idFrom(segment: string): number | undefined {
  if (!/^(0|[1-9]\d{0,4})$/.test(segment)) return undefined;
  const id = Number(segment);
  return id <= maxId ? id : undefined;
}

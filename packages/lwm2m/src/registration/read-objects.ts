import type { Link } from '@dunlin/coap';

import { formatPath, maxId, type Path, pathFromSegments } from '../path.ts';
import type { RegisteredObject } from './object-list.ts';
import { attributeOf, segmentsOf } from './root-link.ts';
import type { Warnings } from './warnings.ts';

interface ObjectsRead {
  readonly objects: ReadonlyMap<number, RegisteredObject>;
  /** Targets that are below the root but not paths. */
  readonly others: readonly string[];
}

interface Draft {
  version?: string;
  readonly instances: Set<number>;
}

/** The Objects that the links below the root name; `rootDepth` is the number of segments of the root. */
export function readObjects(links: readonly Link[], rootDepth: number, warnings: Warnings): ObjectsRead {
  const drafts = new Map<number, Draft>();
  const others: string[] = [];
  for (const link of links) {
    const target = link.target ?? '';
    const path = pathFromSegments(segmentsOf(target).slice(rootDepth));
    if (path === undefined) others.push(target);
    else if (path.kind !== 'root') readLink(link, path, drafts, warnings);
  }
  const objects = [...drafts]
    .sort(([a], [b]) => a - b)
    .map(([id, { version, instances }]): [number, RegisteredObject] => [
      id,
      { ...(version !== undefined && { version }), instances: [...instances].sort((a, b) => a - b) },
    ]);
  return { objects: new Map(objects), others };
}

function readLink(
  link: Link,
  path: Exclude<Path, { kind: 'root' }>,
  drafts: Map<number, Draft>,
  warnings: Warnings,
): void {
  const { objectId } = path;
  if (objectId === 0 || objectId === 21) {
    warnings.add(`Object ${objectId} does not belong into the list: passed over.`);
    return;
  }
  if (path.kind === 'resource' || path.kind === 'resource-instance') {
    warnings.add(`${formatPath(path)} is below an Object Instance: passed over.`);
    return;
  }
  if (objectId === maxId || (path.kind === 'object-instance' && path.objectInstanceId === maxId)) {
    warnings.add(`${formatPath(path)} has the reserved id ${maxId}: passed over.`);
    return;
  }
  const draft = drafts.get(objectId) ?? { instances: new Set() };
  drafts.set(objectId, draft);
  if (path.kind === 'object-instance') draft.instances.add(path.objectInstanceId);
  readVersion(link, path, draft, warnings);
}

/** `ver` belongs to the Object; on an instance it counts only when the Object says nothing. */
function readVersion(link: Link, path: Path, draft: Draft, warnings: Warnings): void {
  const version = attributeOf(link, 'ver');
  if (version === undefined) return;
  if (path.kind !== 'object') warnings.add(`${formatPath(path)} has the attribute ver of its Object.`);
  if (!/^\d{1,5}\.\d{1,5}$/.test(version)) {
    warnings.add(`${formatPath(path)} has a version that is not of the form major.minor: passed over.`);
  } else if (path.kind === 'object' || draft.version === undefined) {
    draft.version = version;
  }
}

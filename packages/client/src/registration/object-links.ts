import { ContentFormat } from '@dunlin/coap';
import { formatObjectLinks, type RegisteredObject } from '@dunlin/lwm2m';

import type { ObjectTree } from '../object-tree/object-tree.ts';

/** The object list of Register and Update: every supported Object but Security, and that JSON is spoken. */
export function objectLinks(tree: ObjectTree): string {
  const objects = tree.objectIds.map((objectId): [number, RegisteredObject] => [
    objectId,
    { version: tree.definition(objectId)?.version, instances: tree.instanceIds(objectId) },
  ]);
  return formatObjectLinks({
    rootPath: '/',
    contentFormats: [ContentFormat.json],
    objects: new Map(objects),
  });
}

import { formatLinkFormat, type Link, type LinkAttribute } from '@dunlin/coap';

/** One Object of a Client, as its registration lists it. */
export interface RegisteredObject {
  /** `major.minor`; absent when the list does not say, which means 1.0. */
  readonly version?: string | undefined;
  /** The ids of its Object Instances, ascending. */
  readonly instances: readonly number[];
}

/** The Objects of a Client. */
export interface ObjectList {
  /** `/`, or the alternate root in front of every path, such as `/lwm2m`. */
  readonly rootPath: string;
  /** The formats announced for all Objects beside TLV, which every Client of 1.0 has. */
  readonly contentFormats: readonly number[];
  /** By Object id, ascending. */
  readonly objects: ReadonlyMap<number, RegisteredObject>;
}

/**
 * The object list as a Client sends it: ascending, never with Object 0, an Object without instances
 * as a link of its own, and the version of an Object where it must be said: for Objects outside of the
 * enabler with another version than 1.0. Throws `UsageError` for a root path that is no URI path.
 */
export function formatObjectLinks(list: ObjectList): string {
  return formatList(list, (objectId, version) => version !== '1.0' && !isOfEnabler(objectId));
}

/**
 * One text for all object lists that say the same, whatever their order and spelling: a key under which equal
 * lists can be shared. `parseObjectLinks` gives the same list back.
 */
export function canonicalObjectLinks(list: ObjectList): string {
  return formatList(list, () => true);
}

function formatList(
  { rootPath, contentFormats, objects }: ObjectList,
  isVersionSaid: (objectId: number, version: string) => boolean,
): string {
  const prefix = rootPath === '/' ? '' : rootPath;
  const links: Link[] = rootLinks(rootPath, contentFormats);
  for (const [objectId, { version, instances }] of ascending(objects)) {
    if (objectId === 0) continue;
    const target = `${prefix}/${objectId}`;
    const hasVersion = version !== undefined && isVersionSaid(objectId, version);
    const attributes = hasVersion ? [{ name: 'ver', value: version, isQuoted: true }] : [];
    if (hasVersion || instances.length === 0) links.push({ target, attributes });
    for (const id of instances.toSorted((a, b) => a - b)) {
      links.push({ target: `${target}/${id}`, attributes: [] });
    }
  }
  return formatLinkFormat(links);
}

function rootLinks(rootPath: string, contentFormats: readonly number[]): Link[] {
  const attributes: LinkAttribute[] = [];
  if (rootPath !== '/') attributes.push({ name: 'rt', value: rootResourceType, isQuoted: true });
  if (contentFormats.length > 0) attributes.push({ name: 'ct', value: contentFormats.join(' ') });
  return attributes.length === 0 ? [] : [{ target: rootPath, attributes }];
}

/** The resource type that marks the root of the Objects (1.0 §8.2.2). */
export const rootResourceType = 'oma.lwm2m';

/** Objects 0 to 7 are defined by the enabler itself. */
function isOfEnabler(objectId: number): boolean {
  return objectId <= 7;
}

function ascending<Entry>(map: ReadonlyMap<number, Entry>): readonly (readonly [number, Entry])[] {
  return [...map].sort(([a], [b]) => a - b);
}

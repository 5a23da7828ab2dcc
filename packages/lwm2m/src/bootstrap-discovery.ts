import { formatLinkFormat, isLinkFormatFailure, type Link, parseLinkFormat } from '@dunlin/coap';

import { type FormatFailure, malformed } from './format/format-failure.ts';
import { formatPath, maxId, type Path, pathFromSegments, pathOf } from './path.ts';
import { attributeOf, segmentsOf } from './registration/root-link.ts';

/** An Object Instance as a Bootstrap-Discover tells of it. */
export interface BootstrapInstance {
  readonly objectInstanceId: number;
  /** Of instances of Objects 0 and 1; that of the Bootstrap-Server in Object 0 has none. */
  readonly shortServerId?: number | undefined;
}

/** An Object as a Bootstrap-Discover tells of it. */
export interface BootstrapObject {
  readonly objectId: number;
  /** Only where it must be said. */
  readonly version?: string | undefined;
  readonly instances: readonly BootstrapInstance[];
}

/** What a Client has, as it answers a Bootstrap-Discover: no Resources and no attributes. */
export interface BootstrapDiscovery {
  /** The version of the enabler, like `1.0`; clients leave it away although they should not. */
  readonly enablerVersion?: string | undefined;
  /** In ascending order of their ids. */
  readonly objects: readonly BootstrapObject[];
}

/**
 * The payload of the answer to a Bootstrap-Discover, in the style of 1.0: the version of the enabler without a
 * URI, then a link for each Object Instance, or for an Object that has none or whose version must be said.
 */
export function formatBootstrapDiscovery({ enablerVersion, objects }: BootstrapDiscovery): string {
  const version = { name: 'lwm2m', value: enablerVersion, isQuoted: true };
  return formatLinkFormat([
    ...(enablerVersion === undefined ? [] : [{ target: undefined, attributes: [version] }]),
    ...objects.toSorted((a, b) => a.objectId - b.objectId).flatMap(linksOfObject),
  ]);
}

/**
 * What the answer to a Bootstrap-Discover says, or that it is not in link format. The version of the enabler may be an
 * element without a target or an attribute of the root link, quoted or not, or missing. Links that are not of
 * Objects or Object Instances, and attributes that are not known, are passed over.
 */
export function parseBootstrapDiscovery(payload: Uint8Array | string): BootstrapDiscovery | FormatFailure {
  const links = parseLinkFormat(payload);
  if (isLinkFormatFailure(links)) return malformed(links.reason);
  const drafts = new Map<number, Draft>();
  let enablerVersion: string | undefined;
  for (const link of links) {
    const path = link.target === undefined ? undefined : pathFromSegments(segmentsOf(link.target));
    if (link.target === undefined || path?.kind === 'root') enablerVersion ??= attributeOf(link, 'lwm2m');
    else if (path !== undefined) readLink(link, path, drafts);
  }
  return {
    ...(enablerVersion !== undefined && { enablerVersion }),
    objects: [...drafts].sort(([a], [b]) => a - b).map(([objectId, draft]) => objectOf(objectId, draft)),
  };
}

interface Draft {
  version?: string | undefined;
  readonly instances: Map<number, BootstrapInstance>;
}

function linksOfObject({ objectId, version, instances }: BootstrapObject): readonly Link[] {
  const attributes = version === undefined ? [] : [{ name: 'ver', value: version, isQuoted: true }];
  const isListed = instances.length === 0 || version !== undefined;
  return [
    ...(isListed ? [{ target: formatPath(pathOf(objectId)), attributes }] : []),
    ...instances
      .toSorted((a, b) => a.objectInstanceId - b.objectInstanceId)
      .map(({ objectInstanceId, shortServerId }) => ({
        target: formatPath(pathOf(objectId, objectInstanceId)),
        attributes: shortServerId === undefined ? [] : [{ name: 'ssid', value: String(shortServerId) }],
      })),
  ];
}

function readLink(link: Link, path: Path, drafts: Map<number, Draft>): void {
  if (path.kind !== 'object' && path.kind !== 'object-instance') return;
  if (path.objectId === maxId) return;
  const draft: Draft = drafts.get(path.objectId) ?? { instances: new Map() };
  drafts.set(path.objectId, draft);
  draft.version ??= versionFrom(attributeOf(link, 'ver'));
  if (path.kind === 'object' || path.objectInstanceId === maxId) return;
  const { objectInstanceId } = path;
  const shortServerId = shortServerIdFrom(attributeOf(link, 'ssid'));
  draft.instances.set(objectInstanceId, {
    objectInstanceId,
    ...(shortServerId !== undefined && { shortServerId }),
  });
}

/** Of the form `major.minor`, or none. */
function versionFrom(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{1,5}\.\d{1,5}$/.test(text) ? text : undefined;
}

/** 1 to 65534; some clients say 0 or 65535 of the account that has none. */
function shortServerIdFrom(text: string | undefined): number | undefined {
  const id = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return id > 0 && id < maxId ? id : undefined;
}

function objectOf(objectId: number, { version, instances }: Draft): BootstrapObject {
  return {
    objectId,
    ...(version !== undefined && { version }),
    instances: [...instances.values()].sort((a, b) => a.objectInstanceId - b.objectInstanceId),
  };
}

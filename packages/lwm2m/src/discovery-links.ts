import {
  formatLinkFormat,
  isLinkFormatFailure,
  type Link,
  type LinkAttribute,
  parseLinkFormat,
} from '@dunlin/coap';

import { attributeTexts, parseAttributeValue } from './attribute/attribute-query.ts';
import { attributesFrom, type NotificationAttributeName } from './attribute/attribute-set.ts';
import { type FormatFailure, malformed } from './format/format-failure.ts';
import type { NotificationAttributes } from './notification-attributes.ts';
import { formatPath, type Path, pathFromSegments, pathOf } from './path.ts';
import { attributeOf, isBelow, segmentsOf } from './registration/root-link.ts';

/** What Discover says of one Object, Object Instance or Resource. */
export interface DiscoverLink {
  readonly path: Path;
  /** The version of an Object. */
  readonly version?: string | undefined;
  /** The number of Resource Instances of a multiple Resource. */
  readonly dimension?: number | undefined;
  /** Those of the asking Server, as far as the level of the answer shows them. */
  readonly attributes: NotificationAttributes;
}

/** An Object as Discover tells of it, with the attributes that the asking Server set on it. */
export interface DiscoveredObject {
  readonly objectId: number;
  /** Only where it must be said. */
  readonly version?: string | undefined;
  readonly attributes?: NotificationAttributes | undefined;
  readonly instances: readonly DiscoveredInstance[];
}

/** An Object Instance as Discover tells of it. */
export interface DiscoveredInstance {
  readonly objectInstanceId: number;
  readonly attributes?: NotificationAttributes | undefined;
  readonly resources: readonly DiscoveredResource[];
}

/** A Resource that is there, whatever may be done with it. */
export interface DiscoveredResource {
  readonly resourceId: number;
  /** Set for a multiple Resource: how many Resource Instances it has. */
  readonly dimension?: number | undefined;
  readonly attributes?: NotificationAttributes | undefined;
}

/** What a Discover is answered with, by the level at which it asks. */
export type DiscoverAnswer =
  | ({ readonly kind: 'object' } & DiscoveredObject)
  | ({ readonly kind: 'object-instance'; readonly objectId: number } & DiscoveredInstance)
  | ({
      readonly kind: 'resource';
      readonly objectId: number;
      readonly objectInstanceId: number;
      /** All in effect at the Resource: its own, and those of its instance and Object. */
      readonly attributes: NotificationAttributes;
    } & DiscoveredResource);

/**
 * The payload of a Discover answer: an Object, its instances and their Resources; an instance
 * and its Resources; or one Resource. Each link shows what is set at that very place, and a Resource asked for
 * by itself shows all that is in effect. In ascending order; `alternateRoot` is put in front.
 */
export function formatDiscoverLinks(answer: DiscoverAnswer, alternateRoot = '/'): string {
  const prefix = alternateRoot === '/' ? '' : alternateRoot;
  return formatLinkFormat(
    linksOf(answer).map((link) => ({
      target: `${prefix}${formatPath(link.path)}`,
      attributes: linkAttributes(link),
    })),
  );
}

/**
 * What a Discover answer says, or that it is not in link format. Attributes that are not known, values that are
 * none and links that are not of Objects are passed over; the alternate root of the Client may be in front of
 * the targets or not.
 */
export function parseDiscoverLinks(
  payload: Uint8Array | string,
  alternateRoot = '/',
): readonly DiscoverLink[] | FormatFailure {
  const links = parseLinkFormat(payload);
  if (isLinkFormatFailure(links)) return malformed(links.reason);
  const root = segmentsOf(alternateRoot);
  return links.flatMap((link) => {
    const path = pathOfTarget(link.target, root);
    return path === undefined || path.kind === 'root' ? [] : [readLink(link, path)];
  });
}

function linksOf(answer: DiscoverAnswer): readonly DiscoverLink[] {
  switch (answer.kind) {
    case 'object':
      return [
        { path: pathOf(answer.objectId), version: answer.version, attributes: answer.attributes ?? {} },
        ...answer.instances
          .toSorted((a, b) => a.objectInstanceId - b.objectInstanceId)
          .flatMap((instance) => linksOfInstance(answer.objectId, instance)),
      ];
    case 'object-instance':
      return linksOfInstance(answer.objectId, answer);
    case 'resource':
      return [linkOfResource(answer.objectId, answer.objectInstanceId, answer)];
  }
}

function linksOfInstance(objectId: number, instance: DiscoveredInstance): readonly DiscoverLink[] {
  const { objectInstanceId, attributes = {} } = instance;
  return [
    { path: pathOf(objectId, objectInstanceId), attributes },
    ...instance.resources
      .toSorted((a, b) => a.resourceId - b.resourceId)
      .map((resource) => linkOfResource(objectId, objectInstanceId, resource)),
  ];
}

function linkOfResource(
  objectId: number,
  objectInstanceId: number,
  { resourceId, dimension, attributes = {} }: DiscoveredResource,
): DiscoverLink {
  return { path: pathOf(objectId, objectInstanceId, resourceId), dimension, attributes };
}

function linkAttributes({ version, dimension, attributes }: DiscoverLink): readonly LinkAttribute[] {
  return [
    ...(version === undefined ? [] : [{ name: 'ver', value: version, isQuoted: true }]),
    ...(dimension === undefined ? [] : [{ name: 'dim', value: String(dimension) }]),
    ...attributeTexts(attributes).map(([name, value]) => ({ name, value })),
  ];
}

function pathOfTarget(target: string | undefined, root: readonly string[]): Path | undefined {
  if (target === undefined) return undefined;
  return pathFromSegments(segmentsOf(target).slice(isBelow(root, target) ? root.length : 0));
}

function readLink(link: Link, path: Path): DiscoverLink {
  const version = attributeOf(link, 'ver');
  const dimension = attributeOf(link, 'dim');
  return {
    path,
    ...(version !== undefined && { version }),
    ...(dimension !== undefined && /^\d{1,5}$/.test(dimension) && { dimension: Number(dimension) }),
    attributes: attributesFrom((name) => readAttribute(link, name)),
  };
}

function readAttribute(link: Link, name: NotificationAttributeName): number | undefined {
  const text = attributeOf(link, name);
  return text === undefined ? undefined : parseAttributeValue(name, text);
}

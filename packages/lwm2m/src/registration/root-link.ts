import type { Link } from '@dunlin/coap';

import { rootResourceType } from './object-list.ts';

/** The link of the root of all Objects: the first with the resource type `oma.lwm2m`, else that of `/`. */
export function findRoot(links: readonly Link[]): Link | undefined {
  return (
    links.find((link) => (attributeOf(link, 'rt') ?? '').split(/\s+/).includes(rootResourceType)) ??
    links.find(({ target }) => target === '/' || target === '')
  );
}

/** The value of an attribute of a link; of a repeated one the first counts (RFC 6690 §3). */
export function attributeOf(link: Link, name: string): string | undefined {
  return link.attributes.find((attribute) => attribute.name === name)?.value;
}

/** The segments of a target, of which real devices leave out the first slash, or add one at the end (R-1142). */
export function segmentsOf(target: string): readonly string[] {
  const trimmed = target.replace(/^\//, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

/** True when a target is the root or below it. */
export function isBelow(rootSegments: readonly string[], target: string): boolean {
  const segments = segmentsOf(target);
  return rootSegments.every((segment, depth) => segments[depth] === segment);
}

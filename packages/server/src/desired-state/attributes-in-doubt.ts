import type { NotificationAttributesChange } from '@dunlin/lwm2m';

import type { AttributesItem } from '../device-store/desired-item.ts';
import {
  attributesIn,
  type AttributeName,
  only,
  type SentAttributes,
  withUnset,
} from './attributes-after.ts';

/**
 * A wish for attributes while a change of it is on its way: not established, for the device has one or the other. As
 * long as nobody knows, what was wished before is what it shall have, and of what was not wished, nothing.
 */
export function inDoubt(
  present: AttributesItem | undefined,
  { path, since, change }: SentAttributes,
): AttributesItem {
  const facts = { path, since: present?.since ?? since };
  return { kind: 'attributes', ...facts, change: withUnset(present?.change ?? {}, change) };
}

/** The wish after the device refused the change: what it was before, unless somebody else changed it meanwhile. */
export function afterRefusal(
  present: AttributesItem | undefined,
  change: NotificationAttributesChange,
  before: AttributesItem | undefined,
): AttributesItem | undefined {
  if (present === undefined) return undefined;
  const known = before?.change ?? {};
  const isOfDoubt = (name: AttributeName): boolean =>
    present.change[name] === null && change[name] !== undefined && known[name] === undefined;
  const left = attributesIn(present.change).filter((name) => !isOfDoubt(name));
  const isAsBefore =
    left.length === attributesIn(known).length && left.every((name) => present.change[name] === known[name]);
  if (isAsBefore && present.outcome === undefined) return before;
  return left.length === 0 ? undefined : { ...present, change: only(left, present.change) };
}

import { type NotificationAttributesChange, notificationAttributeNames } from '@dunlin/lwm2m';

import type { AttributesItem, DesiredOutcome } from '../device-store/desired-item.ts';

/** Attributes that were sent to a device. */
export type SentAttributes = Pick<AttributesItem, 'path' | 'since' | 'change'>;

/**
 * What is left of a wish for attributes after some were sent: nothing is to be done any more of what is unset. Without
 * an outcome nobody knows whether they arrived. `present` is what is wished now: another Write is due when that is not
 * what was sent, if only to unset what is wished no longer.
 */
export function attributesAfter(
  present: AttributesItem | undefined,
  sent: SentAttributes,
  outcome: DesiredOutcome | undefined,
): AttributesItem | undefined {
  const wish = present ?? { ...sent, kind: 'attributes', change: {} };
  const change = outcome?.kind === 'refused' ? wish.change : withUnset(wish.change, sent.change);
  const isDone = (name: AttributeName): boolean =>
    outcome?.kind === 'established' && change[name] === null && sent.change[name] === null;
  const left = attributesIn(change).filter((name) => !isDone(name));
  if (left.length === 0) return undefined;
  const isWhole = attributesIn(change).every((name) => change[name] === sent.change[name]);
  const { kind, path, since } = wish;
  const item: AttributesItem = { kind, path, since, change: only(left, change) };
  // Whoever changed the wish meanwhile waits for another Write.
  return isWhole && outcome !== undefined ? { ...item, outcome } : item;
}

/** What is wished, and as `null` what is not and was sent. */
export function withUnset(
  wished: NotificationAttributesChange,
  sent: NotificationAttributesChange,
): NotificationAttributesChange {
  const unset = attributesIn(sent).filter((name) => sent[name] !== null);
  return { ...Object.fromEntries(unset.map((name) => [name, null])), ...wished };
}

export type AttributeName = (typeof notificationAttributeNames)[number];

/** The attributes that a change names. */
export function attributesIn(change: NotificationAttributesChange): readonly AttributeName[] {
  return notificationAttributeNames.filter((name) => change[name] !== undefined);
}

/** A change as far as it goes for some attributes. */
export function only(
  names: readonly AttributeName[],
  change: NotificationAttributesChange,
): NotificationAttributesChange {
  return Object.fromEntries(names.map((name) => [name, change[name]]));
}

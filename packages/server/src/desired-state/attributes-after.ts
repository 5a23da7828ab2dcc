import { type NotificationAttributesChange, notificationAttributeNames } from '@dunlin/lwm2m';

import type { DesiredItem, DesiredOutcome } from '../device-store/desired-item.ts';

/** What is left of a wish for attributes after it was written: nothing of what is unset is to be done any more. */
export function attributesAfter(
  present: Extract<DesiredItem, { kind: 'attributes' }>,
  written: NotificationAttributesChange,
  outcome: DesiredOutcome,
): Extract<DesiredItem, { kind: 'attributes' }> | undefined {
  const names = notificationAttributeNames.filter((name) => present.change[name] !== undefined);
  const left = names.filter((name) => present.change[name] !== null || written[name] !== null);
  if (left.length === 0) return undefined;
  const change = Object.fromEntries(left.map((name) => [name, present.change[name]]));
  // Whoever changed the wish meanwhile waits for another Write.
  const isWhole = names.every((name) => present.change[name] === written[name]);
  return { ...present, change, outcome: isWhole ? outcome : undefined };
}

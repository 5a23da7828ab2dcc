import { seconds } from '@dunlin/base';

import type { NotificationAttributes, NotificationAttributesChange } from '../notification-attributes.ts';

/** The NOTIFICATION attributes of 1.0, in the order in which they are written (1.0 §5.1). */
export const notificationAttributeNames = ['pmin', 'pmax', 'gt', 'lt', 'st'] as const;

/** The name of a NOTIFICATION attribute of 1.0 (§5.1.2). */
export type NotificationAttributeName = (typeof notificationAttributeNames)[number];

/** True for the name of a NOTIFICATION attribute of 1.0. */
export function isNotificationAttribute(name: string): name is NotificationAttributeName {
  return notificationAttributeNames.some((known) => known === name);
}

/** The attributes with the given values, by name; those without a value are left out. */
export function attributesFrom(
  valueOf: (name: NotificationAttributeName) => number | undefined,
): NotificationAttributes;
export function attributesFrom(
  valueOf: (name: NotificationAttributeName) => number | null | undefined,
): NotificationAttributesChange;
export function attributesFrom(
  valueOf: (name: NotificationAttributeName) => number | null | undefined,
): NotificationAttributesChange {
  const [pmin, pmax] = [valueOf('pmin'), valueOf('pmax')];
  const [gt, lt, st] = [valueOf('gt'), valueOf('lt'), valueOf('st')];
  return {
    ...(pmin !== undefined && { pmin: pmin === null ? null : seconds(pmin) }),
    ...(pmax !== undefined && { pmax: pmax === null ? null : seconds(pmax) }),
    ...(gt !== undefined && { gt }),
    ...(lt !== undefined && { lt }),
    ...(st !== undefined && { st }),
  };
}

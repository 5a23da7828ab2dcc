import type { NotificationAttributes } from '../notification-attributes.ts';
import { attributesFrom } from './attribute-set.ts';

/**
 * The attributes in effect where levels of the path hierarchy meet, each attribute on its own.
 * `levels` go from the outermost in: the defaults of the Server (`/1/x/2` as pmin, `/1/x/3` as pmax), then
 * Object, Object Instance and Resource, as far as the path goes; the innermost that sets an attribute wins.
 * For an observation of an Object or an Object Instance the levels end there. Without the defaults
 * of the Server it is what Discover reports on a Resource.
 */
export function effectiveAttributes(
  levels: readonly (NotificationAttributes | undefined)[],
): NotificationAttributes {
  return attributesFrom((name) => levels.findLast((level) => level?.[name] !== undefined)?.[name]);
}

import type { NotificationAttributes } from '../notification-attributes.ts';
import { equalValues } from '../value-equality.ts';
import type { Value } from '../value.ts';

/** The change conditions among the attributes. */
export type ChangeConditions = Pick<NotificationAttributes, 'gt' | 'lt' | 'st'>;

/**
 * True when a change from the value last sent to the present one is to be reported: any change when no
 * condition is set, otherwise one that meets at least one of them. Conditions say
 * nothing about values that are not numbers: any change of those is reported.
 */
export function isReportable(lastSent: Value, present: Value, conditions: ChangeConditions): boolean {
  if (equalValues(lastSent, present)) return false;
  const { gt, lt, st } = conditions;
  if (gt === undefined && lt === undefined && st === undefined) return true;
  if (!isNumber(lastSent) || !isNumber(present)) return true;
  return (
    (gt !== undefined && crosses(gt, lastSent, present)) ||
    (lt !== undefined && crosses(lt, lastSent, present)) ||
    (st !== undefined && isStep(st, lastSent, present))
  );
}

/** In either direction, whichever threshold it is. Relations of `bigint` and `number` are exact. */
function crosses(threshold: number, lastSent: number | bigint, present: number | bigint): boolean {
  return (lastSent <= threshold && present > threshold) || (lastSent >= threshold && present < threshold);
}

function isStep(step: number, lastSent: number | bigint, present: number | bigint): boolean {
  if (isWhole(lastSent) && isWhole(present)) {
    const difference = BigInt(present) - BigInt(lastSent);
    return (difference < 0n ? -difference : difference) >= step;
  }
  const [from, to] = [Number(lastSent), Number(present)];
  // 0.3 - 0.2 is a little less than 0.1 in binary: what the operands cannot tell apart counts as reached.
  const rounding = Math.max(Math.abs(from), Math.abs(to), step) * Number.EPSILON;
  return Math.abs(to - from) >= step - rounding;
}

function isWhole(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

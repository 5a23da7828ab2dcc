import { ResponseCode } from '@dunlin/coap';

import { formatDecimal, parseDecimal } from '../format/decimal.ts';
import type { NotificationAttributes, NotificationAttributesChange } from '../notification-attributes.ts';
import { type Refusal, refusal } from '../refusal.ts';
import {
  attributesFrom,
  isNotificationAttribute,
  type NotificationAttributeName,
  notificationAttributeNames,
} from './attribute-set.ts';

/** The longest period that is accepted, in seconds: 136 years, so that every deadline stays an exact number. */
export const maxPeriod = 0xffff_ffff;

/**
 * What the query of a Write-Attributes asks: `pmin=10` sets, `pmin` alone unsets. An unknown
 * or read-only attribute, a repeated one, an empty, negative or non-numeric value is a refusal with 4.00,
 * and nothing of the query counts. `gt` and `lt` are any decimal; `pmin` and `pmax` whole seconds.
 */
export function parseAttributeQuery(query: readonly string[]): NotificationAttributesChange | Refusal {
  const values = new Map<NotificationAttributeName, number | null>();
  for (const argument of query) {
    const equals = argument.indexOf('=');
    const name = equals === -1 ? argument : argument.slice(0, equals);
    if (!isNotificationAttribute(name)) {
      return refusal(ResponseCode.badRequest, `${quoted(name)} is not an attribute that can be written`);
    }
    if (values.has(name)) return refusal(ResponseCode.badRequest, `the attribute ${name} appears twice`);
    const value = equals === -1 ? null : parseAttributeValue(name, argument.slice(equals + 1));
    if (value === undefined) {
      return refusal(ResponseCode.badRequest, `the attribute ${name} takes ${expectation(name)}`);
    }
    values.set(name, value);
  }
  return attributesFrom((name) => values.get(name));
}

/** The query of a Write-Attributes that asks for the change: `['pmin=10', 'pmax']`. */
export function formatAttributeQuery(change: NotificationAttributesChange): readonly string[] {
  return notificationAttributeNames.flatMap((name) => {
    const value = change[name];
    if (value === undefined) return [];
    return [value === null ? name : `${name}=${attributeText(value)}`];
  });
}

/** The value of one attribute, or `undefined` when the text is not one. Shared with Discover answers. */
export function parseAttributeValue(name: NotificationAttributeName, text: string): number | undefined {
  switch (name) {
    case 'pmin':
    case 'pmax': {
      const period = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
      return period === undefined || period > maxPeriod ? undefined : period;
    }
    case 'gt':
    case 'lt':
      return parseDecimal(text);
    case 'st': {
      const step = parseDecimal(text);
      return step === undefined || step < 0 ? undefined : step;
    }
  }
}

/** The attributes that are set, by name and in written form, in the order in which they are written. */
export function attributeTexts(
  attributes: NotificationAttributes,
): readonly (readonly [NotificationAttributeName, string])[] {
  return notificationAttributeNames.flatMap((name) => {
    const value = attributes[name];
    return value === undefined ? [] : [[name, attributeText(value)] as const];
  });
}

/** Without an exponent and without the sign of a negative zero. */
function attributeText(value: number): string {
  return formatDecimal(value === 0 ? 0 : value) ?? '';
}

function expectation(name: NotificationAttributeName): string {
  switch (name) {
    case 'pmin':
    case 'pmax':
      return `a whole number of seconds from 0 to ${maxPeriod}`;
    case 'gt':
    case 'lt':
      return 'a decimal number';
    case 'st':
      return 'a decimal number that is not negative';
  }
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 32));
}

import { type Instant, instantFrom } from '@dunlin/base';

import { asText } from './pem.ts';
import { type DerReader, DerTag } from './der-reader.ts';

/** Reads a Time (RFC 5280 §4.1.2.5): in UTC, with seconds, without fractions. */
export function readTime(reader: DerReader): Instant {
  const { tag, content } = reader.any();
  const text = asText(content.subarray(0, 16));
  const digits = tag === DerTag.utcTime ? withCentury(text) : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if ((tag !== DerTag.utcTime && tag !== DerTag.generalizedTime) || match === null) {
    reader.fail('a time is not of the form that certificates have');
    return instantFrom(0);
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const isPlausible = month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month);
  if (!isPlausible || hour > 23 || minute > 59 || second > 59) reader.fail('a time is not in the calendar');
  const minutes = (daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute;
  return instantFrom((minutes * 60 + second) * 1000);
}

/** Years of two digits are those from 1950 to 2049 (RFC 5280 §4.1.2.5.1). */
function withCentury(text: string): string {
  return (text >= '50' ? '19' : '20') + text;
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Days from 1 January 1970 in the Gregorian calendar, negative before. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  let days = before * 365 + leapDays - daysUntil1970;
  for (let earlier = 1; earlier < month; earlier += 1) days += daysOfMonth(year, earlier);
  return days + day - 1;
}

/** From 1 January of the year 1 on. */
const daysUntil1970 = 719_162;

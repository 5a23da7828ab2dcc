import { addDuration, type Instant, instantFrom, type Milliseconds, milliseconds } from '@dunlin/base';

/** The size of a time in a command, the NUL included (SMPP 3.4 §7.1.1: `YYMMDDhhmmsstnnp`). */
export const messageTimeSize = 17;

const day = 86_400_000;

/**
 * Longer durations are cut to this many days: the day field has two digits, and message centres read a relative time
 * with more days than a month in different ways.
 */
const longestDays = 30;

/** A duration from now on, in whole seconds and at least one (SMPP 3.4 §7.1.1.1). */
export function relativeTime(duration: Milliseconds): string {
  const seconds = Math.min(Math.max(1, Math.ceil(duration / 1000)), longestDays * 86_400);
  const fields = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  return `0000${fields.map(twoDigits).join('')}000R`;
}

/** A point in time, in UTC and whole seconds, rounded up (SMPP 3.4 §7.1.1.2). */
export function absoluteTime(instant: Instant): string {
  const seconds = Math.ceil(instant / 1000);
  const date = dateOf(Math.floor(seconds / 86_400));
  const fields = [
    date.year % 100,
    date.month,
    date.day,
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  return `${fields.map(twoDigits).join('')}000+`;
}

/** True for the form of a time; what it says need not be in the calendar. */
export function isMessageTime(text: string): boolean {
  return /^\d{15}[R+-]$/.test(text);
}

/** When a time is, with what `now` is for relative ones; `undefined` where it is none. Years are those from 2000 on. */
export function instantOfMessageTime(text: string, now: Instant): Instant | undefined {
  if (!isMessageTime(text)) return undefined;
  const field = (index: number): number => Number(text.slice(index * 2, index * 2 + 2));
  const timeOfDay = milliseconds(((field(3) * 60 + field(4)) * 60 + field(5)) * 1000);
  if (text.endsWith('R')) {
    // A month and a year differ in length; nobody who waits for a message sees which.
    const days = field(0) * 365 + field(1) * 30 + field(2);
    return addDuration(now, milliseconds(days * day + timeOfDay));
  }
  if (field(1) < 1 || field(1) > 12 || field(2) < 1 || field(2) > 31) return undefined;
  const tenths = Number(text[12]) * 100;
  const offset = Number(text.slice(13, 15)) * 15 * 60_000 * (text.endsWith('-') ? -1 : 1);
  return instantFrom(daysSinceEpoch(2000 + field(0), field(1), field(2)) * day + timeOfDay + tenths - offset);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Days from 1 January 1970 in the Gregorian calendar; years begin in March, so that leap days come last. */
function daysSinceEpoch(year: number, month: number, dayOfMonth: number): number {
  const march = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + dayOfMonth - 1;
  return (
    march * 365 +
    Math.floor(march / 4) -
    Math.floor(march / 100) +
    Math.floor(march / 400) +
    dayOfYear -
    719_468
  );
}

/** The date of a day since 1 January 1970. */
function dateOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

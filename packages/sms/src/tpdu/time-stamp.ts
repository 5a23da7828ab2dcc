import { type ByteWriter, type Instant, instantFrom } from '@dunlin/base';

import type { TpduReader } from './tpdu-reader.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const quarterOfAnHour = 15 * minute;

/** The first year of the two digits that a time stamp has: short messages are younger than that. */
const century = 2000;

/**
 * Reads a time of the message centre (TP-SCTS, TP-DT): seven octets of local time and its zone. `undefined` when the
 * octets are no time, which some centres send and which is no reason to lose the message (3GPP TS 23.040 §9.2.3.11).
 */
export function decodeTimeStamp(reader: TpduReader): Instant | undefined {
  const octets = reader.bytes(7);
  const [year = 0, month = 0, dayOfMonth = 0, hour = 0, minutes = 0, seconds = 0] = Array.from(
    octets.subarray(0, 6),
    (octet) => swappedDecimal(octet) ?? Number.NaN,
  );
  const zone = octets[6] ?? 0;
  // The sign of the zone is a bit of the digit that comes first (3GPP TS 23.040 §9.2.3.11).
  const quarters = swappedDecimal(zone & 0xf7);
  const isTime = month >= 1 && month <= 12 && dayOfMonth >= 1 && hour < 24 && minutes < 60 && seconds < 60;
  if (!isTime || quarters === undefined || dayOfMonth > daysOf(century + year, month)) return undefined;
  const local = daysSinceEpoch(century + year, month, dayOfMonth) * day + (hour * 60 + minutes) * minute;
  const offset = quarters * quarterOfAnHour * ((zone & 0x08) === 0 ? 1 : -1);
  return instantFrom(local + seconds * 1000 - offset);
}

/** Writes a time of the years 2000 to 2099, in whole seconds of Coordinated Universal Time. */
export function encodeTimeStamp(writer: ByteWriter, at: Instant): void {
  let days = Math.floor(at / day);
  const secondOfDay = Math.floor((at - days * day) / 1000);
  let year = century;
  days -= daysSinceEpoch(century, 1, 1);
  for (let length = daysOf(year); days >= length; length = daysOf(year)) {
    days -= length;
    year += 1;
  }
  let month = 1;
  for (let length = daysOf(year, month); days >= length; length = daysOf(year, month)) {
    days -= length;
    month += 1;
  }
  const time = [Math.floor(secondOfDay / 3600), Math.floor(secondOfDay / 60) % 60, secondOfDay % 60];
  for (const field of [year - century, month, days + 1, ...time, 0])
    writer.uint8(((field % 10) << 4) | Math.floor(field / 10));
}

/** Two decimal digits of an octet, the first one in the lower half. */
function swappedDecimal(octet: number): number | undefined {
  const tens = octet & 0x0f;
  const units = octet >> 4;
  return tens > 9 || units > 9 ? undefined : tens * 10 + units;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The days of a month, or of a whole year. */
function daysOf(year: number, month?: number): number {
  const february = isLeapYear(year) ? 29 : 28;
  if (month === undefined) return 337 + february;
  if (month === 2) return february;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function daysSinceEpoch(year: number, month: number, dayOfMonth: number): number {
  let days = dayOfMonth - 1;
  for (let earlier = 1970; earlier < year; earlier += 1) days += daysOf(earlier);
  for (let earlier = 1; earlier < month; earlier += 1) days += daysOf(year, earlier);
  return days;
}

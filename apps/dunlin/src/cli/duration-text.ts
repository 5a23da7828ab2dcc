const steps: readonly (readonly [limit: number, divisor: number, unit: string])[] = [
  [120, 1, 's'],
  [7200, 60, 'min'],
  [172_800, 3600, 'h'],
  [Infinity, 86_400, 'd'],
];

/** A length of time in one unit: `45 s`, `12 min`, `30 h`, `12 d`. */
export function durationText(seconds: number): string {
  const magnitude = Math.abs(seconds);
  const [, divisor, unit] = steps.find(([limit]) => magnitude < limit) ?? [0, 86_400, 'd'];
  return `${Math.round(magnitude / divisor)} ${unit}`;
}

/** How long ago or ahead an instant lies: `12 s ago`, `in 4 min`. */
export function relativeText(instant: string, now: number): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  return seconds < 0 ? `${durationText(seconds)} ago` : `in ${durationText(seconds)}`;
}

declare const millisecondsBrand: unique symbol;
declare const secondsBrand: unique symbol;
declare const instantBrand: unique symbol;

/** A length of time in milliseconds; may carry a fraction. */
export type Milliseconds = number & { readonly [millisecondsBrand]: true };

/** A length of time in whole seconds, the unit of LwM2M lifetimes and periods. */
export type Seconds = number & { readonly [secondsBrand]: true };

/**
 * A point in time: milliseconds since the Unix epoch on the clock of the shell.
 * Within one process it never runs backwards, so that differences are durations.
 */
export type Instant = number & { readonly [instantBrand]: true };

/** Marks a number as milliseconds. */
export function milliseconds(value: number): Milliseconds {
  return value as Milliseconds; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the one constructor of this brand
}

/** Marks a number as seconds. */
export function seconds(value: number): Seconds {
  return value as Seconds; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the one constructor of this brand
}

/** Marks a number of milliseconds since the Unix epoch as an instant. */
export function instantFrom(millisecondsSinceEpoch: number): Instant {
  return millisecondsSinceEpoch as Instant; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the one constructor of this brand
}

/** The same length of time, in milliseconds. */
export function toMilliseconds(duration: Seconds): Milliseconds {
  return milliseconds(duration * 1000);
}

/** The instant that lies `duration` after `instant`. */
export function addDuration(instant: Instant, duration: Milliseconds): Instant {
  return instantFrom(instant + duration);
}

/** How long it is from `earlier` to `later`; negative when they are swapped. */
export function durationBetween(earlier: Instant, later: Instant): Milliseconds {
  return milliseconds(later - earlier);
}

/** The earlier of two deadlines, where `undefined` means never. */
export function earliestOf(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return a < b ? a : b;
}

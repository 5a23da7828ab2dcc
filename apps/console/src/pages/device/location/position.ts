import type { KnownValueDocument } from '@dunlin/api';

/** A place on Earth, in degrees and metres. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
  /** How far from there it may be. */
  readonly radius: number | undefined;
}

/** The position in the values of Object 6 (1.0 Appendix E.7); in 1.0 its numbers are strings. */
export function positionOf(values: readonly KnownValueDocument[]): Position | undefined {
  const numberAt = (id: number): number | undefined => {
    const known = values.find(({ path }) => path === `/6/0/${id}`);
    if (known === undefined || !('value' in known.resource)) return undefined;
    const text = String(known.resource.value).trim();
    const number = Number(text);
    return text === '' || !Number.isFinite(number) ? undefined : number;
  };
  const latitude = numberAt(0);
  const longitude = numberAt(1);
  if (latitude === undefined || longitude === undefined) return undefined;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  const radius = numberAt(3);
  return { latitude, longitude, radius: radius !== undefined && radius > 0 ? radius : undefined };
}

import { text } from '../text/en.ts';
import type { ValueTerms } from './parse-value.ts';

/** The range of a Resource in words; empty without one. */
export function rangeText({ range }: ValueTerms): string {
  if (range === undefined) return '';
  if (range.kind === 'enumeration') return range.values.join(', ');
  const bounds = `${range.minimum} … ${range.maximum}`;
  return range.kind === 'length' ? text.values.bytes(bounds) : bounds;
}

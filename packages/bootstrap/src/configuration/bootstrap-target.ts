/** Whom a configuration is for: one endpoint, or all whose names fit a pattern, in which `*` stands for any text. */
export type BootstrapTarget =
  | { readonly kind: 'endpoint'; readonly endpointName: string }
  | { readonly kind: 'pattern'; readonly pattern: string };

/** A text that no other target has; names and patterns sort as they read, names first. */
export function targetKey(target: BootstrapTarget): string {
  return target.kind === 'endpoint' ? `endpoint:${target.endpointName}` : `pattern:${target.pattern}`;
}

/** The name or pattern, as it is written. */
export function targetText(target: BootstrapTarget): string {
  return target.kind === 'endpoint' ? target.endpointName : target.pattern;
}

/**
 * For sorting: the more particular pattern first, which is the one that says more characters; of equals the one that
 * comes first as text, so that the choice is always the same.
 */
export function compareParticularity(a: string, b: string): number {
  const difference = literalLength(b) - literalLength(a);
  if (difference !== 0) return difference;
  return a < b ? -1 : Number(a > b);
}

function literalLength(pattern: string): number {
  return pattern.replaceAll('*', '').length;
}

/** The binding and queue modes of 1.0 (R-360 table). */
export type BindingMode = 'U' | 'UQ' | 'S' | 'SQ' | 'US' | 'UQS';

const bindingModes: ReadonlySet<string> = new Set<BindingMode>(['U', 'UQ', 'S', 'SQ', 'US', 'UQS']);

/** The binding mode that a text names, or `undefined`. */
export function parseBindingMode(text: string): BindingMode | undefined {
  return isBindingMode(text) ? text : undefined;
}

/** True when the mode queues what goes over UDP (or over SMS, for SQ). */
export function usesQueueMode(mode: BindingMode): boolean {
  return mode.includes('Q');
}

function isBindingMode(text: string): text is BindingMode {
  return bindingModes.has(text);
}

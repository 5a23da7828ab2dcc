import type { DdfOptions } from './ddf/ddf-limits.ts';
import type { DefinitionFailure } from './ddf/definition-failure.ts';
import type { ObjectDefinition } from './object-definition.ts';

/**
 * The definitions in an OMA DDF file (1.0 Appendix D), given as text or as its UTF-8 bytes, or why and
 * where the file cannot be used. Safe on hostile input: document type declarations are refused, nothing is ever
 * fetched or expanded, and size, depth and number of elements are limited. A version that is not given is 1.0;
 * ranges that are prose are left out; descriptions are kept only when
 * `keepsDescriptions` says so. The XML parser is loaded on the first call.
 */
export async function parseObjectDefinitionXml(
  xml: string | Uint8Array,
  options: Partial<DdfOptions> = {},
): Promise<readonly ObjectDefinition[] | DefinitionFailure> {
  const { readDdfDocument } = await import('./ddf/ddf-document.ts');
  return readDdfDocument(xml, options);
}

/** True when a DDF file could not be used. */
export function isDefinitionFailure(
  result: readonly ObjectDefinition[] | DefinitionFailure,
): result is DefinitionFailure {
  return 'kind' in result;
}

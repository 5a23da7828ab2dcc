import type { ResourceDefinitionDocument, ResourceDocument, ResourceInput, ValueDocument } from '@dunlin/api';

import { editableValue } from './format-value.ts';
import { parseValue, type ValueTerms } from './parse-value.ts';

/** What is typed for a Resource: one text, or one for each of its instances. */
export type ResourceDraft =
  | { readonly kind: 'single'; readonly input: string }
  | { readonly kind: 'multiple'; readonly inputs: readonly DraftInstance[] };

/** What is typed for a Resource Instance. */
export interface DraftInstance {
  /** Tells it from the others whatever is typed. */
  readonly key: number;
  readonly id: string;
  readonly input: string;
}

/** What can be typed over: the value that is known, or nothing. */
export function draftOf(
  definition: Pick<ResourceDefinitionDocument, 'isMultiple'> | undefined,
  known: ResourceDocument | undefined,
): ResourceDraft {
  if (known !== undefined && 'values' in known) {
    const inputs = Object.entries(known.values).map(([id, value], key) => ({
      key,
      id,
      input: editableValue(value, known.type),
    }));
    return { kind: 'multiple', inputs };
  }
  if (definition?.isMultiple === true) return { kind: 'multiple', inputs: [{ key: 0, id: '0', input: '' }] };
  return { kind: 'single', input: known === undefined ? '' : editableValue(known.value, known.type) };
}

/** What a draft says: the input of a Write, or what is wrong by the index of the field. */
export type ReadDraft =
  | { readonly kind: 'input'; readonly input: ResourceInput }
  | { readonly kind: 'problems'; readonly problems: ReadonlyMap<number, string> };

/** Reads a draft by the terms of the Resource; `isTyped` names the type for Resources without a definition. */
export function readDraft(draft: ResourceDraft, terms: ValueTerms, isTyped = false): ReadDraft {
  const type = isTyped ? { type: terms.type } : {};
  if (draft.kind === 'single') {
    const parsed = parseValue(draft.input, terms);
    if (parsed.kind === 'problem') return { kind: 'problems', problems: new Map([[0, parsed.reason]]) };
    return { kind: 'input', input: { value: parsed.value, ...type } };
  }
  const problems = new Map<number, string>();
  const values: Record<string, ValueDocument> = {};
  for (const [index, { id, input }] of draft.inputs.entries()) {
    const parsed = parseValue(input, terms);
    if (!/^(0|[1-9]\d{0,4})$/.test(id) || id in values) problems.set(index, 'an instance id of its own');
    else if (parsed.kind === 'problem') problems.set(index, parsed.reason);
    else values[id] = parsed.value;
  }
  return problems.size > 0 ? { kind: 'problems', problems } : { kind: 'input', input: { values, ...type } };
}

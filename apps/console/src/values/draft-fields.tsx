import type { ResourceDefinitionDocument } from '@dunlin/api';
import type { ReactNode } from 'react';

import { text } from '../text/en.ts';
import type { DraftInstance, ResourceDraft } from './resource-draft.ts';
import { ValueInput } from './value-input.tsx';

export interface DraftFieldsProps {
  readonly name: string;
  readonly terms: Pick<ResourceDefinitionDocument, 'type' | 'range' | 'units'>;
  readonly draft: ResourceDraft;
  readonly onDraft: (draft: ResourceDraft) => void;
  readonly problems: ReadonlyMap<number, string>;
}

/** The fields for the value of a Resource, or for those of its instances. */
export function DraftFields({ name, terms, draft, onDraft, problems }: DraftFieldsProps): ReactNode {
  if (draft.kind === 'single') {
    const onInput = (input: string): void => onDraft({ kind: 'single', input });
    return (
      <ValueInput
        label={name}
        terms={terms}
        input={draft.input}
        onInput={onInput}
        problem={problems.get(0)}
      />
    );
  }
  const { inputs } = draft;
  const change = (index: number, changed: Partial<DraftInstance>): void =>
    onDraft({ ...draft, inputs: inputs.map((old, at) => (at === index ? { ...old, ...changed } : old)) });
  const nextKey = Math.max(-1, ...inputs.map(({ key }) => key)) + 1;
  const nextId = Math.max(-1, ...inputs.map(({ id }) => Number(id))) + 1;
  return (
    <div className="stack">
      {inputs.map(({ key, id, input }, index) => (
        <div className="row" key={key}>
          <input
            className="mono"
            size={5}
            aria-label={text.values.instanceId(name, index + 1)}
            value={id}
            onChange={({ target }) => change(index, { id: target.value })}
          />
          <ValueInput
            label={`${name} ${id}`}
            terms={terms}
            input={input}
            onInput={(changed) => change(index, { input: changed })}
            problem={problems.get(index)}
          />
          <button
            type="button"
            className="button small"
            aria-label={text.values.removeInstance(name, id)}
            onClick={() => onDraft({ ...draft, inputs: inputs.filter((_, at) => at !== index) })}
          >
            {text.common.remove}
          </button>
        </div>
      ))}
      <div>
        <button
          type="button"
          className="button small"
          onClick={() =>
            onDraft({ ...draft, inputs: [...inputs, { key: nextKey, id: String(nextId), input: '' }] })
          }
        >
          {text.values.addInstance}
        </button>
      </div>
    </div>
  );
}

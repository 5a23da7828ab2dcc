import type {
  DefinitionDocument,
  KnownValueDocument,
  ResourceDefinitionDocument,
  ResourceInput,
} from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { text } from '../../../text/en.ts';
import { DraftFields } from '../../../values/draft-fields.tsx';
import { draftOf, readDraft, type ResourceDraft } from '../../../values/resource-draft.ts';
import type { CommandOperation } from './command-lines.ts';
import { CopyAs } from './copy-as.tsx';

export interface InstanceFormProps {
  readonly definition: DefinitionDocument;
  readonly instancePath: string | undefined;
  readonly known: readonly KnownValueDocument[];
  /** The label of the button. */
  readonly action: string;
  /** True to begin with the mandatory Resources, as for a new Object Instance. */
  readonly isNew: boolean;
  readonly onSubmit: (resources: Readonly<Record<string, ResourceInput>>) => void;
  /** The path that is written to, or where an Object Instance is created. */
  readonly path: string;
  /** What will be asked there; `undefined` while something else is missing. */
  readonly operationOf: (resources: Readonly<Record<string, ResourceInput>>) => CommandOperation | undefined;
}

/** Values for several Resources of an Object Instance at once. */
export function InstanceForm(props: InstanceFormProps): ReactNode {
  const { definition, instancePath, known, action, isNew, onSubmit, path, operationOf } = props;
  const writable = definition.resources.filter(
    ({ operations, type }) => type !== 'none' && isWritable(operations, isNew),
  );
  const [drafts, setDrafts] = useState<ReadonlyMap<number, ResourceDraft>>(() => {
    const first = writable.filter(({ isMandatory }) => isNew && isMandatory);
    return new Map(first.map((resource) => [resource.id, draftOf(resource, undefined)]));
  });
  const [wasSent, setSent] = useState(false);
  const change = (id: number, draft: ResourceDraft | undefined): void => {
    const changed = new Map(drafts);
    if (draft === undefined) changed.delete(id);
    else changed.set(id, draft);
    setDrafts(changed);
  };
  const knownOf = (id: number): KnownValueDocument | undefined =>
    known.find((value) => instancePath !== undefined && value.path === `${instancePath}/${id}`);
  const inputs = readAll(writable, drafts);
  const operation = inputs === undefined ? undefined : operationOf(inputs);
  const submit = (): void => {
    setSent(true);
    if (inputs !== undefined) onSubmit(inputs);
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {writable.map((resource) => (
        <InstanceField
          key={resource.id}
          resource={resource}
          draft={drafts.get(resource.id)}
          isChecked={wasSent}
          onToggle={(isOn) =>
            change(resource.id, isOn ? draftOf(resource, knownOf(resource.id)?.resource) : undefined)
          }
          onDraft={(draft) => change(resource.id, draft)}
        />
      ))}
      <div>
        <button type="submit" className="button primary" disabled={drafts.size === 0 && !isNew}>
          {action}
        </button>
      </div>
      <CopyAs path={path} name={definition.name} operations={operation === undefined ? [] : [operation]} />
    </form>
  );
}

interface InstanceFieldProps {
  readonly resource: ResourceDefinitionDocument;
  readonly draft: ResourceDraft | undefined;
  readonly isChecked: boolean;
  readonly onToggle: (isOn: boolean) => void;
  readonly onDraft: (draft: ResourceDraft) => void;
}

function InstanceField({ resource, draft, isChecked, onToggle, onDraft }: InstanceFieldProps): ReactNode {
  const read = draft === undefined ? undefined : readDraft(draft, resource);
  const problems = isChecked && read?.kind === 'problems' ? read.problems : new Map<number, string>();
  return (
    <div className="stack">
      <label className="row">
        <input
          type="checkbox"
          checked={draft !== undefined}
          onChange={({ target }) => onToggle(target.checked)}
        />
        <span>
          {resource.name} <span className="muted mono">{resource.id}</span>
          {resource.isMandatory && <span className="muted"> · {text.resources.mandatory}</span>}
        </span>
      </label>
      {draft !== undefined && (
        <DraftFields
          name={resource.name}
          terms={resource}
          draft={draft}
          onDraft={onDraft}
          problems={problems}
        />
      )}
    </div>
  );
}

/** The Server may set what it may not change later when it creates an instance (1.0 §5.4.7). */
function isWritable(operations: ResourceDefinitionDocument['operations'], isNew: boolean): boolean {
  return operations === 'W' || operations === 'RW' || (isNew && operations === 'R');
}

function readAll(
  resources: readonly ResourceDefinitionDocument[],
  drafts: ReadonlyMap<number, ResourceDraft>,
): Record<string, ResourceInput> | undefined {
  const inputs: Record<string, ResourceInput> = {};
  for (const resource of resources) {
    const draft = drafts.get(resource.id);
    if (draft === undefined) continue;
    const read = readDraft(draft, resource);
    if (read.kind === 'problems') return undefined;
    inputs[resource.id] = read.input;
  }
  return inputs;
}

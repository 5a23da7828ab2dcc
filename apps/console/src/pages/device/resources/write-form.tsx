import { dataTypes } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { useAsking } from '../../../asking/use-asking.ts';
import { api } from '../../../server/api.ts';
import { text } from '../../../text/en.ts';
import { DraftFields } from '../../../values/draft-fields.tsx';
import { draftOf, readDraft } from '../../../values/resource-draft.ts';
import { CopyAs } from './copy-as.tsx';
import type { ResourceRow } from './resource-rows.ts';

export interface WriteFormProps {
  readonly row: ResourceRow;
  readonly onDone: () => void;
}

/** Writes one Resource. */
export function WriteForm({ row, onDone }: WriteFormProps): ReactNode {
  const { endpoint, ask } = useAsking();
  const { path, name, definition, known } = row;
  const [draft, setDraft] = useState(() => draftOf(definition, known?.resource));
  const [type, setType] = useState(definition?.type ?? known?.resource.type ?? 'string');
  const [wasSent, setSent] = useState(false);
  const terms = definition ?? { type };
  const read = readDraft(draft, terms, definition === undefined);
  const problems = wasSent && read.kind === 'problems' ? read.problems : new Map<number, string>();
  const write = (): void => {
    setSent(true);
    if (read.kind === 'problems') return;
    onDone();
    void ask('write-replace', path, (how) => api.write(endpoint, path, read.input, how));
  };
  return (
    <form
      className="stack"
      aria-label={text.resources.writeOf(name)}
      onSubmit={(event) => {
        event.preventDefault();
        write();
      }}
    >
      {definition === undefined && (
        <label className="field">
          {text.values.type}
          <select
            value={type}
            onChange={({ target }) =>
              setType(dataTypes.find((known_) => known_ === target.value) ?? 'string')
            }
          >
            {dataTypes.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      )}
      <DraftFields name={name} terms={terms} draft={draft} onDraft={setDraft} problems={problems} />
      <div className="row">
        <button type="submit" className="button primary">
          {text.operations['write-replace']}
        </button>
        <button type="button" className="button" onClick={onDone}>
          {text.common.cancel}
        </button>
      </div>
      <CopyAs
        path={path}
        name={name}
        operations={read.kind === 'input' ? [{ name: 'write', input: read.input }] : []}
      />
    </form>
  );
}

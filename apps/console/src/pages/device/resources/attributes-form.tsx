import type { AttributesInput } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { useAsking } from '../../../asking/use-asking.ts';
import { api } from '../../../server/api.ts';
import { useAttributes } from '../../../server/use-answers.ts';
import { text } from '../../../text/en.ts';
import { CopyAs } from './copy-as.tsx';
import { type AttributeName, attributeNames, readAttributes } from './read-attributes.ts';

export interface AttributesFormProps {
  readonly path: string;
  /** Thresholds are for numbers only (1.0 §5.1.2). */
  readonly isNumeric: boolean;
  readonly onDone: () => void;
}

/** Edits the NOTIFICATION attributes that the server wishes at a path. */
export function AttributesForm(props: AttributesFormProps): ReactNode {
  const { data } = useAttributes(useAsking().endpoint);
  if (data === undefined) return <p className="muted">{text.common.loading}</p>;
  return (
    <AttributesFields {...props} wished={data.find(({ path }) => path === props.path)?.attributes ?? {}} />
  );
}

interface AttributesFieldsProps extends AttributesFormProps {
  readonly wished: AttributesInput;
}

function AttributesFields({ path, isNumeric, wished, onDone }: AttributesFieldsProps): ReactNode {
  const { endpoint, ask } = useAsking();
  const [inputs, setInputs] = useState<Readonly<Record<AttributeName, string>>>({
    pmin: String(wished.pmin ?? ''),
    pmax: String(wished.pmax ?? ''),
    gt: String(wished.gt ?? ''),
    lt: String(wished.lt ?? ''),
    st: String(wished.st ?? ''),
  });
  const read = readAttributes(inputs, wished);
  const isChange = read.kind === 'change' && Object.keys(read.change).length > 0;
  const names = attributeNames.filter((name) => isNumeric || name === 'pmin' || name === 'pmax');
  return (
    <form
      className="stack"
      aria-label={text.resources.attributesOf(path)}
      onSubmit={(event) => {
        event.preventDefault();
        if (read.kind === 'problem') return;
        onDone();
        void ask('write-attributes', path, () => api.writeAttributes(endpoint, path, read.change));
      }}
    >
      <div className="row">
        {names.map((name) => (
          <label key={name} className="field">
            {text.attributes[name]}
            <input
              size={8}
              inputMode="decimal"
              value={inputs[name]}
              onChange={({ target }) => setInputs({ ...inputs, [name]: target.value })}
            />
          </label>
        ))}
      </div>
      {read.kind === 'problem' && <span className="bad">{read.reason}</span>}
      <div className="row">
        <button type="submit" className="button primary" disabled={!isChange}>
          {text.operations['write-attributes']}
        </button>
        <button type="button" className="button" onClick={onDone}>
          {text.common.cancel}
        </button>
      </div>
      <CopyAs
        path={path}
        name={path}
        operations={isChange ? [{ name: 'attributes', change: read.change }] : []}
      />
    </form>
  );
}

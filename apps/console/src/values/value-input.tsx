import type { ResourceDefinitionDocument } from '@dunlin/api';
import { hexEncode } from '@dunlin/base';
import type { ReactNode } from 'react';

import { text } from '../text/en.ts';
import { localTimeOf, secondsOf } from './local-time.ts';
import type { ValueTerms } from './parse-value.ts';
import { rangeText } from './range-text.ts';

export interface ValueInputProps {
  readonly label: string;
  readonly terms: ValueTerms & Pick<ResourceDefinitionDocument, 'units'>;
  /** What was typed. */
  readonly input: string;
  readonly onInput: (input: string) => void;
  /** Why what was typed is no value. */
  readonly problem?: string | undefined;
}

/** A field for a value of a Resource, as its definition wants it. */
export function ValueInput(props: ValueInputProps): ReactNode {
  const { terms, problem } = props;
  return (
    <div className="stack" data-type={terms.type}>
      <div className="row">
        <Field {...props} />
        {terms.units !== undefined && <span className="muted">{terms.units}</span>}
        <span className="muted">{terms.range?.kind !== 'enumeration' && rangeText(terms)}</span>
      </div>
      {problem !== undefined && <span className="bad">{text.values.expected(problem)}</span>}
    </div>
  );
}

function Field(props: ValueInputProps): ReactNode {
  const { label, terms, input, onInput, problem } = props;
  const common = {
    'aria-label': label,
    'aria-invalid': problem !== undefined,
    value: input,
    onChange: ({ target }: { readonly target: { readonly value: string } }) => onInput(target.value),
  };
  if (terms.type === 'boolean') return <Choice {...common} values={['true', 'false']} />;
  if (terms.range?.kind === 'enumeration')
    return <Choice {...common} values={terms.range.values.map(String)} />;
  switch (terms.type) {
    case 'integer':
    case 'unsigned-integer':
      return <input {...common} inputMode="numeric" />;
    case 'float':
      return <input {...common} inputMode="decimal" />;
    case 'time':
      return <TimeField {...props} />;
    case 'opaque':
      return <BytesField {...props} />;
    case 'objlnk':
      return <input {...common} placeholder="3303:0" />;
    case 'string':
    case 'corelnk':
    case 'none':
      return <input {...common} />;
  }
}

interface ChoiceProps {
  readonly 'aria-label': string;
  readonly 'aria-invalid': boolean;
  readonly value: string;
  readonly onChange: (event: { readonly target: { readonly value: string } }) => void;
  readonly values: readonly string[];
}

function Choice({ values, ...props }: ChoiceProps): ReactNode {
  return (
    <select {...props}>
      {!values.includes(props.value) && (
        <option value={props.value}>{props.value === '' ? text.values.choose : props.value}</option>
      )}
      {values.map((value) => (
        <option key={value} value={value}>
          {value}
        </option>
      ))}
    </select>
  );
}

/** A time of day and date in the zone of the browser, which is told beside it. */
function TimeField({ label, input, onInput, problem }: ValueInputProps): ReactNode {
  return (
    <>
      <input
        type="datetime-local"
        step="1"
        aria-label={label}
        aria-invalid={problem !== undefined}
        value={localTimeOf(input)}
        onChange={({ target }) => onInput(secondsOf(target.value))}
      />
      <span className="muted">{new Intl.DateTimeFormat().resolvedOptions().timeZone}</span>
      <button
        type="button"
        className="button small"
        onClick={() => onInput(String(Math.floor(Date.now() / 1000)))}
      >
        {text.values.now}
      </button>
    </>
  );
}

/** Bytes as hexadecimal digits, or those of a file. */
function BytesField({ label, input, onInput, problem }: ValueInputProps): ReactNode {
  const take = async (file: File | undefined): Promise<void> => {
    if (file !== undefined) onInput(hexEncode(new Uint8Array(await file.arrayBuffer())));
  };
  return (
    <>
      <textarea
        className="mono"
        rows={2}
        aria-label={`${label}, ${text.values.hexadecimal}`}
        aria-invalid={problem !== undefined}
        value={input}
        onChange={({ target }) => onInput(target.value)}
      />
      <input
        type="file"
        aria-label={text.values.file(label)}
        onChange={({ target }) => void take(target.files?.[0]).catch(() => onInput(''))}
      />
    </>
  );
}

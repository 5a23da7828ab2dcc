import { indentedJson, parseJson } from '@dunlin/api';
import type { ReactNode } from 'react';

import { FormField } from '../../../components/form-field.tsx';
import { text } from '../../../text/en.ts';
import { itemsAt, memberAt } from '../configuration-draft.ts';
import { useDraft, useMember } from './draft-context.ts';
import { ChoiceMember, FlagMember, type MemberFieldProps, TextMember } from './member-fields.tsx';

const { form } = text.bootstrap;
const path = 'writes';

/** What is written beside accounts and rights. */
export function WritesFields(): ReactNode {
  const { draft, set, problems } = useDraft();
  const writes = itemsAt(draft, path);
  return (
    <fieldset className="card stack">
      <legend>{form.writes}</legend>
      {problems.has(path) && <p className="bad">{problems.get(path)}</p>}
      {writes.map((_write, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- writes have no name but their place
        <WriteFields key={index} index={index} />
      ))}
      <div>
        <button
          type="button"
          className="button small"
          onClick={() => set(path, [...writes, { path: '/3/0/14', value: '+00:00' }])}
        >
          {form.addWrite}
        </button>
      </div>
    </fieldset>
  );
}

function WriteFields({ index }: { readonly index: number }): ReactNode {
  const { draft, set, problems } = useDraft();
  const write = `${path}.${index}`;
  const target = memberAt(draft, `${write}.path`);
  const depth = typeof target === 'string' ? target.split('/').length - 1 : 0;
  const whole = problems.get(write);
  return (
    <fieldset className="stack">
      <legend>{form.write(index + 1)}</legend>
      {whole !== undefined && (
        <p className="bad" role="status">
          {whole}
        </p>
      )}
      <div className="row top">
        <TextMember path={`${write}.path`} label={form.writePath} hint={form.writePathHint} />
        {depth >= 3 ? (
          <ResourceValueFields write={write} />
        ) : (
          <JsonMember
            path={`${write}.${depth === 1 ? 'instances' : 'resources'}`}
            label={depth === 1 ? form.instances : form.resources}
            hint={depth === 1 ? form.instancesHint : form.resourcesHint}
          />
        )}
        <FlagMember path={`${write}.optional`} label={form.optional} />
      </div>
      <div>
        <button type="button" className="button small" onClick={() => set(write, undefined)}>
          {form.removeWrite(index + 1)}
        </button>
      </div>
    </fieldset>
  );
}

/** The value of a Resource; a text is read as what its definition says. Several values are typed as JSON. */
function ResourceValueFields({ write }: { readonly write: string }): ReactNode {
  const { draft } = useDraft();
  const hasSeveral = memberAt(draft, `${write}.values`) !== undefined;
  return (
    <>
      {hasSeveral ? (
        <JsonMember path={`${write}.values`} label={form.values} hint={form.valuesHint} />
      ) : (
        <TextMember path={`${write}.value`} label={form.value} hint={form.valueHint} />
      )}
      <ChoiceMember path={`${write}.type`} label={form.type} choices={types} />
    </>
  );
}

const types = [
  [undefined, form.typeOfDefinition],
  ...['string', 'integer', 'float', 'boolean', 'opaque', 'time', 'objlnk'].map(
    (type) => [type, type] as const,
  ),
] as const;

/** A member that is an object, as JSON: it is one as soon as the field is left. */
function JsonMember({ path: member, label, hint }: MemberFieldProps): ReactNode {
  const { value, set, problem } = useMember(member);
  const read = (typed: string): void => {
    const parsed = parseJson(typed);
    if (parsed.kind === 'json') set(parsed.value);
  };
  return (
    <FormField label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <textarea
          {...attributes}
          className="mono"
          rows={3}
          cols={30}
          spellCheck={false}
          value={value === undefined ? '' : typeof value === 'string' ? value : indentedJson(value)}
          onChange={({ target }) => set(target.value === '' ? undefined : target.value)}
          onBlur={({ target }) => read(target.value)}
        />
      )}
    </FormField>
  );
}

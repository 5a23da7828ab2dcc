import type { AccessRightName } from '@dunlin/api';
import type { ReactNode } from 'react';

import { FormField } from '../../../components/form-field.tsx';
import { text } from '../../../text/en.ts';
import { itemsAt, memberAt, namesAt } from '../configuration-draft.ts';
import { useDraft } from './draft-context.ts';
import { ChoiceMember, TextMember } from './member-fields.tsx';

const { form } = text.bootstrap;
const path = 'accessControl';

/** Which server may do what: nothing is said, all may do everything, or it is said entry by entry. */
const modes = ['none', 'shared', 'entries'] as const;

/** Access control (Object 2). */
export function AccessFields(): ReactNode {
  const { draft, set, problems } = useDraft();
  const value = draft[path];
  const mode = value === undefined ? 'none' : value === 'shared' ? 'shared' : 'entries';
  const entries = itemsAt(draft, path);
  const choose = (name: string): void => {
    if (name === 'entries') set(path, [newEntry(draft)]);
    else set(path, name === 'shared' ? name : undefined);
  };
  return (
    <fieldset className="card stack">
      <legend>{form.access}</legend>
      <FormField label={form.accessMode} problem={problems.get(path)}>
        {(attributes) => (
          <select {...attributes} value={mode} onChange={({ target }) => choose(target.value)}>
            {modes.map((each) => (
              <option key={each} value={each}>
                {form.accessModes[each]}
              </option>
            ))}
          </select>
        )}
      </FormField>
      {mode === 'entries' && (
        <>
          {entries.map((_entry, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- entries have no name but their place
            <EntryFields key={index} index={index} />
          ))}
          <div>
            <button
              type="button"
              className="button small"
              onClick={() => set(path, [...entries, newEntry(draft)])}
            >
              {form.addEntry}
            </button>
          </div>
        </>
      )}
    </fieldset>
  );
}

function newEntry(draft: unknown): unknown {
  return { path: '/3/0', owner: memberAt(draft, 'servers.0.shortServerId') ?? 1, acl: { others: ['read'] } };
}

function EntryFields({ index }: { readonly index: number }): ReactNode {
  const { draft, set, problems } = useDraft();
  const entry = `${path}.${index}`;
  const shortServerIds = itemsAt(draft, 'servers').map((server) => memberAt(server, 'shortServerId'));
  const known = shortServerIds.filter((id) => typeof id === 'number');
  const listed = namesAt(draft, `${entry}.acl`);
  const subjects = [...new Set([...known.map(String), 'others', ...listed])];
  const owners = [
    ...known.map((id) => [id, form.serverWithId(String(id))] as const),
    ['bootstrap-server', form.bootstrapServer] as const,
  ];
  return (
    <fieldset className="stack">
      <legend>{form.entry(index + 1)}</legend>
      {problems.has(entry) && <p className="bad">{problems.get(entry)}</p>}
      <div className="row top">
        <TextMember path={`${entry}.path`} label={form.entryPath} hint={form.entryPathHint} />
        <ChoiceMember path={`${entry}.owner`} label={form.owner} choices={owners} />
      </div>
      {subjects.map((subject) => (
        <RightsField key={subject} path={`${entry}.acl.${subject}`} subject={subject} />
      ))}
      <div>
        <button type="button" className="button small" onClick={() => set(entry, undefined)}>
          {form.removeEntry(index + 1)}
        </button>
      </div>
    </fieldset>
  );
}

const rights: readonly AccessRightName[] = ['read', 'write', 'execute', 'delete', 'create'];

/** What one server may do, or all that have no rights of their own. */
function RightsField({
  path: member,
  subject,
}: {
  readonly path: string;
  readonly subject: string;
}): ReactNode {
  const { draft, set, problems } = useDraft();
  const given = itemsAt(draft, member);
  const name = subject === 'others' ? form.others : form.serverWithId(subject);
  const toggle = (right: AccessRightName, isGiven: boolean): void => {
    const next = rights.filter((each) => (each === right ? isGiven : given.includes(each)));
    set(member, next.length === 0 ? undefined : next);
  };
  const problem = problems.get(member);
  return (
    <div className="row" role="group" aria-label={form.rightsOf(name)}>
      <span>{name}</span>
      {rights.map((right) => (
        <label key={right} className="row">
          <input
            type="checkbox"
            checked={given.includes(right)}
            aria-invalid={problem !== undefined}
            onChange={({ target }) => toggle(right, target.checked)}
          />
          {form.rights[right]}
        </label>
      ))}
      {problem !== undefined && <span className="bad">{problem}</span>}
    </div>
  );
}

import { type BootstrapProblemDocument, indentedJson } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { FormField } from '../../components/form-field.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { text } from '../../text/en.ts';
import { readDraft } from './configuration-draft.ts';
import { ConfigurationForm } from './form/configuration-form.tsx';
import type { EditedConfiguration } from './use-configuration-draft.ts';

const { form } = text.bootstrap;

export interface ConfigurationViewsProps {
  readonly editing: EditedConfiguration;
}

/** The form, and the same draft as JSON. */
export function ConfigurationViews({ editing }: ConfigurationViewsProps): ReactNode {
  const [view, setView] = useState<'form' | 'json'>('form');
  const { context, check, isUnreadable } = editing;
  return (
    <Tabs
      label={form.views}
      tabs={[
        { name: 'form', title: form.asForm, isDisabled: isUnreadable },
        { name: 'json', title: form.asJson },
      ]}
      current={view}
      onCurrent={setView}
    >
      {view === 'form' ? <ConfigurationForm /> : <JsonView editing={editing} />}
      {(view === 'json' || context.isTried) && !isUnreadable && (
        <ProblemList problems={check.checked?.problems ?? []} />
      )}
    </Tabs>
  );
}

function JsonView({ editing }: ConfigurationViewsProps): ReactNode {
  const [json, setJson] = useState(() => indentedJson(editing.context.draft));
  const read = readDraft(json);
  const change = (typed: string): void => {
    setJson(typed);
    const changed = readDraft(typed);
    editing.setUnreadable(changed.kind === 'problem');
    if (changed.kind === 'draft') editing.setDraft(changed.draft);
  };
  return (
    <FormField
      label={text.bootstrap.json}
      hint={text.bootstrap.hint}
      problem={read.kind === 'problem' ? form.expected(read.reason) : undefined}
    >
      {(attributes) => (
        <textarea
          {...attributes}
          className="mono"
          rows={20}
          spellCheck={false}
          value={json}
          onChange={({ target }) => change(target.value)}
        />
      )}
    </FormField>
  );
}

/** All that is wrong, with the names that the members have in JSON. */
function ProblemList({ problems }: { readonly problems: readonly BootstrapProblemDocument[] }): ReactNode {
  if (problems.length === 0) return null;
  return (
    <ul className="notice failure" aria-label={form.problems}>
      {problems.map(({ field, reason }) => (
        <li key={field}>
          <code>{field}</code> {reason}
        </li>
      ))}
    </ul>
  );
}

import type { BootstrapDocument } from '@dunlin/api';
import { type ReactNode, useRef } from 'react';

import { Failure } from '../../components/failure.tsx';
import { FormField } from '../../components/form-field.tsx';
import { text } from '../../text/en.ts';
import { BootstrapPreview } from './bootstrap-preview.tsx';
import { targetText } from './configuration-draft.ts';
import { ConfigurationViews } from './configuration-views.tsx';
import { draftContext } from './form/draft-context.ts';
import type { MadeKey } from './save-configuration.ts';
import type { DraftCheck } from './use-check.ts';
import { type EditedConfiguration, useConfigurationDraft } from './use-configuration-draft.ts';

const { form } = text.bootstrap;

export interface ConfigurationEditorProps {
  readonly configuration: BootstrapDocument | undefined;
  readonly onSaved: (made: MadeKey | undefined) => void;
  readonly onCancel: () => void;
}

/** One draft of a configuration, as a form or as JSON, with what is wrong with it and what it makes of a device. */
export function ConfigurationEditor({
  configuration,
  onSaved,
  onCancel,
}: ConfigurationEditorProps): ReactNode {
  const element = useRef<HTMLFormElement>(null);
  const editing = useConfigurationDraft(configuration);
  const { target, context, check, failure } = editing;
  const save = async (): Promise<void> => {
    const outcome = await editing.save();
    if (outcome.kind === 'saved') onSaved(outcome.made);
    if (outcome.kind === 'wrong') focusFirstProblem(element.current);
  };
  return (
    <form
      ref={element}
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TargetField configuration={configuration} editing={editing} />
      <draftContext.Provider value={context}>
        <ConfigurationViews editing={editing} />
      </draftContext.Provider>
      {'endpoint' in target && <BootstrapKeyField editing={editing} />}
      {check.checked !== undefined && check.checked.steps.length > 0 && (
        <BootstrapPreview steps={check.checked.steps} />
      )}
      {check.error !== undefined && <Failure error={check.error} />}
      {failure !== undefined && <Failure error={failure} />}
      <div className="row">
        <button type="submit" className="button primary">
          {text.bootstrap.save}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          {text.common.cancel}
        </button>
        <span role="status" className="muted">
          {editing.isUnreadable ? '' : stateText(check)}
        </span>
      </div>
    </form>
  );
}

function stateText({ checked, error, isCurrent }: DraftCheck): string {
  if (error !== undefined) return '';
  if (!isCurrent || checked === undefined) return form.checking;
  return form.wrong(checked.problems.length);
}

/** To the first field that is wrong, wherever it is folded away. */
function focusFirstProblem(element: HTMLFormElement | null): void {
  const first = element?.querySelector<HTMLElement>('[aria-invalid="true"]');
  first?.closest('details')?.setAttribute('open', '');
  first?.focus();
}

interface EditingProps {
  readonly editing: EditedConfiguration;
}

/** Whom it is for, which is chosen for a new one. */
function TargetField({
  configuration,
  editing,
}: EditingProps & Pick<ConfigurationEditorProps, 'configuration'>): ReactNode {
  if (configuration !== undefined) return <p>{targetText(configuration.target)}</p>;
  const { name, setName, context } = editing;
  const problem = context.problems.get('endpoint') ?? context.problems.get('pattern');
  return (
    <FormField label={text.bootstrap.target} problem={name === '' && !context.isTried ? undefined : problem}>
      {(attributes) => (
        <input
          {...attributes}
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
      )}
    </FormField>
  );
}

/** What the device needs so that it is given keys: a proof of its own for the Bootstrap-Server. */
function BootstrapKeyField({ editing }: EditingProps): ReactNode {
  return (
    <FormField label={form.bootstrapKey} hint={form.bootstrapKeyHint} isBox>
      {(attributes) => (
        <input
          {...attributes}
          type="checkbox"
          checked={editing.makesKey}
          onChange={({ target }) => editing.setMakesKey(target.checked)}
        />
      )}
    </FormField>
  );
}

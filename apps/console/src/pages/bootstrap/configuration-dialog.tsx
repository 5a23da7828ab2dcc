import type { BootstrapDocument, BootstrapTargetDocument } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { text } from '../../text/en.ts';
import { configurationText, newConfiguration, readConfiguration, targetText } from './configuration-text.ts';

export interface ConfigurationDialogProps {
  /** What is edited; a new one without. */
  readonly configuration: BootstrapDocument | undefined;
  readonly onClose: () => void;
}

/** Edits what an endpoint, or all endpoints that fit a pattern, are given. */
export function ConfigurationDialog({ configuration, onClose }: ConfigurationDialogProps): ReactNode {
  const { problem, act } = useAction(queryKeys.bootstrapConfigurations);
  const [name, setName] = useState('');
  const [json, setJson] = useState(() =>
    configuration === undefined ? newConfiguration(location.hostname) : configurationText(configuration),
  );
  const read = readConfiguration(json);
  const target = configuration?.target ?? targetOf(name);
  const save = async (): Promise<void> => {
    if (read.kind === 'problem') return;
    if (await act(() => api.bootstrap.setConfiguration(target, read.input))) onClose();
  };
  return (
    <Dialog title={text.bootstrap.configuration} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Target configuration={configuration} name={name} onName={setName} />
        <label className="field">
          {text.bootstrap.json}
          <textarea
            className="mono"
            rows={16}
            spellCheck={false}
            value={json}
            onChange={({ target: field }) => setJson(field.value)}
          />
        </label>
        <p className="muted">{text.bootstrap.hint}</p>
        {read.kind === 'problem' && <span className="bad">{read.reason}</span>}
        {problem !== undefined && <Failure error={problem} />}
        <div className="row">
          <button type="submit" className="button primary" disabled={read.kind === 'problem'}>
            {text.bootstrap.save}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {text.common.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function targetOf(name: string): BootstrapTargetDocument {
  return name.includes('*') ? { pattern: name } : { endpoint: name };
}

interface TargetProps {
  readonly configuration: BootstrapDocument | undefined;
  readonly name: string;
  readonly onName: (name: string) => void;
}

/** Whom it is for, which is chosen for a new one. */
function Target({ configuration, name, onName }: TargetProps): ReactNode {
  if (configuration !== undefined) return <p>{targetText(configuration.target)}</p>;
  return (
    <label className="field">
      {text.bootstrap.target}
      <input required autoComplete="off" value={name} onChange={({ target }) => onName(target.value)} />
    </label>
  );
}

import { type ReactNode, useState } from 'react';

import { useAsking } from '../../../asking/use-asking.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { api } from '../../../server/api.ts';
import { text } from '../../../text/en.ts';
import { CopyAs } from './copy-as.tsx';
import type { ResourceRow } from './resource-rows.ts';

/** What wipes a device: Factory Reset (Resource 5 of the Device Object). */
const destructive: ReadonlySet<string> = new Set(['/3/0/5']);

export interface ExecuteFormProps {
  readonly row: ResourceRow;
  readonly onDone: () => void;
}

/** Executes a Resource, with arguments if there are any. */
export function ExecuteForm({ row: { path, name }, onDone }: ExecuteFormProps): ReactNode {
  const { endpoint, ask } = useAsking();
  const [args, setArgs] = useState('');
  const execute = (): void => {
    onDone();
    void ask('execute', path, (terms) => api.execute(endpoint, path, args, terms));
  };
  if (destructive.has(path)) {
    return (
      <ConfirmDialog
        title={name}
        explanation={text.resources.destructive(name, endpoint)}
        expected={endpoint}
        action={text.operations.execute}
        onConfirm={execute}
        onClose={onDone}
      />
    );
  }
  return (
    <form
      className="stack"
      aria-label={text.resources.executeOf(name)}
      onSubmit={(event) => {
        event.preventDefault();
        execute();
      }}
    >
      <label className="field">
        {text.resources.arguments}
        <input
          className="mono"
          placeholder="0='text',1"
          value={args}
          onChange={({ target }) => setArgs(target.value)}
        />
      </label>
      <div className="row">
        <button type="submit" className="button primary">
          {text.operations.execute}
        </button>
        <button type="button" className="button" onClick={onDone}>
          {text.common.cancel}
        </button>
      </div>
      <CopyAs path={path} name={name} operations={[{ name: 'execute', args }]} />
    </form>
  );
}

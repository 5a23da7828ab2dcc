import type { Role } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { text } from '../text/en.ts';
import { CopyLine } from './copy-line.tsx';
import { Failure } from './failure.tsx';
import { RoleChoice } from './role-choice.tsx';

export interface AddWithRoleProps {
  /** What the form does, also on its button. */
  readonly label: string;
  /** True when it was done. */
  readonly onAdd: (name: string, role: Role) => Promise<boolean>;
  readonly problem: unknown;
  /** What is shown this once, with what it is. */
  readonly made: { readonly explanation: string; readonly line: string; readonly label: string } | undefined;
  /** Fields beside name and role. */
  readonly children?: ReactNode;
}

/** Adds something that has a name, a role and a secret. */
export function AddWithRole({ label, onAdd, problem, made, children }: AddWithRoleProps): ReactNode {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const add = async (): Promise<void> => {
    if (await onAdd(name, role)) setName('');
  };
  return (
    <form
      className="card stack"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <div className="row">
        <label className="field">
          {text.common.name}
          <input required autoComplete="off" value={name} onChange={({ target }) => setName(target.value)} />
        </label>
        <RoleChoice label={text.users.role} role={role} onRole={setRole} />
        {children}
        <button type="submit" className="button primary">
          {label}
        </button>
      </div>
      {problem !== undefined && <Failure error={problem} />}
      {made !== undefined && (
        <div className="notice stack">
          <p>{made.explanation}</p>
          <CopyLine line={made.line} label={made.label} />
        </div>
      )}
    </form>
  );
}

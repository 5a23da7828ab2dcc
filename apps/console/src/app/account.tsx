import type { IdentityDocument } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { signOut } from '../access/identity.ts';
import { Failure } from '../components/failure.tsx';
import { text } from '../text/en.ts';
import { PasswordDialog } from './password-dialog.tsx';

/** Who uses the console, in which role, and the way out. */
export function Account({ identity }: { readonly identity: IdentityDocument }): ReactNode {
  const [problem, setProblem] = useState<unknown>();
  const [isChanging, setChanging] = useState(false);
  return (
    <div className="row">
      {problem !== undefined && <Failure error={problem} />}
      <span>
        {identity.name} <span className="muted">{text.roles[identity.role]}</span>
      </span>
      <button type="button" className="button small" onClick={() => setChanging(true)}>
        {text.signIn.changePassword}
      </button>
      {isChanging && <PasswordDialog onClose={() => setChanging(false)} />}
      <button type="button" className="button small" onClick={() => void signOut().catch(setProblem)}>
        {text.signIn.signOut}
      </button>
    </div>
  );
}

import { type ReactNode, useState } from 'react';

import { Dialog } from '../components/dialog.tsx';
import { Failure } from '../components/failure.tsx';
import { PasswordField } from '../components/password-field.tsx';
import { api } from '../server/api.ts';
import { queryKeys } from '../server/query-keys.ts';
import { useAction } from '../server/use-action.ts';
import { text } from '../text/en.ts';

/** Changes one's own password; one's other sessions end. */
export function PasswordDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { problem, act } = useAction(queryKeys.sessions);
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = async (): Promise<void> => {
    if (await act(() => api.access.changePassword({ current, next }))) onClose();
  };
  return (
    <Dialog title={text.signIn.changePassword} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void change();
        }}
      >
        <PasswordField
          label={text.signIn.currentPassword}
          kind="current-password"
          value={current}
          onValue={setCurrent}
        />
        <PasswordField label={text.signIn.nextPassword} kind="new-password" value={next} onValue={setNext} />
        {problem !== undefined && <Failure error={problem} />}
        <div>
          <button type="submit" className="button primary">
            {text.signIn.changePassword}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

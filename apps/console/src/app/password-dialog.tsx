import { type ReactNode, useState } from 'react';

import { Dialog } from '../components/dialog.tsx';
import { Failure } from '../components/failure.tsx';
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
        <label className="field">
          {text.signIn.currentPassword}
          <input
            type="password"
            autoComplete="current-password"
            required
            value={current}
            onChange={({ target }) => setCurrent(target.value)}
          />
        </label>
        <label className="field">
          {text.signIn.nextPassword}
          <input
            type="password"
            autoComplete="new-password"
            required
            value={next}
            onChange={({ target }) => setNext(target.value)}
          />
        </label>
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

import { type ReactNode, useState } from 'react';

import { text } from '../text/en.ts';
import { Dialog } from './dialog.tsx';

export interface ConfirmDialogProps {
  readonly title: string;
  /** What will happen, and to whom. */
  readonly explanation: string;
  /** What has to be typed. */
  readonly expected: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone, or that concerns many: the name or the number has to be typed. */
export function ConfirmDialog(props: ConfirmDialogProps): ReactNode {
  const { title, explanation, expected, action, onConfirm, onClose } = props;
  const [typed, setTyped] = useState('');
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed !== expected) return;
          onConfirm();
          onClose();
        }}
      >
        <p>{explanation}</p>
        <label className="field">
          {text.common.confirmTyping(expected)}
          <input value={typed} autoComplete="off" onChange={({ target }) => setTyped(target.value)} />
        </label>
        <div className="row">
          <button type="submit" className="button danger" disabled={typed !== expected}>
            {action}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {text.common.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

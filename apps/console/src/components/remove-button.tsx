import { type ReactNode, useState } from 'react';

import { text } from '../text/en.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

export interface RemoveButtonProps {
  /** What is removed, and has to be typed. */
  readonly name: string;
  /** What follows from it. */
  readonly explanation: string;
  readonly onRemove: () => void;
}

/** Removes something, once its name is typed. */
export function RemoveButton({ name, explanation, onRemove }: RemoveButtonProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="button small danger"
        aria-label={`${text.common.remove}: ${name}`}
        onClick={() => setOpen(true)}
      >
        {text.common.remove}
      </button>
      {isOpen && (
        <ConfirmDialog
          title={`${text.common.remove}: ${name}`}
          explanation={explanation}
          expected={name}
          action={text.common.remove}
          onConfirm={onRemove}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

import type { BootstrapDocument } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { CopyLine } from '../../components/copy-line.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { text } from '../../text/en.ts';
import { ConfigurationEditor } from './configuration-editor.tsx';
import type { MadeKey } from './save-configuration.ts';

export interface ConfigurationDialogProps {
  /** What is edited; a new one without. */
  readonly configuration: BootstrapDocument | undefined;
  readonly onClose: () => void;
}

/** Edits what an endpoint, or all endpoints that fit a pattern, are given; shows a key that was made for it this once. */
export function ConfigurationDialog({ configuration, onClose }: ConfigurationDialogProps): ReactNode {
  const [made, setMade] = useState<MadeKey>();
  const saved = (key: MadeKey | undefined): void => {
    if (key === undefined) onClose();
    else setMade(key);
  };
  return (
    <Dialog title={text.bootstrap.configuration} isWide onClose={onClose}>
      {made === undefined ? (
        <ConfigurationEditor configuration={configuration} onSaved={saved} onCancel={onClose} />
      ) : (
        <div className="notice stack" role="status">
          <p>{text.bootstrap.form.keyOnce(made.identity)}</p>
          <CopyLine line={made.key} label={text.credentials.key} />
          <div>
            <button type="button" className="button" onClick={onClose}>
              {text.common.close}
            </button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

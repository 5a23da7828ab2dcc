import { type ReactNode, useState } from 'react';

import { text } from '../text/en.ts';
import styles from './copy-line.module.css';

/** A line to be pasted elsewhere, with a button that copies it. */
export function CopyLine({ line, label }: { readonly line: string; readonly label?: string }): ReactNode {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(line);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div className={styles.line}>
      <code>{line}</code>
      <button
        type="button"
        className="button small"
        aria-label={`${text.common.copy}: ${label ?? line}`}
        onClick={() => void copy().catch(() => setCopied(false))}
      >
        {isCopied ? text.common.copied : text.common.copy}
      </button>
    </div>
  );
}

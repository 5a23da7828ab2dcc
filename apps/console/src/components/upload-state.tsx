import type { ReactNode } from 'react';

import type { Upload } from '../server/use-upload.ts';
import { text } from '../text/en.ts';
import { formatSize } from '../text/format-size.ts';
import { Failure } from './failure.tsx';

export interface UploadStateProps {
  readonly upload: Upload;
  /** Sends the same once more. */
  readonly onRetry: () => void;
}

/** How far an upload is, with a way to end it, or why it ended. */
export function UploadState({ upload: { progress, problem, cancel }, onRetry }: UploadStateProps): ReactNode {
  if (progress === undefined) return problem !== undefined && <Failure error={problem} onRetry={onRetry} />;
  const { sent, total } = progress;
  return (
    <div className="row">
      <progress aria-label={text.upload.progress} max={Math.max(total, 1)} value={sent} />
      <span className="muted">
        {sent < total ? text.upload.sent(formatSize(sent), formatSize(total)) : text.upload.checking}
      </span>
      <button type="button" className="button small" onClick={cancel}>
        {text.common.cancel}
      </button>
    </div>
  );
}

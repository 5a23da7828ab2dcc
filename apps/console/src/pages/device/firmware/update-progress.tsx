import type { FirmwareUpdateDocument } from '@dunlin/api';
import type { ReactNode } from 'react';

import { text } from '../../../text/en.ts';
import { formatSize } from '../../../text/format-size.ts';

/** True when nothing comes after. */
export function isOver({ state }: FirmwareUpdateDocument): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** How far an update is, as a bar and in words. */
export function UpdateProgress({ update }: { readonly update: FirmwareUpdateDocument }): ReactNode {
  const { state, image, transferred, transfer, versionBefore, firmwareVersion, failure } = update;
  return (
    <div className="stack">
      <h2>
        {image.name} {image.version !== undefined && <span className="muted">{image.version}</span>}
      </h2>
      <div className="row">
        <progress
          aria-label={text.firmware.progress(image.name)}
          max={image.size}
          value={shownBytes(update)}
        />
        <span
          role="status"
          className={state === 'failed' ? 'bad' : state === 'succeeded' ? 'good' : undefined}
        >
          {text.firmware.states[state]}
        </span>
        {state === 'transferring' && (
          <span className="muted">
            {text.firmware.transferred(formatSize(transferred), formatSize(image.size))}
            {transfer !== undefined && ` · ${[transfer.method, transfer.protocol].filter(Boolean).join(' ')}`}
          </span>
        )}
      </div>
      {failure !== undefined && <p className="notice failure">{failure.message}</p>}
      {firmwareVersion !== undefined && (
        <p>{text.firmware.versions(versionBefore ?? '?', firmwareVersion)}</p>
      )}
    </div>
  );
}

/** What the device has is shown as such also when it tells no bytes any more. */
function shownBytes({ state, transferred, image }: FirmwareUpdateDocument): number {
  return state === 'downloaded' || state === 'installing' || state === 'succeeded' ? image.size : transferred;
}

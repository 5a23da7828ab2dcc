import type { FirmwareImageDocument, FirmwareMethodName } from '@dunlin/api';
import type { ReactNode } from 'react';

import { text } from '../../text/en.ts';
import { formatSize } from '../../text/format-size.ts';

const methods: readonly FirmwareMethodName[] = ['automatic', 'push', 'pull'];

/** What is to be installed, and how. */
export interface ImageChosen {
  readonly image: string | undefined;
  readonly method: FirmwareMethodName;
  readonly install: 'automatic' | 'manual';
}

export interface ImageChoiceProps {
  readonly images: readonly FirmwareImageDocument[];
  readonly chosen: ImageChosen;
  readonly onChosen: (chosen: ImageChosen) => void;
}

/** Chooses an image, how it gets to devices, and when it is installed. */
export function ImageChoice({ images, chosen, onChosen }: ImageChoiceProps): ReactNode {
  const { image, method, install } = chosen;
  return (
    <>
      <label className="field">
        {text.firmware.image}
        <select value={image} onChange={({ target }) => onChosen({ ...chosen, image: target.value })}>
          {images.map(({ id, name, version, size }) => (
            <option key={id} value={id}>
              {[name, version, formatSize(size)].filter((part) => part !== undefined).join(' · ')}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        {text.firmware.method}
        <select
          value={method}
          onChange={({ target }) =>
            onChosen({ ...chosen, method: methods.find((each) => each === target.value) ?? 'automatic' })
          }
        >
          {methods.map((each) => (
            <option key={each} value={each}>
              {text.firmware.methods[each]}
            </option>
          ))}
        </select>
      </label>
      <label className="row">
        <input
          type="checkbox"
          checked={install === 'manual'}
          onChange={({ target }) => onChosen({ ...chosen, install: target.checked ? 'manual' : 'automatic' })}
        />
        {text.firmware.manual}
      </label>
    </>
  );
}

import type { FirmwareMethodName, FirmwareUpdateInput } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { RouteLink } from '../../../components/route-link.tsx';
import { useFirmwareImages } from '../../firmware/use-firmware-images.ts';
import { text } from '../../../text/en.ts';
import { formatSize } from '../../../text/format-size.ts';

const methods: readonly FirmwareMethodName[] = ['automatic', 'push', 'pull'];

export interface StartUpdateProps {
  readonly endpoint: string;
  readonly onStart: (input: FirmwareUpdateInput) => void;
}

/** Chooses an image and how it gets to the device. */
export function StartUpdate({ endpoint, onStart }: StartUpdateProps): ReactNode {
  const { data: page } = useFirmwareImages();
  const [chosen, setChosen] = useState<string>();
  const [method, setMethod] = useState<FirmwareMethodName>('automatic');
  const [isManual, setManual] = useState(false);
  const images = page?.images ?? [];
  const image = chosen ?? images[0]?.id;
  if (page !== undefined && images.length === 0) {
    return (
      <p className="notice">
        {text.firmware.noImages}{' '}
        <RouteLink to={{ page: 'firmware', query: '' }}>{text.pages.firmware}</RouteLink>
      </p>
    );
  }
  return (
    <form
      className="card stack"
      aria-label={text.firmware.start(endpoint)}
      onSubmit={(event) => {
        event.preventDefault();
        if (image !== undefined) onStart({ image, method, install: isManual ? 'manual' : 'automatic' });
      }}
    >
      <label className="field">
        {text.firmware.image}
        <select value={image} onChange={({ target }) => setChosen(target.value)}>
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
          onChange={({ target }) => setMethod(methods.find((each) => each === target.value) ?? 'automatic')}
        >
          {methods.map((each) => (
            <option key={each} value={each}>
              {text.firmware.methods[each]}
            </option>
          ))}
        </select>
      </label>
      <label className="row">
        <input type="checkbox" checked={isManual} onChange={({ target }) => setManual(target.checked)} />
        {text.firmware.manual}
      </label>
      <div>
        <button type="submit" className="button primary" disabled={image === undefined}>
          {text.firmware.startAction}
        </button>
      </div>
    </form>
  );
}

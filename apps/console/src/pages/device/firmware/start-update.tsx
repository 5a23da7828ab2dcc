import type { FirmwareUpdateInput } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { RouteLink } from '../../../components/route-link.tsx';
import { text } from '../../../text/en.ts';
import { ImageChoice, type ImageChosen } from '../../firmware/image-choice.tsx';
import { useFirmwareImages } from '../../firmware/use-firmware-images.ts';

export interface StartUpdateProps {
  readonly endpoint: string;
  readonly onStart: (input: FirmwareUpdateInput) => void;
}

/** Chooses an image and how it gets to the device. */
export function StartUpdate({ endpoint, onStart }: StartUpdateProps): ReactNode {
  const { data: page } = useFirmwareImages();
  const [chosen, setChosen] = useState<ImageChosen>({
    image: undefined,
    method: 'automatic',
    install: 'automatic',
  });
  if (page === undefined) return null;
  const [first] = page.images;
  if (first === undefined) {
    return (
      <p className="notice">
        {text.firmware.noImages}{' '}
        <RouteLink to={{ page: 'firmware', query: '' }}>{text.pages.firmware}</RouteLink>
      </p>
    );
  }
  const { image = first.id, method, install } = chosen;
  return (
    <form
      className="card stack"
      aria-label={text.firmware.start(endpoint)}
      onSubmit={(event) => {
        event.preventDefault();
        onStart({ image, method, install });
      }}
    >
      <ImageChoice images={page.images} chosen={{ image, method, install }} onChosen={setChosen} />
      <div>
        <button type="submit" className="button primary">
          {text.firmware.startAction}
        </button>
      </div>
    </form>
  );
}

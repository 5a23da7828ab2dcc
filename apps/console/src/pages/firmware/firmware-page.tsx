import type { FirmwareImageDocument } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { Age } from '../../components/age.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { queries } from '../../server/live.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { text } from '../../text/en.ts';
import { formatSize } from '../../text/format-size.ts';
import { UpdateWizard } from './update-wizard.tsx';
import { UploadForm } from './upload-form.tsx';
import { useFirmwareImages } from './use-firmware-images.ts';

/** Images of firmware that devices can be updated to. */
export function FirmwarePage(): ReactNode {
  const { data, error } = useFirmwareImages();
  const [isUpdating, setUpdating] = useState(false);
  const [removing, setRemoving] = useState<FirmwareImageDocument>();
  const [problem, setProblem] = useState<unknown>();
  const remove = async (id: string): Promise<void> => {
    try {
      await api.firmware.removeImage(id);
      setProblem(undefined);
    } catch (failure) {
      setProblem(failure);
    }
    await queries.invalidateQueries({ queryKey: queryKeys.firmwareImages });
  };
  return (
    <div className="stack">
      <div className="row spread">
        <h1>{text.pages.firmware}</h1>
        <button
          type="button"
          className="button primary"
          disabled={data === undefined || data.images.length === 0}
          onClick={() => setUpdating(true)}
        >
          {text.firmware.wizard.open}
        </button>
      </div>
      {isUpdating && data !== undefined && (
        <UpdateWizard images={data.images} onClose={() => setUpdating(false)} />
      )}
      {error !== null && <Failure error={error} />}
      {problem !== undefined && <Failure error={problem} />}
      <UploadForm />
      {data?.images.length === 0 && <p className="muted">{text.firmware.empty}</p>}
      {data !== undefined && data.images.length > 0 && <Images images={data.images} onRemove={setRemoving} />}
      {removing !== undefined && (
        <ConfirmDialog
          title={text.firmware.removeTitle}
          explanation={text.firmware.removeExplanation(removing.name)}
          expected={removing.name}
          action={text.common.remove}
          onConfirm={() => void remove(removing.id)}
          onClose={() => setRemoving(undefined)}
        />
      )}
    </div>
  );
}

interface ImagesProps {
  readonly images: readonly FirmwareImageDocument[];
  readonly onRemove: (image: FirmwareImageDocument) => void;
}

function Images({ images, onRemove }: ImagesProps): ReactNode {
  return (
    <DataTable label={text.pages.firmware} columns={text.firmware.columns}>
      {images.map((image) => (
        <ImageLine key={image.id} image={image} onRemove={onRemove} />
      ))}
    </DataTable>
  );
}

interface ImageLineProps {
  readonly image: FirmwareImageDocument;
  readonly onRemove: (image: FirmwareImageDocument) => void;
}

function ImageLine({ image, onRemove }: ImageLineProps): ReactNode {
  const { id, name, version, model, size, addedAt } = image;
  return (
    <tr>
      <td>{name}</td>
      <td>{version ?? ''}</td>
      <td>{model ?? text.firmware.anyModel}</td>
      <td className="number">{formatSize(size)}</td>
      <td className="mono" title={id}>
        {id.slice(0, 12)}
      </td>
      <td>
        <Age at={addedAt} />
      </td>
      <td>
        <button
          type="button"
          className="button small danger"
          aria-label={`${text.common.remove}: ${name}`}
          onClick={() => onRemove(image)}
        >
          {text.common.remove}
        </button>
      </td>
    </tr>
  );
}

import { type ReactNode, useState } from 'react';

import { UploadState } from '../../components/upload-state.tsx';
import { queries } from '../../server/live.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useUpload } from '../../server/use-upload.ts';
import { text } from '../../text/en.ts';

/** Adds an image from a file. */
export function UploadForm(): ReactNode {
  const [file, setFile] = useState<File>();
  const [version, setVersion] = useState('');
  const [model, setModel] = useState('');
  const upload = useUpload();
  const send = async (chosen: File): Promise<void> => {
    const facts = { ...(version === '' ? {} : { version }), ...(model === '' ? {} : { model }) };
    await upload.send(chosen.size, async (uploading, signal) => {
      const bytes = new Uint8Array(await chosen.arrayBuffer());
      await uploading.firmware.upload(bytes, { name: chosen.name, ...facts }, { signal });
    });
    await queries.invalidateQueries({ queryKey: queryKeys.firmwareImages });
  };
  const sendChosen = (): void => {
    if (file !== undefined) void send(file);
  };
  return (
    <form
      className="card row"
      aria-label={text.firmware.upload}
      onSubmit={(event) => {
        event.preventDefault();
        sendChosen();
      }}
    >
      <label className="field">
        {text.firmware.file}
        <input type="file" onChange={({ target }) => setFile(target.files?.[0])} />
      </label>
      <label className="field">
        {text.firmware.version}
        <input value={version} onChange={({ target }) => setVersion(target.value)} />
      </label>
      <label className="field">
        {text.firmware.modelOptional}
        <input value={model} onChange={({ target }) => setModel(target.value)} />
      </label>
      <button
        type="submit"
        className="button primary"
        disabled={file === undefined || upload.progress !== undefined}
      >
        {text.firmware.upload}
      </button>
      <UploadState upload={upload} onRetry={sendChosen} />
    </form>
  );
}

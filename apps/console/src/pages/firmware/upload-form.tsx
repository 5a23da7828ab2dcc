import { type ReactNode, useState } from 'react';

import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { queries } from '../../server/live.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { text } from '../../text/en.ts';

/** Adds an image from a file. */
export function UploadForm(): ReactNode {
  const [file, setFile] = useState<File>();
  const [version, setVersion] = useState('');
  const [model, setModel] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const upload = async (chosen: File): Promise<void> => {
    setBusy(true);
    try {
      const facts = { ...(version === '' ? {} : { version }), ...(model === '' ? {} : { model }) };
      const bytes = new Uint8Array(await chosen.arrayBuffer());
      await api.firmware.upload(bytes, { name: chosen.name, ...facts });
      setProblem(undefined);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
    await queries.invalidateQueries({ queryKey: queryKeys.firmwareImages });
  };
  return (
    <form
      className="card row"
      aria-label={text.firmware.upload}
      onSubmit={(event) => {
        event.preventDefault();
        if (file !== undefined) void upload(file);
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
      <button type="submit" className="button primary" disabled={file === undefined || isBusy}>
        {text.firmware.upload}
      </button>
      {isBusy && <progress aria-label={text.firmware.uploading} />}
      {problem !== undefined && <Failure error={problem} />}
    </form>
  );
}

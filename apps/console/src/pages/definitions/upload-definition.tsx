import { type ReactNode, useState } from 'react';

import { UploadState } from '../../components/upload-state.tsx';
import { queries } from '../../server/live.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useUpload } from '../../server/use-upload.ts';
import { text } from '../../text/en.ts';

/** Adds the definitions of a DDF file, which are used at once. */
export function UploadDefinition(): ReactNode {
  const upload = useUpload();
  const [file, setFile] = useState<File>();
  const [added, setAdded] = useState<readonly string[]>([]);
  const send = async (chosen: File): Promise<void> => {
    await upload.send(chosen.size, async (uploading, signal) => {
      const definitions = await uploading.definitions.upload(await chosen.text(), { signal });
      setAdded(definitions.map(({ id, name, version }) => `${name} /${id} ${version}`));
    });
    for (const queryKey of [queryKeys.definitions, ['definition']]) {
      await queries.invalidateQueries({ queryKey });
    }
  };
  const sendChosen = (): void => {
    if (file !== undefined) void send(file);
  };
  return (
    <form
      className="card row"
      aria-label={text.definitions.upload}
      onSubmit={(event) => {
        event.preventDefault();
        sendChosen();
      }}
    >
      <label className="field">
        {text.definitions.file}
        <input type="file" accept=".xml" onChange={({ target }) => setFile(target.files?.[0])} />
      </label>
      <button
        type="submit"
        className="button primary"
        disabled={file === undefined || upload.progress !== undefined}
      >
        {text.definitions.upload}
      </button>
      <UploadState upload={upload} onRetry={sendChosen} />
      {added.length > 0 && <span role="status">{text.definitions.added(added.join(', '))}</span>}
    </form>
  );
}

import { type ReactNode, useState } from 'react';

import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { queries } from '../../server/live.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { text } from '../../text/en.ts';

/** Adds the definitions of a DDF file, which are used at once. */
export function UploadDefinition(): ReactNode {
  const { problem, act } = useAction(queryKeys.definitions);
  const [file, setFile] = useState<File>();
  const [added, setAdded] = useState<readonly string[]>([]);
  const upload = (chosen: File): Promise<boolean> =>
    act(async () => {
      const definitions = await api.definitions.upload(await chosen.text());
      setAdded(definitions.map(({ id, name, version }) => `${name} /${id} ${version}`));
      await queries.invalidateQueries({ queryKey: ['definition'] });
    });
  return (
    <form
      className="card row"
      aria-label={text.definitions.upload}
      onSubmit={(event) => {
        event.preventDefault();
        if (file !== undefined) void upload(file);
      }}
    >
      <label className="field">
        {text.definitions.file}
        <input type="file" accept=".xml" onChange={({ target }) => setFile(target.files?.[0])} />
      </label>
      <button type="submit" className="button primary" disabled={file === undefined}>
        {text.definitions.upload}
      </button>
      {problem !== undefined && <Failure error={problem} />}
      {added.length > 0 && <span role="status">{text.definitions.added(added.join(', '))}</span>}
    </form>
  );
}

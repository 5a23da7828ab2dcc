import type { TraceEntry } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { AskedStateText } from '../../../asking/asked-state.tsx';
import { useAsked, useAsking } from '../../../asking/use-asking.ts';
import { Failure } from '../../../components/failure.tsx';
import { api } from '../../../server/api.ts';
import { download } from '../../../server/download.ts';
import { text } from '../../../text/en.ts';

export type MessagesView = 'chart' | 'table';

export interface MessagesToolbarProps {
  readonly endpoint: string;
  readonly entries: readonly TraceEntry[];
  readonly isPaused: boolean;
  /** Messages that came since it was paused. */
  readonly held: number;
  readonly filter: string;
  readonly view: MessagesView;
  readonly onFilter: (filter: string) => void;
  readonly onView: (view: MessagesView) => void;
  readonly onPause: () => void;
  readonly onClear: () => void;
}

/** What can be done with the messages: filter, hold, export; and a Read, to have some. */
export function MessagesToolbar(props: MessagesToolbarProps): ReactNode {
  const { isPaused, held, filter, view, onFilter, onView, onPause, onClear } = props;
  return (
    <div className="row spread">
      <div className="row">
        <input
          type="search"
          aria-label={text.messages.filter}
          placeholder={text.messages.filter}
          data-shortcut="/"
          value={filter}
          onChange={({ target }) => onFilter(target.value)}
        />
        <button type="button" className="button small" aria-pressed={isPaused} onClick={onPause}>
          {isPaused ? text.messages.goOn(held) : text.messages.pause}
        </button>
        <button type="button" className="button small" onClick={onClear}>
          {text.messages.clear}
        </button>
        <button
          type="button"
          className="button small"
          aria-pressed={view === 'table'}
          onClick={() => onView(view === 'table' ? 'chart' : 'table')}
        >
          {text.messages.asTable}
        </button>
      </div>
      <Exports {...props} />
      <ReadSomething />
    </div>
  );
}

function ReadSomething(): ReactNode {
  const { endpoint, ask } = useAsking();
  const [path, setPath] = useState('/3/0/0');
  const asked = useAsked().get(path);
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        void ask('read', path, () => api.read(endpoint, path));
      }}
    >
      <input
        className="mono"
        size={12}
        aria-label={text.messages.readPath}
        value={path}
        onChange={({ target }) => setPath(target.value)}
      />
      <button type="submit" className="button small">
        {text.operations.read}
      </button>
      <span role="status">
        <AskedStateText asked={asked} />
      </span>
    </form>
  );
}

function Exports({ endpoint, entries }: MessagesToolbarProps): ReactNode {
  const [problem, setProblem] = useState<unknown>();
  const capture = async (): Promise<void> => {
    try {
      const bytes = await api.trace.capture(endpoint);
      download(`${endpoint}.pcapng`, new Blob([new Uint8Array(bytes)], { type: 'application/x-pcapng' }));
      setProblem(undefined);
    } catch (error) {
      setProblem(error);
    }
  };
  const saveJson = (): void => {
    const json = JSON.stringify(
      entries,
      (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
      2,
    );
    download(`${endpoint}.json`, new Blob([json], { type: 'application/json' }));
  };
  return (
    <div className="row">
      <button type="button" className="button small" disabled={entries.length === 0} onClick={saveJson}>
        {text.messages.saveJson}
      </button>
      <button
        type="button"
        className="button small"
        disabled={entries.length === 0}
        onClick={() => void capture()}
      >
        {text.messages.savePcap}
      </button>
      {problem !== undefined && <Failure error={problem} />}
    </div>
  );
}

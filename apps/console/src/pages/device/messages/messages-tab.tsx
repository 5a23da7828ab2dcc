import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react';

import { deviceRoute } from '../../../app/route.ts';
import { go } from '../../../app/use-route.ts';
import { Failure } from '../../../components/failure.tsx';
import { api } from '../../../server/api.ts';
import { perFrame } from '../../../server/per-frame.ts';
import { sleep } from '../../../server/sleep.ts';
import { text } from '../../../text/en.ts';
import { filterEntries } from './filter-entries.ts';
import { MessageDetail } from './message-detail.tsx';
import styles from './messages-tab.module.css';
import { MessagesToolbar, type MessagesView } from './messages-toolbar.tsx';
import { firstEntry, sequenceOf, type SequenceRow } from './sequence.ts';
import { SequenceChart } from './sequence-chart.tsx';
import { MessageTable } from './message-table.tsx';
import { TraceFollower } from './trace-follower.ts';

export interface MessagesTabProps {
  readonly endpoint: string;
  /** Which messages are shown; it is in the URL. */
  readonly filter: string;
}

/** The messages between the server and a device, as they come: recorded while this is open. */
export function MessagesTab({ endpoint, filter }: MessagesTabProps): ReactNode {
  const follower = useFollower(endpoint);
  const { entries, failure, isPaused, held } = useSyncExternalStore(
    (changed) => follower.subscribe(changed),
    () => follower.state,
  );
  const [view, setView] = useState<MessagesView>('chart');
  const [selectedId, setSelected] = useState<number>();
  const rows = useMemo(() => sequenceOf(filterEntries(entries, filter)), [entries, filter]);
  const selected = rows.find((row) => firstEntry(row).id === selectedId);
  const select = (row: SequenceRow): void => setSelected(firstEntry(row).id);
  return (
    <div className="stack">
      <MessagesToolbar
        endpoint={endpoint}
        entries={entries}
        isPaused={isPaused}
        held={held}
        filter={filter}
        view={view}
        onFilter={(changed) => go(deviceRoute(endpoint, 'messages', '', changed), { replace: true })}
        onView={setView}
        onPause={() => follower.pause(!isPaused)}
        onClear={() => follower.clear()}
      />
      {failure !== undefined && <Failure error={failure} />}
      {rows.length === 0 && <p className="muted">{text.messages.none}</p>}
      <div className={styles.split} data-open={selected !== undefined}>
        {view === 'chart' ? (
          <SequenceChart rows={rows} selected={selected} onSelect={select} />
        ) : (
          <MessageTable rows={rows} onSelect={select} />
        )}
        {selected !== undefined && <MessageDetail row={selected} onClose={() => setSelected(undefined)} />}
      </div>
    </div>
  );
}

function useFollower(endpoint: string): TraceFollower {
  const follower = useMemo(
    () => new TraceFollower(api.trace, endpoint, { sleep, collect: perFrame }),
    [endpoint],
  );
  useEffect(() => {
    void follower.run();
    return () => follower[Symbol.dispose]();
  }, [follower]);
  return follower;
}

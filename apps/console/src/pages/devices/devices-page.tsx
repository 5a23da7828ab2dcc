import { type ReactNode, useCallback, useDeferredValue, useState } from 'react';

import { deviceRoute } from '../../app/route.ts';
import { go } from '../../app/use-route.ts';
import { Failure } from '../../components/failure.tsx';
import { VirtualGrid } from '../../grid/virtual-grid.tsx';
import { text } from '../../text/en.ts';
import { fleetColumns } from './fleet-columns.tsx';
import type { FleetRow } from './fleet-list.ts';
import styles from './devices-page.module.css';
import { FirstRun } from './first-run.tsx';
import { useFleet } from './use-fleet.ts';

/** All registered devices, live, and the filter that is in the URL. */
export function DevicesPage({ filter }: { readonly filter: string }): ReactNode {
  const settled = useDeferredValue(filter.trim());
  const { state, list } = useFleet(settled);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    ({ device: { endpoint } }: FleetRow) =>
      setSelected((old) => {
        const changed = new Set(old);
        if (!changed.delete(endpoint)) changed.add(endpoint);
        return changed;
      }),
    [],
  );
  const isSelected = (row: FleetRow): boolean => selected.has(row.device.endpoint);
  const isEmpty = state.rows.length === 0 && state.isAll;
  return (
    <div className={styles.page}>
      <div className="row spread">
        <h1>{text.devices.title}</h1>
        <input
          type="search"
          className={styles.filter}
          aria-label={text.devices.filter}
          placeholder={text.devices.filterHint}
          data-shortcut="/"
          value={filter}
          onChange={({ target }) => go({ page: 'devices', filter: target.value }, { replace: true })}
        />
      </div>
      {state.failure !== undefined && <Failure error={state.failure} onRetry={() => void list.refresh()} />}
      {state.newcomers > 0 && (
        <div className={styles.newcomers}>
          <span role="status">{text.devices.newcomers(state.newcomers)}</span>
          <button type="button" className="button small" onClick={() => void list.refresh()}>
            {text.devices.show}
          </button>
        </div>
      )}
      {isEmpty && (settled === '' ? <FirstRun /> : <p className="muted">{text.devices.nothingFound}</p>)}
      {!isEmpty && (
        <VirtualGrid
          label={text.devices.grid}
          columns={fleetColumns(isSelected, toggle)}
          columnsClass={styles.columns}
          rows={state.rows}
          keyOf={(row) => row.device.endpoint}
          isAll={state.isAll}
          onNearEnd={list.loadMore}
          onOpen={(row) => go(deviceRoute(row.device.endpoint))}
          onSelect={toggle}
          isSelected={isSelected}
        />
      )}
      <p className="muted">{text.devices.shown(state.rows.length, state.isAll)}</p>
    </div>
  );
}

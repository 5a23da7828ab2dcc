import { type ReactNode, useCallback, useDeferredValue, useState } from 'react';

import { deviceRoute } from '../../app/route.ts';
import { go } from '../../app/use-route.ts';
import { Failure } from '../../components/failure.tsx';
import { VirtualGrid } from '../../grid/virtual-grid.tsx';
import { text } from '../../text/en.ts';
import { BulkBar } from './bulk/bulk-bar.tsx';
import { type ChoosableColumn, keepColumns, storedColumns } from './chosen-columns.ts';
import { ColumnChoice } from './column-choice.tsx';
import styles from './devices-page.module.css';
import { FilterField } from './filter-field.tsx';
import { FirstRun } from './first-run.tsx';
import { fleetColumns } from './fleet-columns.tsx';
import type { FleetList, FleetRow, FleetState } from './fleet-list.ts';
import { useFleet } from './use-fleet.ts';
import { ViewChoice } from './view-choice.tsx';

/** All registered devices, live, and the filter that is in the URL. */
export function DevicesPage({ filter }: { readonly filter: string }): ReactNode {
  const settled = useDeferredValue(filter.trim());
  const { state, list } = useFleet(settled);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [columns, setColumns] = useState(() => storedColumns(localStorage));
  return (
    <div className={styles.page}>
      <div className="row spread">
        <h1>{text.devices.title}</h1>
        <FilterField filter={filter} />
        <div className="row">
          <ViewChoice filter={settled} />
          <ColumnChoice
            chosen={columns}
            onChoose={(chosen) => {
              setColumns(chosen);
              keepColumns(localStorage, chosen);
            }}
          />
        </div>
      </div>
      {state.failure !== undefined && <Failure error={state.failure} onRetry={() => void list.refresh()} />}
      {state.total === 0 ? (
        <Nothing isFiltered={settled !== ''} />
      ) : (
        <FleetGrid columns={columns} state={state} list={list} selected={selected} onSelected={setSelected} />
      )}
      {/* Below the rows: above them it would push them down, just when somebody aims at one. */}
      {state.newcomers > 0 && (
        <div className={styles.newcomers}>
          <span role="status">{text.devices.newcomers(state.newcomers)}</span>
          <button type="button" className="button small" onClick={() => void list.refresh()}>
            {text.devices.show}
          </button>
        </div>
      )}
      <div className="row spread">
        <span className="muted">{state.total !== undefined && text.devices.shown(state.total)}</span>
        <BulkBar filter={settled} total={state.total ?? 0} selected={selected} onSelected={setSelected} />
      </div>
    </div>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  return isFiltered ? <p className="muted">{text.devices.nothingFound}</p> : <FirstRun />;
}

interface FleetGridProps {
  readonly columns: readonly ChoosableColumn[];
  readonly state: FleetState;
  readonly list: FleetList;
  readonly selected: ReadonlySet<string>;
  readonly onSelected: (selected: ReadonlySet<string>) => void;
}

function FleetGrid({ columns, state, list, selected, onSelected }: FleetGridProps): ReactNode {
  const show = useCallback((first: number, count: number) => list.show(first, count), [list]);
  const toggle = ({ device: { endpoint } }: FleetRow): void => {
    const changed = new Set(selected);
    if (!changed.delete(endpoint)) changed.add(endpoint);
    onSelected(changed);
  };
  const isSelected = (row: FleetRow): boolean => selected.has(row.device.endpoint);
  return (
    <VirtualGrid
      label={text.devices.grid}
      columns={fleetColumns(columns, isSelected, toggle)}
      count={state.total ?? 0}
      rowAt={(index) => list.rowAt(index)}
      onShow={show}
      onOpen={(row) => go(deviceRoute(row.device.endpoint))}
      onSelect={toggle}
      isSelected={isSelected}
    />
  );
}

import { Fragment, type KeyboardEvent, type ReactNode, useState } from 'react';

import { deviceRoute } from '../../../app/route.ts';
import { go } from '../../../app/use-route.ts';
import { AskedStateText } from '../../../asking/asked-state.tsx';
import { useAsked, useAsking } from '../../../asking/use-asking.ts';
import { Age } from '../../../components/age.tsx';
import { api } from '../../../server/api.ts';
import { text } from '../../../text/en.ts';
import { formatResource } from '../../../values/format-value.ts';
import { ObserveButton } from './level-head.tsx';
import { ResourceDetail } from './resource-detail.tsx';
import type { ResourceRow } from './resource-rows.ts';
import styles from './resource-table.module.css';

export type OpenForm = 'write' | 'execute' | 'attributes' | undefined;

export interface ResourceTableProps {
  readonly instancePath: string;
  readonly rows: readonly ResourceRow[];
  /** The Resource that is open. */
  readonly selected: number | undefined;
}

/** The Resources of an Object Instance: value, unit, age and origin, and what can be done with each. */
export function ResourceTable({ instancePath, rows, selected }: ResourceTableProps): ReactNode {
  const { endpoint } = useAsking();
  const [form, setForm] = useState<OpenForm>();
  const open = (row: ResourceRow, opened: OpenForm): void => {
    setForm(opened);
    go(deviceRoute(endpoint, 'resources', row.path), { replace: selected !== undefined });
  };
  const toggle = (row: ResourceRow): void => {
    if (row.id === selected) go(deviceRoute(endpoint, 'resources', instancePath), { replace: true });
    else open(row, undefined);
  };
  return (
    <div className={`card scroll ${styles.card ?? ''}`}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{text.resources.columns.name}</th>
            <th scope="col">{text.resources.columns.value}</th>
            <th scope="col">{text.resources.columns.age}</th>
            <th scope="col">{text.resources.columns.origin}</th>
            <th scope="col">{text.resources.columns.operations}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Fragment key={row.path}>
              <ResourceLine row={row} isOpen={row.id === selected} onToggle={toggle} onOpen={open} />
              {row.id === selected && (
                <tr className={styles.detail}>
                  <td colSpan={5}>
                    <ResourceDetail key={form} row={row} form={form} onForm={setForm} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="muted">{text.resources.nothingKnown}</p>}
    </div>
  );
}

interface ResourceLineProps {
  readonly row: ResourceRow;
  readonly isOpen: boolean;
  readonly onToggle: (row: ResourceRow) => void;
  readonly onOpen: (row: ResourceRow, form: OpenForm) => void;
}

function ResourceLine(props: ResourceLineProps): ReactNode {
  const { row, isOpen, onToggle, onOpen } = props;
  const asked = useAsked().get(row.path);
  return (
    <tr data-path={row.path}>
      <th scope="row">
        <button
          type="button"
          className={styles.name}
          aria-expanded={isOpen}
          onClick={() => onToggle(row)}
          onKeyDown={press}
        >
          {row.name} <span className="muted mono">{row.id}</span>
        </button>
        <AskedStateText asked={asked} />
      </th>
      <td className={styles.value}>
        <Value row={row} />
      </td>
      <td>{row.known !== undefined && <Age at={row.known.measuredAt ?? row.known.knownAt} />}</td>
      <td>{row.known !== undefined && text.origins[row.known.origin]}</td>
      <td className={styles.operations}>
        <OperationButtons row={row} onOpen={onOpen} />
      </td>
    </tr>
  );
}

type OperationButtonsProps = Pick<ResourceLineProps, 'row' | 'onOpen'>;

function OperationButtons({ row, onOpen }: OperationButtonsProps): ReactNode {
  const { endpoint, ask } = useAsking();
  const can = operationsOf(row);
  const button = (
    key: string,
    operation: 'read' | 'write-replace' | 'execute',
    act: () => void,
  ): ReactNode => (
    <button
      type="button"
      className="button small"
      data-key={key}
      aria-label={`${text.operations[operation]}: ${row.name}`}
      onClick={act}
    >
      {text.operations[operation]}
    </button>
  );
  return (
    <>
      {can.read &&
        button('r', 'read', () => void ask('read', row.path, (terms) => api.read(endpoint, row.path, terms)))}
      {can.write && button('w', 'write-replace', () => onOpen(row, 'write'))}
      {can.execute && button('x', 'execute', () => onOpen(row, 'execute'))}
      {can.read && <ObserveButton path={row.path} label={row.name} shortcut="o" />}
    </>
  );
}

/** On the name of a Resource: `r`, `w`, `x` and `o` press its buttons, `j`, `k` and the arrows go to the next. */
function press(event: KeyboardEvent<HTMLButtonElement>): void {
  const { key, currentTarget } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[key];
  if (step !== undefined) {
    const names = [
      ...(currentTarget.closest('table')?.querySelectorAll<HTMLElement>(`button[aria-expanded]`) ?? []),
    ];
    names[names.indexOf(currentTarget) + step]?.focus();
  } else if ('rwxo'.includes(key)) {
    currentTarget.closest('tr')?.querySelector<HTMLElement>(`[data-key=${key}]`)?.click();
  } else return;
  event.preventDefault();
}

function Value({ row: { known, definition } }: { readonly row: ResourceRow }): ReactNode {
  if (known === undefined) return <span className="muted">—</span>;
  const units = known.resource.units ?? definition?.units;
  const value = formatResource(known.resource);
  return (
    <span key={`${known.knownAt}${value}`} className={styles.flash}>
      {value}
      {units !== undefined && <span className="muted"> {units}</span>}
    </span>
  );
}

/** What the definition allows; without one, everything may be tried. */
function operationsOf({ definition }: ResourceRow): {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
} {
  const operations = definition?.operations;
  return {
    read: operations === undefined || operations === 'R' || operations === 'RW',
    write: operations === undefined || operations === 'W' || operations === 'RW',
    execute: operations === undefined || operations === 'E',
  };
}

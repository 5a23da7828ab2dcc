import { type ReactNode, useState } from 'react';

import { Failure } from '../../../components/failure.tsx';
import { api } from '../../../server/api.ts';
import { text } from '../../../text/en.ts';
import { BulkDialog } from './bulk-dialog.tsx';

/** The most devices that are selected at once: beyond, a script is the better tool. */
const mostSelected = 10_000;

export interface BulkBarProps {
  readonly filter: string;
  readonly total: number;
  readonly selected: ReadonlySet<string>;
  readonly onSelected: (selected: ReadonlySet<string>) => void;
}

/** What can be done with the devices that are selected. */
export function BulkBar({ filter, total, selected, onSelected }: BulkBarProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const selectAll = async (): Promise<void> => {
    try {
      onSelected(await endpointsOf(filter));
      setProblem(undefined);
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <div className="row">
      {problem !== undefined && <Failure error={problem} />}
      {total > 0 && total <= mostSelected && (
        <button type="button" className="button small" onClick={() => void selectAll()}>
          {text.bulk.selectAll(total)}
        </button>
      )}
      {selected.size > 0 && (
        <>
          <span role="status">{text.bulk.selected(selected.size)}</span>
          <button type="button" className="button small" onClick={() => onSelected(new Set())}>
            {text.bulk.selectNone}
          </button>
          <button type="button" className="button small primary" onClick={() => setOpen(true)}>
            {text.bulk.open}
          </button>
        </>
      )}
      {isOpen && <BulkDialog endpoints={[...selected]} onClose={() => setOpen(false)} />}
    </div>
  );
}

async function endpointsOf(filter: string): Promise<ReadonlySet<string>> {
  const endpoints = new Set<string>();
  let after: string | null = null;
  do {
    const query = { ...(filter === '' ? {} : { filter }), ...(after === null ? {} : { after }), limit: 1000 };
    const page: Awaited<ReturnType<typeof api.devices>> = await api.devices(query);
    for (const { endpoint } of page.devices) endpoints.add(endpoint);
    after = page.next;
  } while (after !== null && endpoints.size < mostSelected);
  return endpoints;
}

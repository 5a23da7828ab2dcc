import { type ReactNode, useState } from 'react';

import { Failure } from '../../../components/failure.tsx';
import { text } from '../../../text/en.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { endpointsOf, mostSelected } from './endpoints-of.ts';

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

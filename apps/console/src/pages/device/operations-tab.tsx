import type { OperationDocument } from '@dunlin/api';
import type { ReactNode } from 'react';

import { Age } from '../../components/age.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { useOperations } from '../../server/use-answers.ts';
import { errorText } from '../../text/error-text.ts';
import { text } from '../../text/en.ts';

/** Operations that wait for a device, and what became of the last. */
export function OperationsTab({ endpoint }: { readonly endpoint: string }): ReactNode {
  const { data, error } = useOperations(endpoint);
  const { problem, act } = useAction(queryKeys.operations(endpoint));
  if (error !== null) return <Failure error={error} />;
  if (data === undefined) return <p className="muted">{text.common.loading}</p>;
  if (data.operations.length === 0) return <p className="muted">{text.operationsList.none}</p>;
  return (
    <div className="stack">
      {problem !== undefined && <Failure error={problem} />}
      <DataTable
        label={text.device.tabs.operations}
        columns={[
          text.operationsList.id,
          text.operationsList.operation,
          text.common.path,
          text.common.state,
          text.operationsList.queued,
          text.operationsList.expires,
          text.common.remove,
        ]}
      >
        {data.operations.toReversed().map((operation) => (
          <OperationLine
            key={operation.id}
            operation={operation}
            onCancel={(id) => void act(() => api.operations.cancel(endpoint, id))}
          />
        ))}
      </DataTable>
    </div>
  );
}

interface OperationLineProps {
  readonly operation: OperationDocument;
  readonly onCancel: (id: number) => void;
}

function OperationLine({ operation, onCancel }: OperationLineProps): ReactNode {
  const { id, path, name, state, queuedAt, expiresAt, error } = operation;
  return (
    <tr>
      <td className="number">{id}</td>
      <td>{text.operations[operation.operation]}</td>
      <td>
        <span className="mono">{path}</span> {name ?? ''}
      </td>
      <td>
        {text.operationStates[state]}{' '}
        {error !== undefined && <span className="bad">{errorText(new Error(error.message))}</span>}
      </td>
      <td>
        <Age at={queuedAt} />
      </td>
      <td>{state === 'waiting' && <Age at={expiresAt} />}</td>
      <td>
        <button
          type="button"
          className="button small"
          aria-label={text.operationsList.cancel(id)}
          onClick={() => onCancel(id)}
        >
          {state === 'waiting' ? text.common.cancel : text.common.remove}
        </button>
      </td>
    </tr>
  );
}

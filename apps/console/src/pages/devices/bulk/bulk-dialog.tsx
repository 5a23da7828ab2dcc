import { OperationQueuedError } from '@dunlin/api';
import { type ReactNode, useRef, useState } from 'react';

import { deviceRoute } from '../../../app/route.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { RouteLink } from '../../../components/route-link.tsx';
import { errorText } from '../../../text/error-text.ts';
import { text } from '../../../text/en.ts';
import { type BulkInput, bulkOperations, doBulk } from './bulk-operation.ts';
import { type BulkResult, bulkRun } from './bulk-run.ts';

export interface BulkDialogProps {
  readonly endpoints: readonly string[];
  readonly onClose: () => void;
}

/** Does the same to several devices, and tells of each what became of it. */
export function BulkDialog({ endpoints, onClose }: BulkDialogProps): ReactNode {
  const [results, setResults] = useState<ReadonlyMap<string, BulkResult>>();
  const [isRunning, setRunning] = useState(false);
  const stopping = useRef(new AbortController());
  const run = async (input: BulkInput): Promise<void> => {
    stopping.current = new AbortController();
    setResults(new Map(endpoints.map((endpoint) => [endpoint, { kind: 'waiting' }])));
    setRunning(true);
    await bulkRun(endpoints, {
      act: (endpoint) => doBulk(endpoint, input),
      tell: resultOfError,
      signal: stopping.current.signal,
      onResult: (endpoint, result) => setResults((old) => new Map(old).set(endpoint, result)),
    });
    setRunning(false);
  };
  const close = (): void => {
    stopping.current.abort();
    onClose();
  };
  return (
    <Dialog title={text.bulk.title(endpoints.length)} onClose={close}>
      {results === undefined ? (
        <BulkForm count={endpoints.length} onRun={(input) => void run(input)} />
      ) : (
        <>
          {isRunning && (
            <button type="button" className="button" onClick={() => stopping.current.abort()}>
              {text.bulk.stop}
            </button>
          )}
          <BulkResults results={results} />
        </>
      )}
    </Dialog>
  );
}

interface BulkFormProps {
  readonly count: number;
  readonly onRun: (input: BulkInput) => void;
}

function BulkForm({ count, onRun }: BulkFormProps): ReactNode {
  const [operation, setOperation] = useState<BulkInput['operation']>('read');
  const [path, setPath] = useState('/3/0/0');
  const [argument, setArgument] = useState('');
  const [typed, setTyped] = useState('');
  // What changes nothing needs no confirmation.
  const isHarmless = operation === 'read' || operation === 'observe';
  const isReady = isHarmless || typed === String(count);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onRun({ operation, path, argument });
      }}
    >
      <label className="field">
        {text.bulk.operation}
        <select
          value={operation}
          onChange={({ target }) =>
            setOperation(bulkOperations.find((each) => each === target.value) ?? 'read')
          }
        >
          {bulkOperations.map((each) => (
            <option key={each} value={each}>
              {text.bulk.operations[each]}
            </option>
          ))}
        </select>
      </label>
      {operation !== 'tag' && (
        <label className="field">
          {text.common.path}
          <input className="mono" value={path} onChange={({ target }) => setPath(target.value)} />
        </label>
      )}
      {(operation === 'write' || operation === 'execute' || operation === 'tag') && (
        <label className="field">
          {text.bulk.arguments[operation]}
          <input value={argument} onChange={({ target }) => setArgument(target.value)} />
        </label>
      )}
      {!isHarmless && (
        <label className="field">
          {text.common.confirmTyping(String(count))}
          <input inputMode="numeric" value={typed} onChange={({ target }) => setTyped(target.value)} />
        </label>
      )}
      <div>
        <button type="submit" className="button primary" disabled={!isReady}>
          {text.bulk.run(count)}
        </button>
      </div>
    </form>
  );
}

function BulkResults({ results }: { readonly results: ReadonlyMap<string, BulkResult> }): ReactNode {
  const all = [...results.entries()];
  const count = (kind: BulkResult['kind']): number => all.filter(([, result]) => result.kind === kind).length;
  return (
    <div className="stack">
      <p role="status">{text.bulk.summary(count('done'), count('failed'), results.size)}</p>
      <progress aria-label={text.bulk.progress} max={results.size} value={count('done') + count('failed')} />
      <table>
        <tbody>
          {all.map(([endpoint, result]) => (
            <tr key={endpoint}>
              <th scope="row">
                <RouteLink to={deviceRoute(endpoint)}>{endpoint}</RouteLink>
              </th>
              <td className={result.kind === 'failed' ? 'bad' : undefined}>
                {'text' in result ? result.text : text.bulk.states[result.kind]}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function resultOfError(error: unknown): BulkResult {
  if (error instanceof OperationQueuedError)
    return { kind: 'done', text: text.bulk.queued(error.operation.id) };
  return { kind: 'failed', text: errorText(error) };
}

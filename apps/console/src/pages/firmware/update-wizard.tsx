import type {
  FirmwareImageDocument,
  FirmwareUpdateDocument,
  FirmwareUpdateInput,
  ServerEvent,
} from '@dunlin/api';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue, useEffect, useRef, useState } from 'react';

import { deviceRoute } from '../../app/route.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { RouteLink } from '../../components/route-link.tsx';
import { api } from '../../server/api.ts';
import { live } from '../../server/live.ts';
import { errorText } from '../../text/error-text.ts';
import { text } from '../../text/en.ts';
import { type BulkResult, bulkRun } from '../devices/bulk/bulk-run.ts';
import { endpointsOf, mostSelected } from '../devices/bulk/endpoints-of.ts';
import { isOver } from '../device/firmware/update-progress.tsx';
import { ImageChoice, type ImageChosen } from './image-choice.tsx';

export interface UpdateWizardProps {
  readonly images: readonly FirmwareImageDocument[];
  readonly onClose: () => void;
}

/** Updates the devices that fit a filter, and shows how far each is. The server goes on when this is closed. */
export function UpdateWizard({ images, onClose }: UpdateWizardProps): ReactNode {
  const [results, setResults] = useState<ReadonlyMap<string, BulkResult>>();
  const [problem, setProblem] = useState<unknown>();
  const stopping = useRef(new AbortController());
  const start = async (filter: string, input: FirmwareUpdateInput): Promise<void> => {
    try {
      const endpoints = [...(await endpointsOf(filter))];
      setResults(new Map(endpoints.map((endpoint) => [endpoint, { kind: 'waiting' }])));
      await bulkRun(endpoints, {
        act: async (endpoint) => {
          await api.firmware.update(endpoint, input);
          return text.firmware.wizard.started;
        },
        tell: (error) => ({ kind: 'failed', text: errorText(error) }),
        signal: stopping.current.signal,
        onResult: (endpoint, result) => setResults((old) => new Map(old).set(endpoint, result)),
      });
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <Dialog title={text.firmware.wizard.title} onClose={onClose}>
      {problem !== undefined && <Failure error={problem} />}
      {results === undefined ? (
        <WizardForm images={images} onStart={(filter, input) => void start(filter, input)} />
      ) : (
        <>
          <div>
            <button type="button" className="button" onClick={() => stopping.current.abort()}>
              {text.firmware.wizard.stop}
            </button>
          </div>
          <Progress results={results} />
        </>
      )}
    </Dialog>
  );
}

interface WizardFormProps {
  readonly images: readonly FirmwareImageDocument[];
  readonly onStart: (filter: string, input: FirmwareUpdateInput) => void;
}

function WizardForm({ images, onStart }: WizardFormProps): ReactNode {
  const [chosen, setChosen] = useState<ImageChosen>({
    image: images[0]?.id,
    method: 'automatic',
    install: 'automatic',
  });
  const [filter, setFilter] = useState('state:registered has:/5');
  const [typed, setTyped] = useState('');
  const settled = useDeferredValue(filter.trim());
  const { data: count, error } = useQuery({
    queryKey: ['fitting', settled],
    enabled: settled !== '',
    queryFn: async ({ signal }) => (await api.devices({ filter: settled, limit: 1 }, { signal })).total,
    staleTime: 0,
  });
  const isReady = count !== undefined && count > 0 && count <= mostSelected && typed === String(count);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        const { image, method, install } = chosen;
        if (isReady && image !== undefined) onStart(settled, { image, method, install });
      }}
    >
      <ImageChoice images={images} chosen={chosen} onChosen={setChosen} />
      <label className="field">
        {text.firmware.wizard.filter}
        <input className="mono" value={filter} onChange={({ target }) => setFilter(target.value)} />
      </label>
      {error !== null && <Failure error={error} />}
      {count !== undefined && <p role="status">{countText(count)}</p>}
      {count !== undefined && count > 0 && (
        <label className="field">
          {text.common.confirmTyping(String(count))}
          <input inputMode="numeric" value={typed} onChange={({ target }) => setTyped(target.value)} />
        </label>
      )}
      <div>
        <button type="submit" className="button primary" disabled={!isReady}>
          {text.firmware.wizard.start(count ?? 0)}
        </button>
      </div>
    </form>
  );
}

function countText(count: number): string {
  if (count === 0) return text.firmware.wizard.none;
  return count > mostSelected ? text.firmware.wizard.tooMany : text.firmware.wizard.count(count);
}

function Progress({ results }: { readonly results: ReadonlyMap<string, BulkResult> }): ReactNode {
  const updates = useUpdates();
  const endpoints = [...results.keys()];
  const succeeded = endpoints.filter((endpoint) => updates.get(endpoint)?.state === 'succeeded').length;
  const failed = endpoints.filter((endpoint) => {
    const update = updates.get(endpoint);
    return (
      results.get(endpoint)?.kind === 'failed' ||
      (update !== undefined && isOver(update) && update.state !== 'succeeded')
    );
  }).length;
  return (
    <>
      <p role="status">{text.firmware.wizard.summary(succeeded, failed, endpoints.length)}</p>
      <table aria-label={text.firmware.wizard.title}>
        <tbody>
          {endpoints.map((endpoint) => (
            <ProgressLine
              key={endpoint}
              endpoint={endpoint}
              result={results.get(endpoint)}
              update={updates.get(endpoint)}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

interface ProgressLineProps {
  readonly endpoint: string;
  readonly result: BulkResult | undefined;
  readonly update: FirmwareUpdateDocument | undefined;
}

function ProgressLine({ endpoint, result, update }: ProgressLineProps): ReactNode {
  const started = result === undefined ? '' : 'text' in result ? result.text : text.bulk.states[result.kind];
  return (
    <tr>
      <th scope="row">
        <RouteLink to={deviceRoute(endpoint, 'firmware')}>{endpoint}</RouteLink>
      </th>
      <td>
        {update !== undefined && (
          <progress
            aria-label={text.firmware.progress(endpoint)}
            max={update.image.size}
            value={update.transferred}
          />
        )}
      </td>
      <td className={result?.kind === 'failed' || update?.state === 'failed' ? 'bad' : undefined}>
        {update === undefined ? started : (update.failure?.message ?? text.firmware.states[update.state])}
      </td>
    </tr>
  );
}

/** The updates of which something was heard since this is shown. */
function useUpdates(): ReadonlyMap<string, FirmwareUpdateDocument> {
  const [updates, setUpdates] = useState<ReadonlyMap<string, FirmwareUpdateDocument>>(new Map());
  useEffect(() => {
    const take = (event: ServerEvent): void => {
      if (event.type !== 'firmware-progress' && event.type !== 'firmware-finished') return;
      const { update } = event;
      setUpdates((old) => new Map(old).set(update.endpoint, update));
    };
    const subscription = live.events.subscribe(take);
    return () => subscription[Symbol.dispose]();
  }, []);
  return updates;
}

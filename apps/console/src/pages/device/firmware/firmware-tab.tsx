import { ApiError, type DeviceSummary, type FirmwareUpdateDocument } from '@dunlin/api';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { Age } from '../../../components/age.tsx';
import { Failure } from '../../../components/failure.tsx';
import { api } from '../../../server/api.ts';
import { queries } from '../../../server/live.ts';
import { queryKeys } from '../../../server/query-keys.ts';
import { text } from '../../../text/en.ts';
import { StartUpdate } from './start-update.tsx';
import { isOver, UpdateProgress } from './update-progress.tsx';

/** The update of a device's firmware: the one under way or the last one, and starting another. */
export function FirmwareTab({ device }: { readonly device: DeviceSummary }): ReactNode {
  const { endpoint, objects } = device;
  const { data: update, error } = useFirmwareUpdate(endpoint);
  const [problem, setProblem] = useState<unknown>();
  const act = async (action: () => Promise<FirmwareUpdateDocument>): Promise<void> => {
    try {
      await action();
      setProblem(undefined);
    } catch (failure) {
      setProblem(failure);
    }
    await queries.invalidateQueries({ queryKey: queryKeys.firmware(endpoint) });
  };
  if (!objects.some(({ id }) => id === 5)) return <p className="notice">{text.firmware.unsupported}</p>;
  return (
    <div className="stack">
      {error !== null && <Failure error={error} />}
      {problem !== undefined && <Failure error={problem} />}
      {update !== undefined && update !== null && (
        <section className="card stack" aria-label={text.firmware.update}>
          <UpdateProgress update={update} />
          <div className="row">
            {update.state === 'downloaded' && (
              <button
                type="button"
                className="button primary"
                onClick={() => void act(() => api.firmware.install(endpoint))}
              >
                {text.firmware.install}
              </button>
            )}
            {!isOver(update) && update.state !== 'installing' && (
              <button
                type="button"
                className="button"
                onClick={() => void act(() => api.firmware.cancel(endpoint))}
              >
                {text.common.cancel}
              </button>
            )}
          </div>
          <UpdateLog update={update} />
        </section>
      )}
      {(update === null || (update !== undefined && isOver(update))) && (
        <StartUpdate
          endpoint={endpoint}
          onStart={(input) => void act(() => api.firmware.update(endpoint, input))}
        />
      )}
    </div>
  );
}

/** The update under way or the last one; `null` when there was none. */
function useFirmwareUpdate(endpoint: string): UseQueryResult<FirmwareUpdateDocument | null> {
  return useQuery({
    queryKey: queryKeys.firmware(endpoint),
    queryFn: async ({ signal }) => {
      try {
        return await api.firmware.status(endpoint, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
}

function UpdateLog({ update: { log } }: { readonly update: FirmwareUpdateDocument }): ReactNode {
  return (
    <details open>
      <summary>{text.firmware.log}</summary>
      <ol>
        {log?.map(({ at, message }) => (
          <li key={`${at} ${message}`}>
            <span className="muted">
              <Age at={at} />
            </span>{' '}
            {message}
          </li>
        ))}
      </ol>
    </details>
  );
}

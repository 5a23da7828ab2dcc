import type { ReactNode } from 'react';

import { AskedStateText } from '../../asking/asked-state.tsx';
import { useAsked, useAsking } from '../../asking/use-asking.ts';
import { Age } from '../../components/age.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { useObservations } from '../../server/use-answers.ts';
import { text } from '../../text/en.ts';

/** What is observed on a device, or shall be, and where each stands. */
export function ObservationsTab({ endpoint }: { readonly endpoint: string }): ReactNode {
  const { data: observations = [], error, isSuccess } = useObservations(endpoint);
  const { ask } = useAsking();
  const asked = useAsked();
  const cancel = (path: string, way: 'active' | 'passive'): void =>
    void ask('cancel-observation', path, () => api.cancelObservation(endpoint, path, { way }));
  if (error !== null) return <Failure error={error} />;
  if (isSuccess && observations.length === 0) return <p className="muted">{text.observations.none}</p>;
  return (
    <DataTable
      label={text.device.tabs.observations}
      columns={[
        text.common.path,
        text.common.name,
        text.common.state,
        text.observations.since,
        text.observations.cancel,
      ]}
    >
      {observations.map(({ path, name, state, since, reason }) => (
        <tr key={path}>
          <td className="mono">{path}</td>
          <td>{name ?? ''}</td>
          <td>
            {text.desired[state]} {reason !== undefined && <span className="bad">{reason}</span>}
            <AskedStateText asked={asked.get(path)} />
          </td>
          <td>
            <Age at={since} />
          </td>
          <td className="row">
            {(['active', 'passive'] as const).map((way) => (
              <button
                key={way}
                type="button"
                className="button small"
                aria-label={`${text.observations[way]}: ${path}`}
                onClick={() => cancel(path, way)}
              >
                {text.observations[way]}
              </button>
            ))}
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

import type { ReactNode } from 'react';

import { AskedStateText } from '../../asking/asked-state.tsx';
import { useAsked, useAsking } from '../../asking/use-asking.ts';
import { Age } from '../../components/age.tsx';
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
    <div className="card scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{text.common.path}</th>
            <th scope="col">{text.common.name}</th>
            <th scope="col">{text.common.state}</th>
            <th scope="col">{text.observations.since}</th>
            <th scope="col">{text.observations.cancel}</th>
          </tr>
        </thead>
        <tbody>
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
        </tbody>
      </table>
    </div>
  );
}

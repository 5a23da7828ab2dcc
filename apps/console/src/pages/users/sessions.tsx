import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Age } from '../../components/age.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { text } from '../../text/en.ts';

/** The sessions of browsers, each of which can be ended. */
export function Sessions(): ReactNode {
  const { data, error } = useQuery({
    queryKey: queryKeys.sessions,
    queryFn: ({ signal }) => api.access.sessions({ limit: 1000 }, { signal }),
  });
  const { problem, act } = useAction(queryKeys.sessions);
  return (
    <>
      <h2>{text.sessions.title}</h2>
      {error !== null && <Failure error={error} />}
      {problem !== undefined && <Failure error={problem} />}
      {data !== undefined && (
        <DataTable label={text.sessions.title} columns={text.sessions.columns}>
          {data.sessions.map(({ id, user, from, userAgent, createdAt, usedAt, isCurrent }) => (
            <tr key={id}>
              <th scope="row">{user}</th>
              <td className="mono">{from}</td>
              <td>{userAgent ?? ''}</td>
              <td>
                <Age at={createdAt} />
              </td>
              <td>
                <Age at={usedAt} />
              </td>
              <td>
                {isCurrent ? (
                  text.sessions.current
                ) : (
                  <button
                    type="button"
                    className="button small"
                    aria-label={text.sessions.endOf(user)}
                    onClick={() => void act(() => api.access.endSession(id))}
                  >
                    {text.sessions.end}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </DataTable>
      )}
    </>
  );
}

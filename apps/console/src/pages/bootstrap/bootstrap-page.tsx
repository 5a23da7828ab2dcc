import type { BootstrapDocument } from '@dunlin/api';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { Age } from '../../components/age.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { RemoveButton } from '../../components/remove-button.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { text } from '../../text/en.ts';
import { ConfigurationDialog } from './configuration-dialog.tsx';
import { targetText } from './configuration-draft.ts';
import { SessionTimeline } from './session-timeline.tsx';

/** What devices are given before they register, and how it went. */
export function BootstrapPage(): ReactNode {
  const [edited, setEdited] = useState<BootstrapDocument | 'new'>();
  return (
    <div className="stack">
      <div className="row spread">
        <h1>{text.pages.bootstrap}</h1>
        <button type="button" className="button primary" onClick={() => setEdited('new')}>
          {text.bootstrap.add}
        </button>
      </div>
      <Configurations onEdit={setEdited} />
      <Sessions />
      {edited !== undefined && (
        <ConfigurationDialog
          configuration={edited === 'new' ? undefined : edited}
          onClose={() => setEdited(undefined)}
        />
      )}
    </div>
  );
}

function Configurations({
  onEdit,
}: {
  readonly onEdit: (configuration: BootstrapDocument) => void;
}): ReactNode {
  const { data, error } = useQuery({
    queryKey: queryKeys.bootstrapConfigurations,
    queryFn: ({ signal }) => api.bootstrap.configurations({ limit: 1000 }, { signal }),
  });
  const { problem, act } = useAction(queryKeys.bootstrapConfigurations);
  return (
    <>
      {error !== null && <Failure error={error} />}
      {problem !== undefined && <Failure error={problem} />}
      {data?.configurations.length === 0 && <p className="notice">{text.bootstrap.none}</p>}
      {data !== undefined && data.configurations.length > 0 && (
        <DataTable label={text.bootstrap.configurations} columns={text.bootstrap.columns}>
          {data.configurations.map((configuration) => {
            const { target, servers, updatedAt } = configuration;
            const name = targetText(target);
            return (
              <tr key={`${'endpoint' in target ? 'endpoint' : 'pattern'} ${name}`}>
                <th scope="row">{name}</th>
                <td>
                  {servers.map(({ uri, shortServerId, security }) => (
                    <div key={shortServerId}>
                      <span className="mono">{uri}</span> {text.bootstrap.security[security?.kind ?? 'none']}
                    </div>
                  ))}
                </td>
                <td>
                  <Age at={updatedAt} />
                </td>
                <td className="row">
                  <button
                    type="button"
                    className="button small"
                    aria-label={text.bootstrap.editOf(name)}
                    onClick={() => onEdit(configuration)}
                  >
                    {text.bootstrap.edit}
                  </button>
                  <RemoveButton
                    name={name}
                    explanation={text.bootstrap.removeExplanation}
                    onRemove={() => void act(() => api.bootstrap.removeConfiguration(target))}
                  />
                </td>
              </tr>
            );
          })}
        </DataTable>
      )}
    </>
  );
}

function Sessions(): ReactNode {
  const { data, error } = useQuery({
    queryKey: queryKeys.bootstrapSessions,
    queryFn: ({ signal }) => api.bootstrap.sessions({ limit: 50 }, { signal }),
  });
  return (
    <>
      <h2>{text.bootstrap.sessions}</h2>
      {error !== null && <Failure error={error} />}
      {data?.sessions.length === 0 && <p className="muted">{text.bootstrap.noSessions}</p>}
      {data?.sessions.map((session) => (
        <SessionTimeline key={session.id} session={session} />
      ))}
    </>
  );
}

import type { AuditEntryDocument, AuditOutcome } from '@dunlin/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue, useState } from 'react';

import { deviceRoute } from '../../app/route.ts';
import { Age } from '../../components/age.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { MoreButton } from '../../components/more-button.tsx';
import { RouteLink } from '../../components/route-link.tsx';
import { api } from '../../server/api.ts';
import { download } from '../../server/download.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { text } from '../../text/en.ts';

const outcomes: readonly AuditOutcome[] = ['done', 'refused', 'failed'];

interface AuditFilter {
  readonly actor: string;
  readonly endpoint: string;
  readonly outcome: AuditOutcome | '';
}

/** Who changed what, from where, and what was not allowed; the newest first. */
export function AuditPage(): ReactNode {
  const [filter, setFilter] = useState<AuditFilter>({ actor: '', endpoint: '', outcome: '' });
  const { actor, endpoint, outcome } = useDeferredValue(filter);
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [...queryKeys.audit, actor, endpoint, outcome],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) => {
      const query = {
        ...(actor === '' ? {} : { actor }),
        ...(endpoint === '' ? {} : { endpoint }),
        ...(outcome === '' ? {} : { outcome }),
        ...(pageParam === '' ? {} : { after: pageParam }),
      };
      return api.access.audit(query, { signal });
    },
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
  });
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <div className="stack">
      <h1>{text.pages.audit}</h1>
      <AuditFilters filter={filter} onFilter={setFilter} entries={entries} />
      {error !== null && <Failure error={error} />}
      <DataTable label={text.pages.audit} columns={text.audit.columns}>
        {entries.map((entry) => (
          <AuditLine key={entry.id} entry={entry} />
        ))}
      </DataTable>
      <MoreButton isThere={hasNextPage} onMore={fetchNextPage} />
    </div>
  );
}

interface AuditFiltersProps {
  readonly filter: AuditFilter;
  readonly onFilter: (filter: AuditFilter) => void;
  readonly entries: readonly AuditEntryDocument[];
}

function AuditFilters({ filter, onFilter, entries }: AuditFiltersProps): ReactNode {
  const save = (): void =>
    download('audit.json', new Blob([JSON.stringify(entries, null, 2)], { type: 'application/json' }));
  return (
    <div className="row">
      <label className="field">
        {text.audit.actor}
        <input
          data-shortcut="/"
          value={filter.actor}
          onChange={({ target }) => onFilter({ ...filter, actor: target.value })}
        />
      </label>
      <label className="field">
        {text.audit.endpoint}
        <input
          value={filter.endpoint}
          onChange={({ target }) => onFilter({ ...filter, endpoint: target.value })}
        />
      </label>
      <label className="field">
        {text.audit.outcome}
        <select
          value={filter.outcome}
          onChange={({ target }) =>
            onFilter({ ...filter, outcome: outcomes.find((each) => each === target.value) ?? '' })
          }
        >
          <option value="">{text.audit.any}</option>
          {outcomes.map((each) => (
            <option key={each} value={each}>
              {text.audit.outcomes[each]}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="button" onClick={save}>
        {text.messages.saveJson}
      </button>
    </div>
  );
}

function AuditLine({ entry }: { readonly entry: AuditEntryDocument }): ReactNode {
  const { time, actorKind, actor, from, action, endpoint, path, subject, outcome, error } = entry;
  return (
    <tr>
      <td>
        <Age at={time} />
      </td>
      <td>
        {actor ?? text.audit.actors[actorKind]}{' '}
        {actor !== null && <span className="muted">{text.audit.actors[actorKind]}</span>}
      </td>
      <td className="mono">{from ?? ''}</td>
      <td>{action}</td>
      <td>
        {endpoint !== null && <RouteLink to={deviceRoute(endpoint)}>{endpoint}</RouteLink>}{' '}
        <span className="mono">{path ?? ''}</span> {subject ?? ''}
      </td>
      <td className={outcome === 'done' ? undefined : 'bad'}>
        {text.audit.outcomes[outcome]} {error ?? ''}
      </td>
    </tr>
  );
}

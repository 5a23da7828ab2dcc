import type { SmsOutboxEntryDocument } from '@dunlin/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { deviceRoute } from '../../app/route.ts';
import { Age } from '../../components/age.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { MoreButton } from '../../components/more-button.tsx';
import { RouteLink } from '../../components/route-link.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { smsInterval } from '../../server/use-sms.ts';
import { text } from '../../text/en.ts';

export interface OutboxTableProps {
  /** Only what has this in its endpoint name or number; empty for all. */
  readonly contains: string;
  /** Only what is for this device. */
  readonly endpoint?: string;
}

/** What is on its way and what was sent lately, the newest first; looked at again while it is shown. */
export function OutboxTable({ contains, endpoint }: OutboxTableProps): ReactNode {
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [...queryKeys.smsOutbox, contains],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ signal, pageParam }) => {
      const query = {
        ...(contains === '' ? {} : { contains }),
        ...(pageParam === undefined ? {} : { after: pageParam }),
      };
      return api.sms.outbox(query, { signal });
    },
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: smsInterval,
  });
  if (error !== null) return <Failure error={error} />;
  const entries = (data?.pages.flatMap((page) => page.entries) ?? []).filter(
    (entry) => endpoint === undefined || entry.endpoint === endpoint,
  );
  if (data !== undefined && entries.length === 0) return <p className="muted">{text.sms.outboxEmpty}</p>;
  return (
    <>
      <DataTable label={text.sms.outbox} columns={text.sms.outboxColumns}>
        {entries.map((entry) => (
          <OutboxLine key={entry.id} entry={entry} />
        ))}
      </DataTable>
      <MoreButton isThere={hasNextPage} onMore={fetchNextPage} />
    </>
  );
}

function OutboxLine({ entry }: { readonly entry: SmsOutboxEntryDocument }): ReactNode {
  const { to, endpoint, purpose, parts, spent, state, queuedAt, changedAt, reason } = entry;
  return (
    <tr>
      <td>
        <Age at={queuedAt} />
      </td>
      <td>
        {endpoint !== null && (
          <>
            <RouteLink to={deviceRoute(endpoint, 'sms')}>{endpoint}</RouteLink>{' '}
          </>
        )}
        <span className="mono">{to}</span>
      </td>
      <td>{text.sms.purposes[purpose] ?? purpose}</td>
      <td>{spent === parts ? parts : `${spent} / ${parts}`}</td>
      <td>
        {text.sms.states[state] ?? state}
        {reason !== null && <span className="bad"> {reason}</span>}
      </td>
      <td>
        <Age at={changedAt} />
      </td>
    </tr>
  );
}

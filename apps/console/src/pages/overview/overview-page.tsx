import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { EventList } from '../../components/event-list.tsx';
import { Failure } from '../../components/failure.tsx';
import { RouteLink } from '../../components/route-link.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useRecentEvents } from '../../server/recent-events.ts';
import { text } from '../../text/en.ts';
import { FirstRun } from '../devices/first-run.tsx';
import styles from './overview-page.module.css';

/** What the tiles count, each by the filter that lists the same. */
const counted = [
  { key: 'registered', filter: '' },
  { key: 'online', filter: 'state:online' },
  { key: 'asleep', filter: 'state:asleep' },
  { key: 'offline', filter: 'state:offline' },
  { key: 'queued', filter: 'queued>0' },
] as const;

/** Events that are listed. */
const listed = 12;

/** What is, at a glance: how many devices are reachable, and what happened last. Each number leads to its list. */
export function OverviewPage(): ReactNode {
  const { data: counts, error } = useQuery({
    queryKey: queryKeys.overview,
    refetchInterval: 5000,
    queryFn: async ({ signal }) =>
      new Map(
        await Promise.all(
          counted.map(async ({ key, filter }) => {
            const query = filter === '' ? { limit: 1 } : { filter, limit: 1 };
            return [key, (await api.devices(query, { signal })).total] as const;
          }),
        ),
      ),
  });
  const events = useRecentEvents().filter(({ type }) => type !== 'updated' && type !== 'notification');
  return (
    <div className="stack">
      <h1>{text.pages.overview}</h1>
      {error !== null && <Failure error={error} />}
      <ul className={styles.tiles}>
        {counted.map(({ key, filter }) => (
          <li key={key}>
            <RouteLink to={{ page: 'devices', filter }} className={styles.tile}>
              <span className={styles.number}>{counts?.get(key) ?? '…'}</span>
              <span>{text.overview.counts[key]}</span>
            </RouteLink>
          </li>
        ))}
      </ul>
      {counts?.get('registered') === 0 && <FirstRun />}
      <h2>{text.overview.events}</h2>
      {events.length === 0 ? (
        <p className="muted">{text.events.none}</p>
      ) : (
        <EventList events={events.slice(0, listed)} />
      )}
    </div>
  );
}

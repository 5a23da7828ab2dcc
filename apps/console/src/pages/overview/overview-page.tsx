import type { OverviewCount, OverviewDocument } from '@dunlin/api';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Age } from '../../components/age.tsx';
import { EventList } from '../../components/event-list.tsx';
import { Failure } from '../../components/failure.tsx';
import { RouteLink } from '../../components/route-link.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { text } from '../../text/en.ts';
import { FirstRun } from '../devices/first-run.tsx';
import { MinuteBars } from './minute-bars.tsx';
import { SmsCard } from './sms-card.tsx';
import styles from './overview-page.module.css';

/** What the tiles count, each with the filter that lists the same. */
const states = [
  { key: 'registered', filter: '' },
  { key: 'online', filter: 'state:online' },
  { key: 'asleep', filter: 'state:asleep' },
  { key: 'offline', filter: 'state:offline' },
] as const;

/** What is told of the last minute. */
const rates: readonly OverviewCount[] = [
  'registrations',
  'updates',
  'notifications',
  'messagesIn',
  'messagesOut',
  'retransmissions',
  'handshakes',
  'handshakeFailures',
];

/** Milliseconds between two looks. */
const interval = 3000;

/** Events that are listed. */
const listed = 15;

/** What is, at a glance: how many devices can be reached, how much goes on, and what happened last. */
export function OverviewPage(): ReactNode {
  const { data, error } = useQuery({
    queryKey: queryKeys.overview,
    queryFn: ({ signal }) => api.overview({ signal }),
    refetchInterval: interval,
  });
  return (
    <div className="stack">
      <h1>{text.pages.overview}</h1>
      {error !== null && <Failure error={error} />}
      {data !== undefined && <Glance overview={data} />}
    </div>
  );
}

function Glance({ overview }: { readonly overview: OverviewDocument }): ReactNode {
  const { devices, lastMinute, minutes, events, startedAt } = overview;
  return (
    <>
      <ul className={styles.tiles}>
        {states.map(({ key, filter }) => (
          <li key={key}>
            <RouteLink to={{ page: 'devices', filter }} className={styles.tile}>
              <span className={styles.number}>{devices[key]}</span> <span>{text.overview.states[key]}</span>
            </RouteLink>
          </li>
        ))}
      </ul>
      {devices.registered === 0 && <FirstRun />}
      <section className="card stack" aria-label={text.overview.lastMinute}>
        <div className="row spread">
          <h2>{text.overview.lastMinute}</h2>
          <span className="muted">
            {text.overview.startedAt} <Age at={startedAt} />
          </span>
        </div>
        <dl className={styles.rates}>
          {rates.map((rate) => (
            <div key={rate}>
              <dt className="muted">{text.overview.rates[rate]}</dt>
              <dd>{lastMinute[rate]}</dd>
            </div>
          ))}
        </dl>
        <MinuteBars minutes={minutes} />
      </section>
      <SmsCard />
      <h2>{text.overview.events}</h2>
      {events.length === 0 ? (
        <p className="muted">{text.overview.noEvents}</p>
      ) : (
        <EventList events={events.slice(0, listed).map(({ event }) => event)} />
      )}
    </>
  );
}

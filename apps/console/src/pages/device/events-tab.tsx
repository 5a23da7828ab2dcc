import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { EventList } from '../../components/event-list.tsx';
import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { useRecentEvents } from '../../server/recent-events.ts';
import { text } from '../../text/en.ts';

/** Events of the past that are asked for. */
const limit = 200;

/** What happened to a device, the newest first: what the server remembers, and what comes. */
export function EventsTab({ endpoint }: { readonly endpoint: string }): ReactNode {
  const { data: past, error } = useQuery({
    queryKey: ['past events', endpoint],
    queryFn: ({ signal }) => api.pastEvents({ endpoint, limit }, { signal }),
    // What came since is in the recent events; opened again, the server is asked again.
    gcTime: 0,
  });
  const recent = useRecentEvents().filter((event) => 'endpoint' in event && event.endpoint === endpoint);
  if (error !== null) return <Failure error={error} />;
  if (past === undefined) return <p className="muted">{text.common.loading}</p>;
  const [newest] = past.events;
  const since = recent.filter(({ time }) => newest === undefined || time > newest.event.time);
  const events = [...since, ...past.events.map(({ event }) => event)];
  if (events.length === 0) return <p className="muted">{text.events.none}</p>;
  return <EventList events={events} />;
}

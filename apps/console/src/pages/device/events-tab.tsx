import type { ReactNode } from 'react';

import { EventList } from '../../components/event-list.tsx';
import { useRecentEvents } from '../../server/recent-events.ts';
import { text } from '../../text/en.ts';

/** What happened to a device since the page was opened, the newest first. */
export function EventsTab({ endpoint }: { readonly endpoint: string }): ReactNode {
  const events = useRecentEvents().filter((event) => 'endpoint' in event && event.endpoint === endpoint);
  if (events.length === 0) return <p className="muted">{text.events.none}</p>;
  return <EventList events={events} />;
}

import type { ServerEvent } from '@dunlin/api';
import type { ReactNode } from 'react';

import { deviceRoute } from '../app/route.ts';
import { eventText } from '../text/event-text.ts';
import { text } from '../text/en.ts';
import { Age } from './age.tsx';
import { DataTable } from './data-table.tsx';
import { RouteLink } from './route-link.tsx';

/** Events, the newest first. */
export function EventList({ events }: { readonly events: readonly ServerEvent[] }): ReactNode {
  return (
    <DataTable
      label={text.device.tabs.events}
      columns={[text.common.time, text.events.device, text.events.what]}
    >
      {events.map((event, index) => (
        <tr key={`${event.time} ${events.length - index}`}>
          <td>
            <Age at={event.time} />
          </td>
          <td>
            {'endpoint' in event && event.endpoint !== undefined && (
              <RouteLink to={deviceRoute(event.endpoint)}>{event.endpoint}</RouteLink>
            )}
          </td>
          <td>{eventText(event)}</td>
        </tr>
      ))}
    </DataTable>
  );
}

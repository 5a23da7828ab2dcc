import { type OverviewDocument, type OverviewMinute, OverviewSchema } from '@dunlin/api';
import type { Instant } from '@dunlin/base';

import type { EventHub } from '../events/event-hub.ts';
import type { FleetIndex } from '../fleet/fleet-index.ts';
import type { Activity, CountedMinute } from '../overview/activity.ts';
import { instantText } from './device-to-summary.ts';
import type { HttpApp } from './http-app.ts';
import { described } from './route-schema.ts';

export interface OverviewRouteOptions {
  readonly index: FleetIndex;
  readonly activity: Activity;
  readonly events: EventHub;
  readonly now: () => Instant;
  readonly startedAt: Instant;
}

/** Counting a large fleet takes some 20 ms: many who look at one time are told the same. */
const countedFor = 1000;

/** Events that an overview shows. */
const eventsShown = 20;

/** What goes on: `GET /overview`. */
export function overviewRoute(app: HttpApp, options: OverviewRouteOptions): void {
  let counts = options.index.counts();
  let countedAt = -Infinity;
  app.get(
    '/overview',
    {
      config: { access: 'viewer' },
      schema: described('devices', 'overview', 'Devices by state, what happened lately, and how often', {
        response: { 200: OverviewSchema },
      }),
    },
    (): OverviewDocument => {
      const { index, activity, events, now, startedAt } = options;
      const at = now();
      if (at - countedAt >= countedFor) {
        counts = index.counts();
        countedAt = at;
      }
      const { online, asleep, offline } = counts;
      return {
        time: instantText(at),
        startedAt: instantText(startedAt),
        devices: { registered: online + asleep, online, asleep, offline },
        lastMinute: activity.lastMinute(at),
        minutes: activity.minutes().map(minuteDocument),
        events: events.past({ limit: eventsShown, fits: isTold }).events,
      };
    },
  );
}

function minuteDocument({ at, counts }: CountedMinute): OverviewMinute {
  return Object.assign({ time: instantText(at) }, counts);
}

/** What happens all the time would push out what is worth knowing. */
function isTold(type: string): boolean {
  return type !== 'updated' && type !== 'notification';
}

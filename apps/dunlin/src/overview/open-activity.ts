import type { OverviewCounts } from '@dunlin/api';
import { type DtlsDiagnostic, now } from '@dunlin/node';
import type { LwM2mServer } from '@dunlin/server';

import { isHandshakeFailure } from '../server/handshake-failure.ts';
import { Activity, type Counters } from './activity.ts';

/** How often the counters are looked at. */
const interval = 5000;

/** Counts what happens on a server, until disposed. */
export interface CountedActivity extends Disposable {
  readonly activity: Activity;
}

export function openActivity(server: LwM2mServer, handshakes: HandshakeCounts): CountedActivity {
  const activity = new Activity(now(), () => ({ ...trafficOf(server), ...handshakes.counts }));
  const { counters } = activity;
  const subscriptions = new DisposableStack();
  const count = (name: keyof Counters) => (): void => {
    counters[name] += 1;
  };
  subscriptions.use(server.registered.subscribe(count('registrations')));
  subscriptions.use(server.updated.subscribe(count('updates')));
  subscriptions.use(server.deregistered.subscribe(count('deregistrations')));
  subscriptions.use(server.expired.subscribe(count('expiries')));
  subscriptions.use(server.notified.subscribe(count('notifications')));
  const timer = setInterval(() => activity.tick(now()), interval);
  subscriptions.defer(() => clearInterval(timer));
  return { activity, [Symbol.dispose]: () => subscriptions.dispose() };
}

/** Handshakes are told of before the server is open. */
export class HandshakeCounts {
  readonly counts: Pick<Counters, 'handshakes' | 'handshakeFailures'> = {
    handshakes: 0,
    handshakeFailures: 0,
  };

  diagnosed(diagnostic: DtlsDiagnostic): void {
    if (diagnostic.kind === 'established') this.counts.handshakes += 1;
    else if (isHandshakeFailure(diagnostic)) this.counts.handshakeFailures += 1;
  }
}

function trafficOf(server: LwM2mServer): Partial<OverviewCounts> {
  const traffic = { messagesIn: 0, messagesOut: 0, retransmissions: 0, duplicates: 0 };
  for (const { received, sent, retransmissions, duplicates } of server.coapStatistics) {
    traffic.messagesIn += received;
    traffic.messagesOut += sent;
    traffic.retransmissions += retransmissions;
    traffic.duplicates += duplicates;
  }
  return traffic;
}

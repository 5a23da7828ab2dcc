import type { Peer } from '../peer.ts';
import type { Request } from '../request.ts';
import type { NotificationOrder } from './freshness.ts';

/** What identifies an observation across a restart. */
export interface ObservationRecord {
  readonly peer: Peer;
  readonly token: Uint8Array;
  readonly request: Request;
  /** The newest notification so far; without it the first one after a restart counts as fresh. */
  readonly newest?: NotificationOrder | undefined;
}

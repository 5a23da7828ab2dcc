import type { TimestampedContent } from '@dunlin/lwm2m';

import type { NotificationFacts } from './active-observation.ts';

/** Whoever an observation was made for. */
export interface NotificationConsumer {
  /** A notification, newest content first. Returns why it cannot be used, when it cannot. */
  deliver(contents: readonly TimestampedContent[], facts: NotificationFacts): string | undefined;
  /** The first content was delivered and the observation will outlive this process. */
  begun(): void;
  /** It is over, as the consumer or somebody else on this side wished. */
  finish(): void;
  /** It is over for a reason that the consumer is told, or it never began. */
  fail(reason: unknown): void;
}

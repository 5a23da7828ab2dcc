import type { Instant } from '@dunlin/base';
import type { ResourceContent } from '@dunlin/lwm2m';

/** How the server came to know a value: the device was asked, told it by itself, or took it from us. */
export type ValueOrigin = 'read' | 'notified' | 'written';

/** The last that is known of a Resource. */
export interface KnownValue {
  /** Of a Resource, without alternate root, like `/3/0/9`. */
  readonly path: string;
  readonly resource: ResourceContent;
  readonly origin: ValueOrigin;
  /** When it came, or was taken, by the clock of this server. */
  readonly knownAt: Instant;
  /** When it was measured by the clock of the device, if it said so. */
  readonly measuredAt?: Instant | undefined;
}

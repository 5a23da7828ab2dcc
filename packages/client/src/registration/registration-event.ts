import type { Instant, Seconds } from '@dunlin/base';

import type { RegistrationFailure } from './registration-failure.ts';

/** What happens to the registration with one Server. */
export type RegistrationEvent =
  | {
      readonly kind: 'registered';
      readonly shortServerId: number;
      /** Like `/rd/5a3f`. */
      readonly location: string;
      readonly lifetime: Seconds;
    }
  | {
      readonly kind: 'updated';
      readonly shortServerId: number;
      readonly lifetime: Seconds;
      /** What the Update told, besides that the device is there. */
      readonly told: readonly ('lifetime' | 'binding' | 'number' | 'objects')[];
    }
  | {
      readonly kind: 'deregistered';
      readonly shortServerId: number;
      readonly reason: 'disabled' | 'closed';
      /** Whether the Server said so; when it did not, its registration ends with the lifetime. */
      readonly isAcknowledged: boolean;
      /** When the client registers again, after a Disable. */
      readonly until?: Instant;
    }
  | {
      readonly kind: 'failed';
      readonly shortServerId: number;
      readonly failure: RegistrationFailure;
      readonly nextAttemptAt: Instant;
    };

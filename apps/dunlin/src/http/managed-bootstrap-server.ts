import type { LwM2mBootstrapServer } from '@dunlin/bootstrap';

/** What of the Bootstrap-Server the interface uses. */
export type ManagedBootstrapServer = Pick<
  LwM2mBootstrapServer,
  'sessions' | 'session' | 'start' | 'started' | 'stepped' | 'finished' | 'failed'
>;

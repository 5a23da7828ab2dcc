import { type ObjectTreeLimits, objectTreeLimitsDefaults } from './object-tree/object-tree.ts';

/** How much the Servers of a client may make it remember. */
export interface ClientLimits extends ObjectTreeLimits {
  /** Observations of one Server. One more is answered as a plain Read (RFC 7641 §4.1). */
  readonly observationsPerServer: number;
  /** Notifications that are stored for one Server while it cannot be reached; of more the oldest go. */
  readonly storedNotificationsPerServer: number;
  /** Paths at which one Server may have attributes. One more is answered with 5.00. */
  readonly attributePathsPerServer: number;
}

/** 100 of each are more than any object of 1.0 has Resources, and a few tens of kilobytes. */
export const clientLimitsDefaults: ClientLimits = {
  ...objectTreeLimitsDefaults,
  observationsPerServer: 100,
  storedNotificationsPerServer: 100,
  attributePathsPerServer: 100,
};

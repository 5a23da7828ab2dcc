import { type Seconds, seconds, UsageError } from '@dunlin/base';
import { ConnectivityMonitoring, pathOf, type ResourcePath } from '@dunlin/lwm2m';

import type { ObjectSetup } from '../object-tree/object-setup.ts';
import { objectInstances } from './object-instances.ts';
import { PeriodicReview } from './periodic-review.ts';
import type { InstanceInput } from './resource-input.ts';

/** The values of the Connectivity Monitoring Object, each a value or a function. */
export type ConnectivityMonitoringValues = InstanceInput<typeof ConnectivityMonitoring.resources>;

/** How a device watches its connection. */
export interface ConnectivityMonitoringOptions {
  /**
   * How often functions are asked whether they give something else by now, 1 s at least; default 60 s, at which a
   * changed address is told soon and a radio need not be asked all the time. `client.changed` tells it at once.
   */
  readonly reviewInterval?: Seconds;
}

/**
 * The Connectivity Monitoring Object, `/4` (1.0 E.5): what the device is connected by. On Linux `hostConnectivity()` of
 * `@dunlin/node` gives the values of the machine. Throws `UsageError` when the review interval is below 1 s.
 */
export function connectivityMonitoring(
  values: ConnectivityMonitoringValues,
  options: Readonly<ConnectivityMonitoringOptions> = {},
): ObjectSetup {
  const { reviewInterval = seconds(60) } = options;
  if (!(reviewInterval >= 1)) throw new UsageError('Connectivity is reviewed once a second at most.');
  const setup = objectInstances(ConnectivityMonitoring, { 0: values });
  const paths = dynamicPaths(setup);
  if (paths.length === 0) return setup;
  const clock = new PeriodicReview(paths, reviewInterval);
  return { ...setup, clock, changed: clock.changed };
}

function dynamicPaths({ instances }: ObjectSetup): readonly ResourcePath[] {
  const { objectId } = ConnectivityMonitoring.path;
  return [...(instances.get(0) ?? [])]
    .filter(([, { kind }]) => kind === 'dynamic')
    .map(([resourceId]) => pathOf(objectId, 0, resourceId));
}

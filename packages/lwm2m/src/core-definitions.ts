import type { ObjectDefinition } from './object-definition.ts';
import { type ObjectDefinitionCatalogue, ObjectDefinitionRegistry } from './object-definition-registry.ts';
import { AccessControl } from './objects/access-control.ts';
import { ConnectivityMonitoring } from './objects/connectivity-monitoring.ts';
import { ConnectivityStatistics } from './objects/connectivity-statistics.ts';
import { Device } from './objects/device.ts';
import { FirmwareUpdate } from './objects/firmware-update.ts';
import { Location } from './objects/location.ts';
import { Security } from './objects/security.ts';
import { Server } from './objects/server.ts';

const definitions: readonly ObjectDefinition[] = [
  Security.definition,
  Server.definition,
  AccessControl.definition,
  Device.definition,
  ConnectivityMonitoring.definition,
  FirmwareUpdate.definition,
  Location.definition,
  ConnectivityStatistics.definition,
];

/** The Objects that the enabler itself defines, 0 to 7, in version 1.0 (1.0 Appendix E). */
export const coreDefinitions: ObjectDefinitionCatalogue = ObjectDefinitionRegistry.of(definitions);

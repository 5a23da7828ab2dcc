import type { ConformanceCase } from '../support/conformance-case.ts';
import type { DeviceUnderTest } from '../support/device-under-test.ts';
import { deviceManagementCases } from './device-management.ts';
import { type FirmwareImages, firmwareUpdateCases } from './firmware-update.ts';
import { informationReportingCases } from './information-reporting.ts';
import { objectCases } from './objects.ts';
import { registrationCases } from './registration.ts';
import { securityCases } from './security.ts';

/** All cases for a device that registers, in the order in which they run. */
export function clientCases(
  images: FirmwareImages = { bad: new Map() },
): readonly ConformanceCase<DeviceUnderTest>[] {
  return [
    ...registrationCases,
    ...deviceManagementCases,
    ...informationReportingCases,
    ...securityCases,
    ...objectCases,
    ...firmwareUpdateCases(images),
  ];
}

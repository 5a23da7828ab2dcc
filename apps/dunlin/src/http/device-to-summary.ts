import type { DeviceObject, DeviceSummary } from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import type { ObjectDefinition, ObjectDefinitions } from '@dunlin/lwm2m';
import { formatHostAndPort } from '@dunlin/node';
import type { Reachability, Registration } from '@dunlin/server';

import { type FleetEntry, fleetFacts } from '../fleet/fleet-entry.ts';
import type { FleetIndex } from '../fleet/fleet-index.ts';
import { lapsedSummary } from '../fleet/lapsed-facts.ts';
import { definitionFor } from './device-operations.ts';
import { identityText } from './identity-text.ts';

/** What documents of devices are made with. */
export interface SummaryReading {
  readonly definitions: ObjectDefinitions;
  /** What is known of devices beside their registrations. */
  readonly known?: Pick<FleetIndex, 'find'> | undefined;
}

/** The JSON form of a registration, whether its device can be reached, and what else is known of it. */
export function deviceToSummary(
  registration: Registration,
  reachability: Reachability | 'gone',
  { definitions, known }: SummaryReading,
): DeviceSummary {
  const { peer } = registration;
  const identity = identityText(peer.security);
  const entry = known?.find(registration.endpointName);
  return {
    endpoint: registration.endpointName,
    registrationId: registration.id,
    lifetime: registration.lifetime,
    version: registration.version,
    bindingMode: registration.bindingMode,
    ...presenceOf(reachability),
    ...(registration.smsNumber === undefined ? {} : { smsNumber: registration.smsNumber }),
    address: peer.transport === 'sms' ? peer.address : formatHostAndPort(peer.address, peer.port),
    transport: peer.transport,
    security: peer.security.kind,
    ...(identity === undefined ? {} : { identity }),
    rootPath: registration.rootPath,
    objects: [...registration.objects]
      .sort(([one], [other]) => one - other)
      .map(([id, object]) => objectSummary(id, object, definitionFor(definitions, id, registration))),
    contentFormats: registration.contentFormats,
    additional: registration.additional,
    ...fleetFacts(entry),
    lastSeen: instantText(later(entry?.lastSeen, registration.updatedAt)),
    registeredAt: instantText(registration.registeredAt),
    updatedAt: instantText(registration.updatedAt),
    expiresAt: instantText(registration.expiresAt),
  };
}

/** The JSON form of a device that is not registered any more: as it was, with what is known of it now. */
export function lapsedToSummary(entry: FleetEntry): DeviceSummary | undefined {
  const { lastRegistration, lastSeen } = entry;
  const summary = lastRegistration === undefined ? undefined : lapsedSummary(lastRegistration);
  return summary && { ...summary, ...fleetFacts(entry), lastSeen: instantText(lastSeen) };
}

function later(one: Instant | undefined, other: Instant): Instant {
  return one !== undefined && one > other ? one : other;
}

function presenceOf(
  reachability: Reachability | 'gone',
): Pick<DeviceSummary, 'state' | 'presence' | 'awakeUntil'> {
  if (reachability === 'gone') return { state: 'offline', presence: 'gone' };
  switch (reachability.kind) {
    case 'always':
      return { state: 'online', presence: 'reachable' };
    case 'awake':
      return { state: 'online', presence: 'awake', awakeUntil: instantText(reachability.until) };
    case 'asleep':
      return { state: 'asleep', presence: 'asleep' };
  }
}

/** The last millisecond of year 9999: RFC 3339 has no later years. */
const lastInstant = 253_402_300_799_999;

/** RFC 3339 in UTC; what is before 1970 or after 9999, as a device's wrong clock may have it, becomes the nearest of these. */
export function instantText(millisecondsSinceEpoch: number): string {
  return new Date(Math.min(Math.max(Math.round(millisecondsSinceEpoch), 0), lastInstant)).toISOString();
}

/** The same, `null` where there is none. */
export function optionalInstantText(millisecondsSinceEpoch: number | undefined): string | null {
  return millisecondsSinceEpoch === undefined ? null : instantText(millisecondsSinceEpoch);
}

function objectSummary(
  id: number,
  { version, instances }: { readonly version?: string | undefined; readonly instances: readonly number[] },
  definition: ObjectDefinition | undefined,
): DeviceObject {
  return {
    id,
    ...(definition === undefined ? {} : { name: definition.name }),
    ...(version === undefined ? {} : { version }),
    instances,
  };
}

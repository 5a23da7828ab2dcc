import type { DeviceObject, DeviceSummary } from '@dunlin/api';
import type { ObjectDefinition, ObjectDefinitions } from '@dunlin/lwm2m';
import { formatHostAndPort } from '@dunlin/node';
import type { Reachability, Registration } from '@dunlin/server';

import { definitionFor } from './device-operations.ts';
import { identityText } from './identity-text.ts';

/** The JSON form of a registration, and of whether its device can be reached. */
export function deviceToSummary(
  registration: Registration,
  reachability: Reachability,
  definitions: ObjectDefinitions,
): DeviceSummary {
  const { peer } = registration;
  const identity = identityText(peer.security);
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
    registeredAt: instantText(registration.registeredAt),
    updatedAt: instantText(registration.updatedAt),
    expiresAt: instantText(registration.expiresAt),
  };
}

function presenceOf(reachability: Reachability): Pick<DeviceSummary, 'presence' | 'awakeUntil'> {
  switch (reachability.kind) {
    case 'always':
      return { presence: 'reachable' };
    case 'awake':
      return { presence: 'awake', awakeUntil: instantText(reachability.until) };
    case 'asleep':
      return { presence: 'asleep' };
  }
}

/** The last millisecond of year 9999: RFC 3339 has no later years. */
const lastInstant = 253_402_300_799_999;

/** RFC 3339 in UTC; what is before 1970 or after 9999, as a device's wrong clock may have it, becomes the nearest of these. */
export function instantText(millisecondsSinceEpoch: number): string {
  return new Date(Math.min(Math.max(Math.round(millisecondsSinceEpoch), 0), lastInstant)).toISOString();
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

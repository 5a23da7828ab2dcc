import type { DeviceSummary, SecurityKind } from '@dunlin/api';
import type { Instant } from '@dunlin/base';
import type { BindingMode, ObjectList } from '@dunlin/lwm2m';

/** What a device says of itself in Object 3, as far as it is known. */
export interface DeviceFacts {
  readonly manufacturer?: string | undefined;
  readonly modelNumber?: string | undefined;
  readonly firmwareVersion?: string | undefined;
}

/**
 * What of a device is in memory to find it among many: texts that many share are one text. About 300 bytes beside its
 * endpoint name and address.
 */
export class FleetEntry {
  readonly endpointName: string;
  /** The name in small letters; the same text as the name where it has no others. */
  readonly lowerName: string;
  tags: readonly string[] = [];
  facts: DeviceFacts = noFacts;
  /** When the facts were last asked for or told. */
  factsAt: Instant | undefined;
  firstSeen: Instant;
  lastSeen: Instant;
  isRegistered = false;
  /** Taken out of the index. */
  isGone = false;
  bindingMode: BindingMode = 'U';
  security: SecurityKind = 'none';
  version = '';
  address = '';
  /** Seconds. */
  lifetime = 0;
  objects: ObjectList['objects'] = noObjects;
  registeredAt: Instant;
  updatedAt: Instant;
  expiresAt: Instant;
  /** Operations that wait for it or are sent. */
  queued = 0;
  /** What was shown of its last registration, once that has ended: a `DeviceSummary` as JSON. */
  lastRegistration: string | undefined;

  constructor(endpointName: string, seenAt: Instant) {
    const lower = endpointName.toLowerCase();
    this.endpointName = endpointName;
    this.lowerName = lower === endpointName ? endpointName : lower;
    this.firstSeen = seenAt;
    this.lastSeen = seenAt;
    this.registeredAt = seenAt;
    this.updatedAt = seenAt;
    this.expiresAt = seenAt;
  }
}

/** One for all of whom nothing is known: a search remembers what it found of each. */
const noFacts: DeviceFacts = {};

const noObjects: ObjectList['objects'] = new Map();

/** What the documents of devices say beside their registrations. */
export type FleetFacts = Pick<
  DeviceSummary,
  'tags' | 'queued' | 'manufacturer' | 'modelNumber' | 'firmwareVersion'
>;

/** The JSON form of what is known beside a registration. */
export function fleetFacts(entry: FleetEntry | undefined): FleetFacts {
  if (entry === undefined) return { tags: [], queued: 0 };
  const { tags, queued, facts } = entry;
  const { manufacturer, modelNumber, firmwareVersion } = facts;
  return {
    tags,
    queued,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(modelNumber === undefined ? {} : { modelNumber }),
    ...(firmwareVersion === undefined ? {} : { firmwareVersion }),
  };
}

import { addDuration, type Instant, type Scheduled, type Seconds, toMilliseconds } from '@dunlin/base';
import type { Peer } from '@dunlin/coap';
import type { BindingMode } from '@dunlin/lwm2m';

import type { RegisteredModel, Registration } from '../registration.ts';
import type { ObservationEntry } from './observation-entry.ts';

/** What thousands of devices of one make have in common: kept once for all of them. */
export interface RegistrationTerms extends RegisteredModel {
  readonly lifetime: Seconds;
  readonly version: string;
  readonly bindingMode: BindingMode;
  readonly localUri: string;
}

/**
 * A registration in the memory of the store: one small object that is changed in place, because a
 * fleet's refreshes would otherwise be garbage all day.
 */
export class RegistrationEntry implements Scheduled {
  readonly endpointName: string;
  readonly id: string;
  terms: RegistrationTerms;
  /** `undefined` when there is neither a number nor any additional parameter, as for nearly all. */
  rarities: Pick<Registration, 'smsNumber' | 'additional'> | undefined;
  peer: Peer;
  readonly registeredAt: Instant;
  updatedAt: Instant;
  expiresAt: Instant;
  /** By path. */
  observations: Map<string, ObservationEntry> | undefined = undefined;
  /** The expiry queue's; lazily behind `expiresAt`. */
  dueAt: Instant | undefined = undefined;
  heapIndex = 0;

  constructor(registration: Registration, terms: RegistrationTerms) {
    this.endpointName = registration.endpointName;
    this.id = registration.id;
    this.terms = terms;
    this.rarities = raritiesOf(registration);
    this.peer = registration.peer;
    this.registeredAt = registration.registeredAt;
    this.updatedAt = registration.updatedAt;
    this.expiresAt = registration.expiresAt;
  }

  /** Takes the facts of a newer snapshot of the same registration. */
  assign(registration: Registration, terms: RegistrationTerms): void {
    this.terms = terms;
    this.rarities = raritiesOf(registration);
    this.peer = registration.peer;
    this.updatedAt = registration.updatedAt;
    this.expiresAt = registration.expiresAt;
  }

  /** Begins the lifetime anew. */
  refresh(at: Instant): void {
    this.updatedAt = at;
    this.expiresAt = addDuration(at, toMilliseconds(this.terms.lifetime));
  }

  toRegistration(): Registration {
    const { lifetime, version, bindingMode, localUri, rootPath, objects, contentFormats } = this.terms;
    return {
      endpointName: this.endpointName,
      id: this.id,
      lifetime,
      version,
      bindingMode,
      smsNumber: this.rarities?.smsNumber,
      peer: this.peer,
      localUri,
      rootPath,
      objects,
      contentFormats,
      additional: this.rarities?.additional ?? noParameters,
      registeredAt: this.registeredAt,
      updatedAt: this.updatedAt,
      expiresAt: this.expiresAt,
    };
  }
}

/** No additional parameters: one object for all. */
const noParameters: Readonly<Record<string, string>> = Object.freeze({});

function raritiesOf(registration: Registration): RegistrationEntry['rarities'] {
  const { smsNumber, additional } = registration;
  if (smsNumber === undefined && Object.keys(additional).length === 0) return undefined;
  return { smsNumber, additional };
}

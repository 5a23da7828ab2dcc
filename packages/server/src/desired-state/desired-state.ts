import type { Instant } from '@dunlin/base';
import type { NotificationAttributesChange } from '@dunlin/lwm2m';

import type { DesiredItem } from '../device-store/desired-item.ts';
import type { Registration } from '../registration.ts';

/**
 * Where a wish stands: `active` (the device observes, or has the attributes), `refused` (it said no, and is asked
 * again when it registers anew or other Objects), `pending` (it is asked when it can be reached).
 */
export type DesiredStateKind = 'active' | 'pending' | 'refused';

interface StateFacts {
  /** Without alternate root, like `/3/0/9`. */
  readonly path: string;
  /** Since when it is wished. */
  readonly since: Instant;
  readonly state: DesiredStateKind;
  /** Since when it is active, or when the device refused or failed. */
  readonly at?: Instant | undefined;
  /** Why it is refused, or why the last attempt failed. */
  readonly reason?: string | undefined;
  /** Of the answer, like `4.04`. */
  readonly coapCode?: string | undefined;
}

/** An observation that is wished for a device, whatever its registration. */
export interface DesiredObservation extends StateFacts {
  readonly kind: 'observation';
  readonly format?: number | undefined;
}

/** Attributes that are wished for a device. */
export interface DesiredAttributes extends StateFacts {
  readonly kind: 'attributes';
  /** What is to be set, and as `null` what is to be unset and may not be yet. */
  readonly change: NotificationAttributesChange;
}

/** A wish for a device, with where it stands under the registration of now. */
export type DesiredState = DesiredObservation | DesiredAttributes;

/** Where a wish stands under a registration; `observed` are the paths that the device observes under it. */
export function stateOf(
  item: Extract<DesiredItem, { kind: 'observation' }>,
  registration: Registration | undefined,
  observed: ReadonlySet<string>,
): DesiredObservation;
export function stateOf(
  item: Extract<DesiredItem, { kind: 'attributes' }>,
  registration: Registration | undefined,
  observed: ReadonlySet<string>,
): DesiredAttributes;
export function stateOf(
  item: DesiredItem,
  registration: Registration | undefined,
  observed: ReadonlySet<string>,
): DesiredState;
export function stateOf(
  item: DesiredItem,
  registration: Registration | undefined,
  observed: ReadonlySet<string>,
): DesiredState {
  const { path, since } = item;
  const facts = { path, since, ...outcomeFacts(item, registration, observed) };
  if (item.kind === 'attributes') return { kind: item.kind, ...facts, change: item.change };
  return { kind: item.kind, ...facts, ...(item.format === undefined ? {} : { format: item.format }) };
}

function outcomeFacts(
  { kind, path, outcome }: DesiredItem,
  registration: Registration | undefined,
  observed: ReadonlySet<string>,
): Pick<StateFacts, 'state' | 'at' | 'reason' | 'coapCode'> {
  if (outcome === undefined || outcome.registrationId !== registration?.id) return { state: 'pending' };
  const { at } = outcome;
  switch (outcome.kind) {
    case 'established':
      return kind === 'attributes' || observed.has(path) ? { state: 'active', at } : { state: 'pending' };
    case 'refused':
    case 'failed': {
      const { reason, coapCode } = outcome;
      const state = outcome.kind === 'refused' ? 'refused' : 'pending';
      return { state, at, reason, ...(coapCode === undefined ? {} : { coapCode }) };
    }
  }
}

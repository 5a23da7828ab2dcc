import type { ExchangeId, ObservationId, RelationId, RequestId } from './endpoint-output.ts';

/** Marks a number as the id of a request of ours. */
export function requestIdFrom(value: number): RequestId {
  return value as RequestId; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the one constructor of this brand
}

/** Marks a number as the id of a request that we received. */
export function exchangeIdFrom(value: number): ExchangeId {
  return value as ExchangeId; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the one constructor of this brand
}

/** Marks a number as the id of an observation of ours. */
export function observationIdFrom(value: number): ObservationId {
  return value as ObservationId; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the one constructor of this brand
}

/** Marks a number as the id of an observer of us. */
export function relationIdFrom(value: number): RelationId {
  return value as RelationId; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the one constructor of this brand
}

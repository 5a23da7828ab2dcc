import { formatPath } from '@dunlin/lwm2m';

import type { AskedRequest } from '../asked-request.ts';
import { requestLength } from '../device-store/operation-json.ts';
import type { OperationRequest } from '../device-store/operation-request.ts';
import type { OperationChange } from '../device-store/device-store.ts';
import type { QueuedOperation } from '../device-store/queued-operation.ts';
import type { LiveCall } from './live-call.ts';

/** A place in the line: an operation of the store, or a caller. */
type Place =
  | { readonly kind: 'operation'; readonly operation: QueuedOperation; readonly length: number }
  | { readonly kind: 'call'; readonly call: LiveCall };

/** What is served at once: one thing, or several who ask the same. */
export interface Group {
  readonly operations: readonly QueuedOperation[];
  readonly calls: readonly LiveCall[];
}

/** The group that is being served. */
export interface Turn extends Group {
  /** Gives up what is under way. */
  readonly controller: AbortController;
}

/** An operation whose end is known and could not be written yet. */
export interface Conclusion {
  readonly operation: QueuedOperation;
  readonly change: OperationChange;
}

/** Who waits for a turn with one device, in the order of asking. */
export class DeviceLine {
  readonly endpointName: string;
  /** True while somebody has his turn. */
  isServing = false;
  /** Whose turn it is. */
  turn: Turn | undefined;
  /** Ends that are still to be written; nobody has a turn before they are. */
  readonly conclusions: Conclusion[] = [];
  #places: Place[] = [];

  constructor(endpointName: string) {
    this.endpointName = endpointName;
  }

  get isEmpty(): boolean {
    return this.#places.length === 0 && this.conclusions.length === 0;
  }

  /** Whether it has what only memory has. */
  get isHeld(): boolean {
    return this.conclusions.length > 0 || this.callCount > 0;
  }

  get operationCount(): number {
    return this.#places.filter(({ kind }) => kind === 'operation').length;
  }

  /** Length of the requests of all its operations. */
  get operationsLength(): number {
    return this.#places.reduce((sum, place) => sum + (place.kind === 'operation' ? place.length : 0), 0);
  }

  get callCount(): number {
    return this.#places.filter(({ kind }) => kind === 'call').length;
  }

  /** At its end; nothing happens when it stands there already. */
  addOperation(operation: QueuedOperation): void {
    if (this.#indexOf(operation.id) === -1) this.#places.push(placeOf(operation));
  }

  addCall(call: LiveCall, isUrgent: boolean): void {
    const place: Place = { kind: 'call', call };
    if (isUrgent) this.#places.unshift(place);
    else this.#places.push(place);
  }

  /** Back to where they were, for another attempt. */
  putBack(operations: readonly QueuedOperation[]): void {
    this.#places.unshift(...operations.map(placeOf));
  }

  removeOperation(id: number): void {
    const index = this.#indexOf(id);
    if (index !== -1) this.#places.splice(index, 1);
  }

  /** Takes callers out: all, or those for whom something holds. */
  takeCalls(isMeant: (call: LiveCall) => boolean = () => true): readonly LiveCall[] {
    const taken: LiveCall[] = [];
    this.#places = this.#places.filter((place) => {
      if (place.kind === 'operation' || !isMeant(place.call)) return true;
      taken.push(place.call);
      return false;
    });
    return taken;
  }

  /**
   * Takes out who is next. With a Read go all that are the same, as far as nothing stands between that could
   * change what is read: one request answers them all.
   */
  takeNext(): Group | undefined {
    const first = this.#places.shift();
    if (first === undefined) return undefined;
    const group = [first];
    const asked = askedOf(first);
    if (asked?.request.name === 'read') {
      const rest: Place[] = [];
      let isPassable = true;
      for (const place of this.#places) {
        isPassable &&= changesNothing(askedOf(place)?.request);
        if (isPassable && isSameRead(asked, askedOf(place))) group.push(place);
        else rest.push(place);
      }
      this.#places = rest;
    }
    return {
      operations: group.flatMap((place) => (place.kind === 'operation' ? [place.operation] : [])),
      calls: group.flatMap((place) => (place.kind === 'call' ? [place.call] : [])),
    };
  }

  /** Gives up what is under way when nobody waits for it. */
  abandonTurn(): void {
    if (this.turn === undefined || this.turn.operations.length > 0) return;
    if (this.turn.calls.every(({ isSettled }) => isSettled)) this.turn.controller.abort();
  }

  #indexOf(id: number): number {
    return this.#places.findIndex((place) => place.kind === 'operation' && place.operation.id === id);
  }
}

function placeOf(operation: QueuedOperation): Place {
  return { kind: 'operation', operation, length: requestLength(operation.request) };
}

function askedOf(place: Place): AskedRequest | undefined {
  return place.kind === 'operation' ? { request: place.operation.request } : place.call.asked;
}

function changesNothing(request: OperationRequest | undefined): boolean {
  return request?.name === 'read' || request?.name === 'discover';
}

function isSameRead(one: AskedRequest, other: AskedRequest | undefined): boolean {
  if (other?.request.name !== 'read' || one.request.name !== 'read') return false;
  return (
    formatPath(one.request.path) === formatPath(other.request.path) &&
    one.request.format === other.request.format &&
    // Content is read by the definition of a typed reference: only the same one reads it alike.
    one.resource === other.resource
  );
}

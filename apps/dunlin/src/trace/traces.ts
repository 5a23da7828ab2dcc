import { addDuration, type Instant, milliseconds } from '@dunlin/base';
import { decodeMessage, isRequestCode, OptionNumber, type Peer, tokenKey } from '@dunlin/coap';
import type { DtlsDiagnostic } from '@dunlin/node';
import type { CredentialStore, Registration, RegistrationStore } from '@dunlin/server';

import { identityText } from '../http/identity-text.ts';
import { associationFacts, placeOf } from './association-facts.ts';
import { DeviceTrace, optionTexts, pathSegments } from './device-trace.ts';
import { Recent } from './recent.ts';
import type { AssociationRecord, TraceService } from './trace-record.ts';
import type { MessageObserver, Passing } from './traced-binding.ts';

export interface TraceLimits {
  /** Devices whose messages are kept at one time: with their rings full, 400 MiB. */
  readonly devices: number;
  /** Milliseconds for which is recorded after a stream has ended or a poll was answered: a page that is loaded anew goes on. */
  readonly lingering: number;
  /** Milliseconds for which what was recorded is kept after recording has ended. */
  readonly keeping: number;
}

const traceLimits: TraceLimits = { devices: 100, lingering: 60_000, keeping: 15 * 60_000 };

/** Where the traces look up who is who when somebody begins to watch. */
export interface TraceSources {
  /** Of the server, if there is one. */
  readonly registrations?: Pick<RegistrationStore, 'findByEndpoint' | 'observationsOf'> | undefined;
  /** Of the server and of the Bootstrap-Server. */
  readonly credentials: readonly Pick<CredentialStore, 'ofEndpoint'>[];
}

/** More addresses than a device has in the time that somebody watches it. */
const peersPerDevice = 8;

/**
 * The protocol traces of the devices that are watched. Bindings tell it every message (`MessageObserver`); what is of no
 * watched device is passed over, and while none is watched a message costs nothing.
 */
export class Traces implements MessageObserver {
  readonly #now: () => Instant;
  readonly #limits: TraceLimits;
  readonly #sources: TraceSources[] = [];
  readonly #traces = new Map<string, DeviceTrace>();
  readonly #byPeer = new Map<string, DeviceTrace>();
  readonly #peersOf = new Map<DeviceTrace, Recent<true>>();
  readonly #byPlace = new Map<string, DeviceTrace>();
  readonly #byCredential = new Map<string, DeviceTrace>();
  readonly #byIdentity = new Map<string, DeviceTrace>();
  readonly #byRegistration = new Map<string, DeviceTrace>();

  constructor(now: () => Instant, limits: Partial<TraceLimits> = {}) {
    this.#now = now;
    this.#limits = { ...traceLimits, ...limits };
  }

  get isWatching(): boolean {
    return this.#traces.size > 0;
  }

  /** Where is looked up who is who; told once when a server is open. */
  addSources(sources: TraceSources): void {
    this.#sources.push(sources);
  }

  /** What was recorded of a device; `undefined` when nothing was. */
  find(endpoint: string): DeviceTrace | undefined {
    this.#sweep();
    return this.#traces.get(endpoint);
  }

  /** Records from now on until the result is disposed, and a little longer; `undefined` when too many are watched. */
  async watch(endpoint: string): Promise<(Disposable & { readonly trace: DeviceTrace }) | undefined> {
    const trace = await this.#begin(endpoint);
    if (trace === undefined) return undefined;
    trace.watchers += 1;
    let isOver = false;
    return {
      trace,
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        trace.watchers -= 1;
        this.#recordFor(trace, this.#limits.lingering);
      },
    };
  }

  /** Records for a time although nobody watches. */
  async switchOn(endpoint: string, duration: number): Promise<DeviceTrace | undefined> {
    const trace = await this.#begin(endpoint);
    if (trace === undefined) return undefined;
    trace.switchedOnUntil = addDuration(this.#now(), milliseconds(duration));
    this.#recordFor(trace, duration);
    return trace;
  }

  /** Forgets what was recorded, and records no more but for streams that watch. */
  clear(endpoint: string): void {
    const trace = this.#traces.get(endpoint);
    if (trace !== undefined) this.#drop(trace);
  }

  passed(passing: Passing): void {
    const now = this.#now();
    const trace = this.#byPeer.get(passing.peer.key) ?? this.#identify(passing);
    if (trace?.isRecording(now) === true) trace.passed(passing, now);
  }

  /** A registration was made or changed: the device may be elsewhere than before. */
  registered(registration: Registration): void {
    const trace = this.#traces.get(registration.endpointName);
    if (trace === undefined) return;
    this.#byRegistration.set(registration.id, trace);
    this.#place(trace, registration.peer);
  }

  dtlsDiagnosed(diagnostic: DtlsDiagnostic, service: TraceService): void {
    if (!this.isWatching) return;
    const facts = associationFacts(diagnostic);
    const trace = facts && this.#traceOf(diagnostic, facts);
    const now = this.#now();
    if (facts === undefined || trace?.isRecording(now) !== true) return;
    this.#byPlace.set(facts.address, trace);
    trace.happened({ kind: 'association', time: now, service, facts });
  }

  async #begin(endpoint: string): Promise<DeviceTrace | undefined> {
    this.#sweep();
    const present = this.#traces.get(endpoint);
    if (present !== undefined) {
      present.keepUntil = undefined;
      return present;
    }
    if (this.#traces.size >= this.#limits.devices) return undefined;
    const trace = new DeviceTrace(endpoint);
    this.#recordFor(trace, this.#limits.lingering);
    this.#traces.set(endpoint, trace);
    for (const sources of this.#sources) await this.#learn(trace, sources);
    return trace;
  }

  /** Who the device is, and which answers are still to come. */
  async #learn(trace: DeviceTrace, { registrations, credentials }: TraceSources): Promise<void> {
    for (const store of credentials) {
      for (const { id, proof } of await store.ofEndpoint(trace.endpoint)) {
        this.#byCredential.set(id, trace);
        if (proof.kind !== 'trust-anchor') this.#byIdentity.set(identityText(proof) ?? '', trace);
      }
    }
    const registration = await registrations?.findByEndpoint(trace.endpoint);
    if (registrations === undefined || registration === undefined) return;
    this.registered(registration);
    for (const { record } of await registrations.observationsOf(registration.id))
      trace.expectAnswers(tokenKey(record.token), record.request.uriPath);
  }

  #recordFor(trace: DeviceTrace, duration: number): void {
    const until = addDuration(this.#now(), milliseconds(duration));
    trace.recordUntil = instantLater(trace.recordUntil, until);
    trace.keepUntil = undefined;
  }

  /** Forgets what was kept for long enough. There is no timer: what is not asked for does not grow either. */
  #sweep(): void {
    const now = this.#now();
    for (const trace of this.#traces.values()) {
      if (trace.isRecording(now)) continue;
      trace.keepUntil ??= addDuration(trace.recordUntil ?? now, milliseconds(this.#limits.keeping));
      if (trace.keepUntil <= now) this.#drop(trace);
    }
  }

  #drop(trace: DeviceTrace): void {
    this.#traces.delete(trace.endpoint);
    this.#peersOf.delete(trace);
    for (const index of [
      this.#byPeer,
      this.#byPlace,
      this.#byCredential,
      this.#byIdentity,
      this.#byRegistration,
    ])
      for (const [key, owner] of index) if (owner === trace) index.delete(key);
  }

  #place(trace: DeviceTrace, peer: Peer): void {
    const peers =
      this.#peersOf.get(trace) ?? new Recent<true>(peersPerDevice, (key) => this.#byPeer.delete(key));
    peers.set(peer.key, true);
    this.#peersOf.set(trace, peers);
    this.#byPeer.set(peer.key, trace);
    this.#byPlace.set(placeOf(peer), trace);
  }

  /** A message from where no watched device was so far: by its credential, or by what it says when it registers. */
  #identify({ direction, datagram, peer }: Passing): DeviceTrace | undefined {
    const trace =
      this.#byCredential.get(peer.association?.credentialId ?? '') ??
      (direction === 'in' ? this.#registering(datagram) : undefined);
    if (trace !== undefined) this.#place(trace, peer);
    return trace;
  }

  #registering(datagram: Uint8Array): DeviceTrace | undefined {
    const message = decodeMessage(datagram);
    if (message.kind === 'malformed' || !isRequestCode(message.code)) return undefined;
    const [first, second, ...rest] = pathSegments(message);
    if ((first !== 'rd' && first !== 'bs') || rest.length > 0) return undefined;
    if (second !== undefined) return this.#byRegistration.get(second);
    const named = optionTexts(message.options, OptionNumber.uriQuery).find((text) => text.startsWith('ep='));
    return named === undefined ? undefined : this.#traces.get(named.slice('ep='.length));
  }

  /** Where a credential vouched for the device, that counts first, then who it says it is, then where it is. */
  #traceOf(
    diagnostic: DtlsDiagnostic,
    { identity, address }: AssociationRecord['facts'],
  ): DeviceTrace | undefined {
    const credentialId = diagnostic.kind === 'established' ? diagnostic.credentialId : undefined;
    return (
      this.#byCredential.get(credentialId ?? '') ??
      this.#byIdentity.get(identity ?? '') ??
      this.#byPlace.get(address)
    );
  }
}

function instantLater(one: Instant | undefined, other: Instant): Instant {
  return one !== undefined && one > other ? one : other;
}

import { type Instant, SecurityError, UsageError } from '@dunlin/base';
import { type Binding, type Peer, ResponseCode } from '@dunlin/coap';
import { isRefusal } from '@dunlin/lwm2m';

import { type BootstrapContext, BootstrapSignals } from './bootstrap-context.ts';
import { BootstrapInterface } from './bootstrap-interface.ts';
import { bootstrapLimitsDefaults } from './bootstrap-limits.ts';
import { BootstrapListener, type Call, type ListenerRole } from './bootstrap-listener.ts';
import type { LwM2mBootstrapServerOptions } from './bootstrap-server.ts';
import { parseDeviceUri } from './device-uri.ts';
import { identitiesByEquality } from './endpoint-identities.ts';
import { BootstrapSessions } from './session/bootstrap-sessions.ts';
import type { BootstrapSessionRecord } from './session/session-record.ts';

/** A device and the binding that reaches it. */
interface Reached {
  readonly peer: Peer;
  readonly listener: BootstrapListener;
}

/** The parts of a Bootstrap-Server put together, and their life from opening to closing. */
export class BootstrapRole implements ListenerRole {
  readonly signals: BootstrapSignals = new BootstrapSignals();
  readonly listeners: BootstrapListener[] = [];
  readonly sessions: BootstrapSessions;
  readonly #connecting: BootstrapListener[] = [];
  readonly #coap: NonNullable<LwM2mBootstrapServerOptions['coap']>;
  readonly #interface: BootstrapInterface;
  #isClosed = false;

  constructor(options: Readonly<LwM2mBootstrapServerOptions>) {
    this.#coap = options.coap ?? {};
    const context: BootstrapContext = {
      configurations: options.configurations,
      identities: options.credentials ?? identitiesByEquality,
      issuer: options.issuer,
      limits: { ...bootstrapLimitsDefaults, ...options.limits },
      isStrict: options.isStrict ?? false,
      signals: this.signals,
    };
    this.sessions = new BootstrapSessions(context);
    this.#interface = new BootstrapInterface(context, this.sessions);
  }

  async open({
    listen,
    connect = [],
  }: Pick<LwM2mBootstrapServerOptions, 'listen' | 'connect'>): Promise<void> {
    for (const binding of listen) this.listeners.push(await this.#open(binding));
    for (const binding of connect) this.#connecting.push(await this.#open(binding));
    for (const listener of this.#all()) listener.flush();
  }

  get deadline(): Instant | undefined {
    return this.sessions.deadline;
  }

  wake(now: Instant): void {
    this.sessions.wake(now);
  }

  answer(call: Call): void {
    this.#interface.answer(call);
  }

  peerLost(peer: Peer): void {
    this.sessions.peerLost(peer);
  }

  /** Begins a session without a Bootstrap-Request (1.0 §5.2.3.4). */
  async start(endpointName: string, uri: string | undefined): Promise<BootstrapSessionRecord> {
    if (this.#isClosed) throw new UsageError('the Bootstrap-Server is closed');
    const { peer, listener } = await this.#reach(endpointName, uri);
    const ready = await this.#interface.configurationFor({ endpointName, peer });
    if (isRefusal(ready)) {
      const message = `${endpointName} cannot be bootstrapped: ${ready.reason}`;
      throw ready.code === ResponseCode.badRequest ? new UsageError(message) : new SecurityError(message);
    }
    const isBusy = this.sessions.ofEndpoint(endpointName) !== undefined;
    if (this.#isClosed || isBusy) {
      ready.settle('not-given');
      throw new UsageError(
        isBusy ? `a bootstrap session with ${endpointName} is under way` : 'the Bootstrap-Server is closed',
      );
    }
    return this.sessions.start({ endpointName, peer, listener, initiatedBy: 'server', ready });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#interface.close();
    this.sessions.endAll();
    await Promise.all(this.#all().map(({ shell }) => shell[Symbol.asyncDispose]()));
  }

  async #open(binding: Binding): Promise<BootstrapListener> {
    const listener = new BootstrapListener(this, this.#coap);
    listener.attach(await binding.open(listener));
    return listener;
  }

  #all(): readonly BootstrapListener[] {
    return [...this.listeners, ...this.#connecting];
  }

  /** Without a URI: where the device came from last. */
  async #reach(endpointName: string, uri: string | undefined): Promise<Reached> {
    if (uri === undefined) {
      const known = this.sessions.lastPeerOf(endpointName);
      if (known !== undefined) return known;
      throw new UsageError(`say where ${endpointName} waits: it has not asked for a bootstrap lately`);
    }
    const { isSecure, host, port } = parseDeviceUri(uri);
    const candidates = isSecure ? this.#connecting : this.listeners;
    const scheme = isSecure ? 'coaps:' : 'coap:';
    const listener = candidates.find(({ shell }) => shell.local.uri.startsWith(scheme));
    if (listener === undefined) throw new UsageError(`there is no binding to reach ${uri} from`);
    return { peer: await listener.shell.resolve(host, port), listener };
  }
}

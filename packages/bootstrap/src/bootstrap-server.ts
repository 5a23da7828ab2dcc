import { type Signal, UsageError } from '@dunlin/base';
import type { Binding, CoapEndpointOptions, EndpointSizes, EndpointStatistics } from '@dunlin/coap';

import type {
  BootstrapDiagnostic,
  BootstrapFailedEvent,
  BootstrapFinishedEvent,
  BootstrapStartedEvent,
  BootstrapStepEvent,
} from './bootstrap-event.ts';
import type { BootstrapLimits } from './bootstrap-limits.ts';
import { BootstrapRole } from './bootstrap-role.ts';
import type { BootstrapConfigurationStore } from './configuration/bootstrap-configuration-store.ts';
import type { EndpointIdentities } from './endpoint-identities.ts';
import type { SecurityIssuer } from './security-issuer.ts';
import type { BootstrapSessionRecord } from './session/session-record.ts';

/** What a Bootstrap-Server is opened with. */
export interface LwM2mBootstrapServerOptions {
  /** Where it listens, at least one. */
  readonly listen: readonly Binding[];
  /** What devices are given. The store stays the caller's to close. */
  readonly configurations: BootstrapConfigurationStore;
  /**
   * Which endpoint proves itself with what. Default: everybody may be bootstrapped whose endpoint name is that of
   * his PSK identity or certificate, and everybody without security.
   */
  readonly credentials?: EndpointIdentities | undefined;
  /**
   * Bindings that begin DTLS associations, for devices that wait for a bootstrap as DTLS servers (1.0 §7.1.6): used by
   * `start` with a `coaps` URI.
   */
  readonly connect?: readonly Binding[] | undefined;
  /** Makes the keys of accounts whose security is `issued`; without one their endpoints are refused. */
  readonly issuer?: SecurityIssuer | undefined;
  readonly limits?: Partial<BootstrapLimits> | undefined;
  /** Refuse what 1.0 forbids even where real devices do it. Default false. */
  readonly isStrict?: boolean | undefined;
  /** Passed to the CoAP endpoint of each binding. */
  readonly coap?: Omit<CoapEndpointOptions, 'random'> | undefined;
}

/** Where a Bootstrap-Server listens. */
export interface LocalAddress {
  readonly address: string;
  readonly port: number;
  /** Like `coap://127.0.0.1:5783`. */
  readonly uri: string;
}

/** Which sessions are asked for. */
export interface SessionsRequest {
  /** Only those of this endpoint. */
  readonly endpointName?: string | undefined;
  /** At most so many. Default 100. */
  readonly limit?: number | undefined;
}

/**
 * An LwM2M Bootstrap-Server: devices ask it for their configuration over its bindings, and it gives it to them, one
 * session at a time for each. What happens in a session is told by signals, in order.
 */
export class LwM2mBootstrapServer implements AsyncDisposable {
  readonly #role: BootstrapRole;

  private constructor(role: BootstrapRole) {
    this.#role = role;
  }

  /** Opens all bindings. Rejects with a `TransmissionError` when one cannot listen; nothing is left open then. */
  static async open(options: Readonly<LwM2mBootstrapServerOptions>): Promise<LwM2mBootstrapServer> {
    if (options.listen.length === 0) {
      throw new UsageError('a Bootstrap-Server needs at least one binding to listen on');
    }
    const role = new BootstrapRole(options);
    try {
      await role.open(options);
    } catch (error) {
      await role.close();
      throw error;
    }
    return new LwM2mBootstrapServer(role);
  }

  /** The addresses of the bindings, in their order. */
  get local(): readonly LocalAddress[] {
    return this.#role.listeners.map(({ shell }) => shell.local);
  }

  get started(): Signal<BootstrapStartedEvent> {
    return this.#role.signals.started;
  }

  /** Every answer of a device. */
  get stepped(): Signal<BootstrapStepEvent> {
    return this.#role.signals.stepped;
  }

  get finished(): Signal<BootstrapFinishedEvent> {
    return this.#role.signals.finished;
  }

  get failed(): Signal<BootstrapFailedEvent> {
    return this.#role.signals.failed;
  }

  get diagnostics(): Signal<BootstrapDiagnostic> {
    return this.#role.signals.diagnostics;
  }

  /** Sessions under way and those that ended last, the newest first. */
  sessions({ endpointName, limit = 100 }: Readonly<SessionsRequest> = {}): readonly BootstrapSessionRecord[] {
    const { records } = this.#role.sessions;
    const wanted =
      endpointName === undefined ? records : records.filter((record) => record.endpointName === endpointName);
    return wanted.slice(0, limit);
  }

  /** A session by its id, while it is remembered. */
  session(id: string): BootstrapSessionRecord | undefined {
    return this.#role.sessions.find(id);
  }

  /**
   * Begins a session of the server's own accord (1.0 §5.2.3.4) with a device that waits at a `coap` or `coaps` URI, or
   * where it came from when it last asked for a bootstrap. Gives the session as it begins; its end is told by
   * `finished` or `failed`. Rejects with a `UsageError` when there is nothing to give or it is not known where to, with
   * a `SecurityError` when the device may not have it, and with what reaching the device rejects with.
   */
  async start(endpointName: string, uri?: string): Promise<BootstrapSessionRecord> {
    return await this.#role.start(endpointName, uri);
  }

  /** What the CoAP layer counted, of each binding in their order. */
  get coapStatistics(): readonly EndpointStatistics[] {
    return this.#role.listeners.map(({ endpoint }) => endpoint.statistics);
  }

  /** How much the CoAP layer remembers right now, of each binding in their order. */
  get coapSizes(): readonly EndpointSizes[] {
    return this.#role.listeners.map(({ endpoint }) => endpoint.sizes);
  }

  /** Stops: sessions under way fail (`closed`), sockets are closed. Twice is harmless. */
  async close(): Promise<void> {
    await this.#role.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

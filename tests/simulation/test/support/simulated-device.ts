import { type Instant, type Milliseconds, milliseconds, seconds } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';
import {
  type ClientDiagnostic,
  type ClientOptions,
  device,
  LwM2mClient,
  type TreeProposal,
} from '@dunlin/client';
import { type BindingMode, formatPath } from '@dunlin/lwm2m';
import { type SimulatedNetwork, SimulatedShell } from '@dunlin/simulation';

import { Counters, countersObject } from './counter-object.ts';
import { secureDeviceBinding, type SecureTerms, securityOf } from './secure-channel.ts';

/** A value that a Resource of a device had, from an instant on. */
export interface PastValue {
  readonly value: number;
  readonly since: Instant;
  /** Which life of the device: it starts with its first values again after a restart. */
  readonly life: number;
}

/** What a device of a simulation is like. */
export interface SimulatedDeviceOptions {
  readonly name: string;
  readonly address: string;
  /** 0: another one after each restart. */
  readonly port: number;
  /** In seconds. */
  readonly lifetime: number;
  /** Default `U`. */
  readonly binding?: BindingMode;
  /** For how long it listens after each message when its binding has a Q. */
  readonly awakeWindow?: Milliseconds;
  /** Numbers that only grow, for readings. */
  readonly nextValue: () => number;
  /** How it speaks DTLS; absent: not at all. */
  readonly secure?: SecureTerms | undefined;
}

/** A device whose every effect is on record, through all its restarts. */
export class SimulatedDevice {
  readonly name: string;
  readonly lifetime: number;
  /** The lives in which each Execute argument ran, once for each run. */
  readonly executions = new Map<number, number[]>();
  /** The same for each value that was written, by any Write that changed `first`, `second` or `lonely`. */
  readonly writes = new Map<number, number[]>();
  /** When each of these happened first. */
  readonly firstRuns = new Map<number, Instant>();
  readonly pairs: PastValue[] = [];
  readonly lonely: PastValue[] = [];
  readonly readings: PastValue[] = [];
  readonly violations: string[] = [];
  /** Relations that the client has, by path. */
  readonly relations = new Map<string, number>();
  readonly lostRelations = new Map<string, string>();
  readonly createdByServer: number[] = [];
  /** When the device was last seen to get another address, or to restart. */
  lastMove: Instant;
  client: LwM2mClient | undefined;
  shell: SimulatedShell | undefined;
  life = 0;
  readonly #network: SimulatedNetwork;
  readonly #address: string;
  readonly #port: number;
  readonly #binding: BindingMode;
  readonly #awakeWindow: Milliseconds | undefined;
  readonly #nextValue: () => number;
  readonly #secure: SecureTerms | undefined;

  constructor(network: SimulatedNetwork, options: SimulatedDeviceOptions) {
    this.#network = network;
    this.name = options.name;
    this.lifetime = options.lifetime;
    this.#address = options.address;
    this.#port = options.port;
    this.#binding = options.binding ?? 'U';
    this.#awakeWindow = options.awakeWindow;
    this.#nextValue = options.nextValue;
    this.#secure = options.secure;
    this.lastMove = network.clock.now;
  }

  async start(): Promise<void> {
    this.life += 1;
    this.relations.clear();
    this.lostRelations.clear();
    this.lastMove = this.#network.clock.now;
    const reading = this.#nextValue();
    this.#record(this.pairs, 0);
    this.#record(this.lonely, 0);
    this.#record(this.readings, reading);
    const { life } = this;
    const client = await LwM2mClient.open({
      endpoint: this.name,
      ...this.#channel(),
      objects: [
        device({
          manufacturer: 'Dunlin',
          onReboot: () => undefined,
          supportedBindingAndModes: this.#binding,
        }),
        countersObject(reading, {
          executed: (execution) => this.#executed([...execution.arguments.values()][0]),
          committed: (proposal) => {
            if (life === this.life) this.#committed(proposal);
          },
        }),
      ],
      ...(this.#awakeWindow !== undefined && { awakeWindow: this.#awakeWindow }),
      notifications: life % 2 === 0 ? 'confirmable' : 'non-confirmable',
      retry: { maxDelay: milliseconds(30_000), refusedDelay: milliseconds(30_000) },
    });
    client.diagnostics.subscribe((diagnostic) => {
      if (life === this.life) this.#diagnosed(diagnostic);
    });
    this.client = client;
  }

  /** Ends without a word. */
  kill(): void {
    this.shell?.kill();
    this.leave();
  }

  /** From now on the device is as good as gone. */
  leave(): void {
    this.client = undefined;
    this.life += 1;
    this.relations.clear();
  }

  /** The reading grows. */
  grow(): void {
    if (this.client === undefined) return;
    const value = this.#nextValue();
    this.#record(this.readings, value);
    this.client.set(Counters(0).reading, value);
  }

  /** The values that a Resource had at any time from `since` on. */
  valuesSince(history: readonly PastValue[], since: Instant): readonly number[] {
    const first = history.findLastIndex((past) => past.since <= since);
    return history.slice(Math.max(first, 0)).map(({ value }) => value);
  }

  #channel(): Pick<ClientOptions, 'servers' | 'binding' | 'secureBinding'> {
    const account = { shortServerId: 1, lifetime: seconds(this.lifetime), binding: this.#binding };
    const binding = this.#networkBinding();
    if (this.#secure === undefined)
      return { servers: [{ ...account, uri: 'coap://10.0.0.1:5683' }], binding };
    const secureBinding = secureDeviceBinding(this.#network, binding, this.#secure);
    const security = securityOf(this.name);
    return { servers: [{ ...account, uri: 'coaps://10.0.0.1:5684', security }], secureBinding };
  }

  #networkBinding(): Binding {
    const binding = this.#network.binding(this.#address, this.#port, { behindNat: true });
    return {
      open: async (driven) => {
        const shell = await binding.open(driven);
        if (shell instanceof SimulatedShell) this.shell = shell;
        return shell;
      },
    };
  }

  #record(history: PastValue[], value: number): void {
    history.push({ value, since: this.#network.clock.now, life: this.life });
  }

  #executed(argument: string | undefined): void {
    this.#count(this.executions, Number(argument));
  }

  #count(runs: Map<number, number[]>, id: number): void {
    runs.set(id, [...(runs.get(id) ?? []), this.life]);
    if (!this.firstRuns.has(id)) this.firstRuns.set(id, this.#network.clock.now);
  }

  #committed({ origin, written, created }: TreeProposal): void {
    for (const { objectInstanceId } of created) this.createdByServer.push(objectInstanceId);
    if (origin.kind === 'device') return;
    const values = new Map<number, number>();
    for (const { path, content } of written) {
      if (path.objectInstanceId !== 0 || content?.kind !== 'single') continue;
      values.set(path.resourceId, Number(content.value));
    }
    const first = values.get(0);
    const second = values.get(1);
    if (first !== second) this.violations.push(`a Write was half: ${first} and ${second}`);
    if (first !== undefined) {
      this.#record(this.pairs, first);
      this.#count(this.writes, first);
    }
    const lonely = values.get(4);
    if (lonely !== undefined) {
      this.#record(this.lonely, lonely);
      this.#count(this.writes, lonely);
    }
  }

  #diagnosed(diagnostic: ClientDiagnostic): void {
    switch (diagnostic.kind) {
      case 'observation-started': {
        const path = formatPath(diagnostic.path);
        this.relations.set(path, (this.relations.get(path) ?? 0) + 1);
        break;
      }
      case 'observation-ended': {
        const path = formatPath(diagnostic.path);
        const left = (this.relations.get(path) ?? 0) - 1;
        if (left < 0) this.violations.push(`an observation of ${path} ends that did not begin`);
        if (left > 0) this.relations.set(path, left);
        else this.relations.delete(path);
        this.lostRelations.set(path, diagnostic.reason);
        break;
      }
      case 'device-error':
        this.violations.push(`the device failed: ${String(diagnostic.error)}`);
        break;
      case 'bootstrap-command':
      case 'sms-unreachable':
      case 'smartcard-refused':
      case 'state-not-saved':
      case 'notification-discarded':
      case 'request-dropped':
      case 'request-refused':
        break;
    }
  }
}

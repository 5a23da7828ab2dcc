import { hexDecode, milliseconds, noBytes, seconds, utf8Encode } from '@dunlin/base';
import { ContentFormat, Method, type Request } from '@dunlin/coap';
import { SimulatedNetwork } from '@dunlin/simulation';

import {
  type ClientDiagnostic,
  type ClientOptions,
  LwM2mClient,
  type RegistrationEvent,
} from '@dunlin/client';

import { completeDevice } from './reference-device.ts';
import { type Answer, ScriptedServer, type Watch } from './scripted-server.ts';

/** Where the scripted server of these tests listens. */
export const serverUri = 'coap://192.0.2.1:5683';

/** A client and a scripted server on a simulated network. */
export class World {
  readonly network: SimulatedNetwork;
  readonly server: ScriptedServer;
  readonly client: LwM2mClient;
  readonly events: RegistrationEvent[] = [];
  readonly diagnostics: ClientDiagnostic[] = [];

  private constructor(network: SimulatedNetwork, server: ScriptedServer, client: LwM2mClient) {
    this.network = network;
    this.server = server;
    this.client = client;
    for (const signal of [
      client.registered,
      client.updated,
      client.deregistered,
      client.registrationFailed,
    ]) {
      signal.subscribe((event) => this.events.push(event));
    }
    client.diagnostics.subscribe((diagnostic) => this.diagnostics.push(diagnostic));
  }

  /** Opens both; the client has begun to register. */
  static async open(
    options: Partial<ClientOptions> = {},
    prepare: (server: ScriptedServer, network: SimulatedNetwork) => void = () => undefined,
  ): Promise<World> {
    const network = new SimulatedNetwork(1);
    const server = new ScriptedServer(() => network.clock.now);
    await server.open(network.binding('192.0.2.1', 5683));
    prepare(server, network);
    const client = await LwM2mClient.open({
      endpoint: 'example-client',
      servers: [{ uri: serverUri, shortServerId: 101 }],
      objects: [completeDevice()],
      binding: network.binding('192.0.2.7', 56_830),
      ...options,
    });
    return new World(network, server, client);
  }

  /** Opens both and waits for the registration. */
  static async registered(options: Partial<ClientOptions> = {}): Promise<World> {
    const world = await World.open(options);
    await world.until(() => world.events.some(({ kind }) => kind === 'registered'));
    return world;
  }

  /** Lets virtual seconds pass. */
  async pass(duration: number): Promise<void> {
    await this.network.run(milliseconds(duration * 1000));
  }

  /** Lets virtual time pass until the condition holds, for 10 minutes at most. */
  async until(condition: () => boolean): Promise<void> {
    await this.network.runUntil(condition, milliseconds(600_000));
  }

  /** Sends any request and gives the answer; throws when there is none. */
  async send(request: Request): Promise<Answer> {
    const answer = await this.attempt(request);
    if (typeof answer === 'string') throw new Error(`no answer: ${answer}`);
    return answer;
  }

  /** Sends any request and gives the answer, or why there is none. */
  async attempt(request: Request): Promise<Answer | string> {
    const outcome = watched(this.server.send(request));
    await this.network.runUntil(() => outcome.value !== undefined, milliseconds(600_000));
    return outcome.value ?? 'nothing';
  }

  read(path: string, accept?: number): Promise<Answer> {
    return this.send({ method: Method.get, uriPath: segments(path), accept });
  }

  discover(path: string): Promise<Answer> {
    return this.read(path, ContentFormat.linkFormat);
  }

  /** Write (Replace). */
  put(path: string, contentFormat: number | undefined, payload: Uint8Array): Promise<Answer> {
    return this.send({ method: Method.put, uriPath: segments(path), contentFormat, payload });
  }

  /** Write (Partial Update), Create or Execute, by the depth of the path. */
  post(path: string, contentFormat?: number, payload: Uint8Array = noBytes): Promise<Answer> {
    return this.send({ method: Method.post, uriPath: segments(path), contentFormat, payload });
  }

  execute(path: string, args?: string): Promise<Answer> {
    return args === undefined ? this.post(path) : this.post(path, ContentFormat.text, utf8Encode(args));
  }

  delete(path: string): Promise<Answer> {
    return this.send({ method: Method.delete, uriPath: segments(path) });
  }

  writeAttributes(path: string, ...uriQuery: string[]): Promise<Answer> {
    return this.send({ method: Method.put, uriPath: segments(path), uriQuery });
  }

  /** Observes, and waits for the first response. */
  async observe(path: string, accept?: number): Promise<Watch> {
    const watch = this.server.observe({ method: Method.get, uriPath: segments(path), accept });
    await this.until(() => watch.notifications.length > 0 || watch.ended !== undefined);
    return watch;
  }

  /** When the notifications arrived, in seconds after the first response. */
  times(watch: Watch): readonly number[] {
    const [first] = watch.notifications;
    return watch.notifications.map(({ at }) => Math.round((at - (first?.at ?? 0)) / 100) / 10);
  }
}

export function segments(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

export const tlv: number = ContentFormat.tlv;
export const json: number = ContentFormat.json;
export const text: number = ContentFormat.text;

/** The bytes of a hexadecimal text; throws when it is not one. */
export function hex(digits: string): Uint8Array {
  const decoded = hexDecode(digits);
  if (decoded === undefined) throw new Error(`not hexadecimal: ${digits}`);
  return decoded;
}

/** The bytes of a text. */
export function bytes(value: string): Uint8Array {
  return utf8Encode(value);
}

/** A lifetime in seconds. */
export const lifetime = seconds;

/** What a promise came to, to be looked at while virtual time passes. */
export function watched<T>(promise: Promise<T>): { readonly value: T | undefined } {
  const outcome: { value: T | undefined } = { value: undefined };
  const settle = async (): Promise<void> => {
    outcome.value = await promise;
  };
  settle().catch(() => undefined);
  return outcome;
}

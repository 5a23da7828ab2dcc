import assert from 'node:assert/strict';

import { milliseconds, noBytes, utf8Encode } from '@dunlin/base';
import type { BootstrapEvent, BootstrapServerAccount, ClientOptions } from '@dunlin/client';
import { ContentFormat, Method, ResponseCode } from '@dunlin/coap';
import {
  type Content,
  encodeContent,
  isFormatFailure,
  pathOf,
  type ResourceContents,
  Security,
  Server,
  type Value,
} from '@dunlin/lwm2m';

import { acceptAll, type Answer, type Script, ScriptedServer } from './scripted-server.ts';
import { segments, watched, World } from './world.ts';

/** Where the Server is that a bootstrap tells the client of; the Bootstrap-Server is the server of the `World`. */
export const managementUri = 'coap://192.0.2.2:5683';

/** What a Security instance says, by the ids of its Resources. */
export const security: Readonly<Record<number, Value>> = {
  0: managementUri,
  1: false,
  2: 3,
  3: noBytes,
  4: noBytes,
  5: noBytes,
  10: 101,
};

/** What a Server instance says. */
export const server: Readonly<Record<number, Value>> = { 0: 101, 1: 300, 6: true, 7: 'U' };

/** A client without Servers, its Bootstrap-Server, and the Server that it is to be told of. */
export class BootstrapWorld {
  readonly world: World;
  readonly management: ScriptedServer;
  readonly events: BootstrapEvent[] = [];

  private constructor(world: World, management: ScriptedServer) {
    this.world = world;
    this.management = management;
    world.client.bootstrapEvents.subscribe((event) => this.events.push(event));
  }

  static async open(
    account: Partial<BootstrapServerAccount> = {},
    options: Partial<ClientOptions> = {},
    script: Script = bootstrapScript(),
  ): Promise<BootstrapWorld> {
    const servers: ScriptedServer[] = [];
    const bootstrapServer = { uri: 'coap://192.0.2.1:5683', ...account };
    const world = await World.open({ servers: [], bootstrapServer, ...options }, (bootstrap, network) => {
      bootstrap.script = script;
      servers.push(new ScriptedServer(() => network.clock.now));
    });
    const [management] = servers;
    assert.ok(management !== undefined);
    await management.open(world.network.binding('192.0.2.2', 5683));
    return new BootstrapWorld(world, management);
  }

  /** Opens it and waits until the Bootstrap-Server was asked. */
  static async started(options: Partial<ClientOptions> = {}): Promise<BootstrapWorld> {
    const it = await BootstrapWorld.open({}, options);
    await it.until('bootstrap-started');
    return it;
  }

  get kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }

  async until(kind: BootstrapEvent['kind'], count = 1): Promise<void> {
    const limit = milliseconds(3_600_000);
    await this.world.network.runUntil(() => this.kinds.filter((it) => it === kind).length >= count, limit);
  }

  /** Write of an instance, in TLV. */
  write(path: string, values: Readonly<Record<number, Value>>): Promise<Answer> {
    return this.world.put(path, ContentFormat.tlv, instancePayload(path, values));
  }

  delete(path: string): Promise<Answer> {
    return this.world.delete(path);
  }

  /** `POST /bs`. */
  finish(): Promise<Answer> {
    return this.world.send({ method: Method.post, uriPath: ['bs'] });
  }

  /** Writes one complete account, and ends the sequence. */
  async provision(): Promise<Answer> {
    assert.equal((await this.write('/0/1', security)).code, '2.04');
    assert.equal((await this.write('/1/0', server)).code, '2.04');
    return await this.finish();
  }

  /** What a Read of the Server says, while the client is registered with it. */
  async readAt(path: string): Promise<string> {
    const outcome = watched(this.management.send({ method: Method.get, uriPath: segments(path) }));
    await this.world.until(() => outcome.value !== undefined);
    return typeof outcome.value === 'object' ? outcome.value.code : String(outcome.value);
  }
}

/** A Bootstrap-Server that answers 2.04 to Bootstrap-Request. */
export function bootstrapScript(): Script {
  const others = acceptAll();
  return (received) =>
    received.request.uriPath.at(-1) === 'bs' ? { code: ResponseCode.changed } : others(received);
}

/** The TLV of an instance of Object 0 or 1, or of any Object by its definition's ids. */
export function instancePayload(path: string, values: Readonly<Record<number, Value>>): Uint8Array {
  const [objectId = 0, objectInstanceId = 0] = segments(path).map(Number);
  const definition = objectId === 0 ? Security.definition : Server.definition;
  const resources: ResourceContents = new Map(
    Object.entries(values).map(([id, value]) => {
      const type = definition.resources.get(Number(id))?.type;
      if (type === undefined) throw new Error(`${path}/${id} is not defined`);
      return [Number(id), { kind: 'single' as const, type, value }];
    }),
  );
  const content: Content = { kind: 'object-instance', resources };
  const payload = encodeContent(ContentFormat.tlv, pathOf(objectId, objectInstanceId), content);
  if (isFormatFailure(payload)) throw new Error(payload.reason);
  return payload;
}

/** A text as a payload. */
export function payloadOf(value: string): Uint8Array {
  return utf8Encode(value);
}

import assert from 'node:assert/strict';

import { accessControl, type AccessControlEntry, type ClientOptions, type ObjectSetup } from '@dunlin/client';
import { ContentFormat, Method, type Request } from '@dunlin/coap';

import { completeDevice } from './reference-device.ts';
import { probeObject } from './probe-device.ts';
import { type Answer, ScriptedServer, type Watch } from './scripted-server.ts';
import { segments, serverUri, watched, World } from './world.ts';

/** The short server ids of the reference configuration (Appendix F). */
export type ServerName = 101 | 102;

/** A client that is registered with two Servers. */
export class TwoServers {
  readonly world: World;
  readonly servers: Readonly<Record<ServerName, ScriptedServer>>;

  private constructor(world: World, other: ScriptedServer) {
    this.world = world;
    this.servers = { 101: world.server, 102: other };
  }

  /** With `entries` access control is as they say, otherwise as a client arranges it by itself. */
  static async registered(
    entries?: readonly AccessControlEntry[],
    options: Partial<ClientOptions> = {},
  ): Promise<TwoServers> {
    const others: ScriptedServer[] = [];
    const objects: ObjectSetup[] = [completeDevice(), probeObject()];
    if (entries !== undefined) objects.push(accessControl(entries));
    const world = await World.open(
      {
        servers: [
          { uri: serverUri, shortServerId: 101 },
          { uri: 'coap://192.0.2.2:5683', shortServerId: 102 },
        ],
        objects,
        ...options,
      },
      (_server, network) => {
        others.push(new ScriptedServer(() => network.clock.now));
      },
    );
    const [other] = others;
    assert.ok(other !== undefined);
    await other.open(world.network.binding('192.0.2.2', 5683));
    await world.until(() => world.client.servers.every(({ location }) => location !== undefined));
    return new TwoServers(world, other);
  }

  async send(by: ServerName, request: Request): Promise<Answer> {
    const outcome = watched(this.servers[by].send(request));
    await this.world.until(() => outcome.value !== undefined);
    if (typeof outcome.value !== 'object') throw new Error(`no answer: ${String(outcome.value)}`);
    return outcome.value;
  }

  read(by: ServerName, path: string): Promise<Answer> {
    return this.send(by, { method: Method.get, uriPath: segments(path) });
  }

  discover(by: ServerName, path: string): Promise<Answer> {
    return this.send(by, { method: Method.get, uriPath: segments(path), accept: ContentFormat.linkFormat });
  }

  put(by: ServerName, path: string, contentFormat: number, payload: Uint8Array): Promise<Answer> {
    return this.send(by, { method: Method.put, uriPath: segments(path), contentFormat, payload });
  }

  post(by: ServerName, path: string, contentFormat?: number, payload?: Uint8Array): Promise<Answer> {
    return this.send(by, { method: Method.post, uriPath: segments(path), contentFormat, payload });
  }

  delete(by: ServerName, path: string): Promise<Answer> {
    return this.send(by, { method: Method.delete, uriPath: segments(path) });
  }

  async observe(by: ServerName, path: string): Promise<Watch> {
    const watch = this.servers[by].observe({ method: Method.get, uriPath: segments(path) });
    await this.world.until(() => watch.notifications.length > 0 || watch.ended !== undefined);
    return watch;
  }
}

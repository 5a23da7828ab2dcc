import assert from 'node:assert/strict';

import { utf8Decode } from '@dunlin/base';
import { type Binding, ContentFormat } from '@dunlin/coap';
import {
  type Content,
  decodeContent,
  isFormatFailure,
  isRefusal,
  type ObjectDefinition,
  type ObjectDefinitions,
  parseAttributeQuery,
  parsePath,
  type Path,
} from '@dunlin/lwm2m';
import { type Device, LwM2mServer, type LwM2mServerOptions, ResponseError } from '@dunlin/server';

import type { Answer, Asked, KnownRegistration, Manager, Notified, Watch } from './manager.ts';
import { serverAddress } from './places.ts';
import type { Wire } from './wire.ts';

/** Our server, asked through its public interface; codes are taken from the wire. */
export class PlatformManager implements Manager {
  readonly #wire: Wire;
  readonly #endpoint: string;
  #server: LwM2mServer | undefined;
  #definitions: ObjectDefinitions | undefined;

  constructor(wire: Wire, endpoint: string) {
    this.#wire = wire;
    this.#endpoint = endpoint;
  }

  get server(): LwM2mServer {
    return this.#open();
  }

  async open(
    binding: Binding,
    definitions: ObjectDefinitions,
    firmware: LwM2mServerOptions['firmware'],
  ): Promise<void> {
    this.#definitions = definitions;
    this.#server = await LwM2mServer.open({ listen: [binding], definitions, firmware });
  }

  async registration(): Promise<KnownRegistration | undefined> {
    const registration = await this.#device().registration();
    if (registration === undefined) return undefined;
    return { location: `/rd/${registration.id}`, lifetime: registration.lifetime };
  }

  async forget(): Promise<void> {
    await this.#open().deregister(this.#endpoint);
  }

  async perform(asked: Asked): Promise<Answer> {
    let content: Content | undefined;
    let refusal: ResponseError | undefined;
    try {
      content = await this.#ask(asked);
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error;
      refusal = error;
    }
    const response = this.#lastResponse(asked.kind);
    if (refusal !== undefined) assert.equal(refusal.coapCode, response.code, 'the error tells the code');
    else assert.match(response.code, /^2\./, 'what the interface reports as done was done');
    const text = utf8Decode(response.payload) ?? '';
    return { ...response, text, content };
  }

  async observe(path: string): Promise<Watch> {
    const notified: Notified[] = [];
    const server = this.#open();
    server.notified.subscribe((event) => {
      const [newest] = event.content;
      if (event.path === path && newest !== undefined)
        notified.push({ at: event.time, content: newest.content });
    });
    await this.#device().observe(path).started();
    return { path, notified };
  }

  async cancel(watch: Watch, way: 'active' | 'passive'): Promise<void> {
    await this.#device().cancelObservation(watch.path, { way });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
  }

  async #ask(asked: Asked): Promise<Content | undefined> {
    const device = this.#device();
    const path = pathFrom(asked.path);
    switch (asked.kind) {
      case 'read':
        return await device.readContent(path, { format: asked.accept });
      case 'discover':
        await device.discover(path);
        return undefined;
      case 'write': {
        const content = this.#decode(path, asked.format, asked.payload);
        await device.write(path, content, { mode: asked.mode, format: asked.format });
        return undefined;
      }
      case 'write-attributes': {
        const change = parseAttributeQuery(asked.query);
        assert.ok(!isRefusal(change), 'attributes that the interface can express');
        await device.writeAttributes(path, change);
        return undefined;
      }
      case 'execute':
        await device.execute(path, asked.args);
        return undefined;
      case 'create':
        await device.create(path, this.#decode(path, asked.format, asked.payload), { format: asked.format });
        return undefined;
      case 'delete':
        await device.delete(path);
        return undefined;
    }
  }

  #decode(path: Path, format: number, payload: Uint8Array): Content {
    const definition: ObjectDefinition | undefined =
      path.kind === 'root' ? undefined : this.#definitions?.find(path.objectId);
    const content = decodeContent(format, path, payload, definition);
    assert.ok(!isFormatFailure(content), 'a payload that the interface can express');
    return content;
  }

  /** The answer to the last request of the server, which for a content must have the format it says. */
  #lastResponse(kind: Asked['kind']): Omit<Answer, 'text' | 'content'> {
    const response = this.#wire.from(serverAddress).at(-1)?.responses.at(-1);
    assert.ok(response !== undefined, 'there was an answer on the wire');
    if (kind === 'discover' && response.code === '2.05')
      assert.equal(response.contentFormat, ContentFormat.linkFormat);
    return response;
  }

  #device(): Device {
    return this.#open().device(this.#endpoint);
  }

  #open(): LwM2mServer {
    if (this.#server === undefined) throw new Error('the server is not open');
    return this.#server;
  }
}

function pathFrom(text: string): Path {
  const path = parsePath(text);
  if (path === undefined) throw new Error(`${text} is no path`);
  return path;
}

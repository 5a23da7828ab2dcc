import assert from 'node:assert/strict';

import { seconds } from '@dunlin/base';
import { type Binding, Method, type Peer, type Request, type Response, ResponseCode } from '@dunlin/coap';
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

import { expectCode, linkFormat, tlv } from './checks.ts';
import { CoapParty } from './coap-party.ts';
import type { Pace } from './pace.ts';
import { segments } from './device-under-test.ts';

/** The account that the runner gives a device: itself as a Server. */
export interface GivenAccount {
  readonly uri: string;
  /** Absent: without security. */
  readonly psk?: { readonly identity: Uint8Array; readonly key: Uint8Array } | undefined;
}

/** A device under test whose Bootstrap-Server the runner is. */
export class BootstrapUnderTest implements AsyncDisposable {
  readonly party: CoapParty;
  readonly #pace: Pace;

  constructor(pace: Pace) {
    this.#pace = pace;
    this.party = new CoapParty(pace);
    this.party.answer = ({ request }): Response =>
      request.method === Method.post && request.uriPath.join('/') === 'bs'
        ? { code: ResponseCode.changed }
        : { code: ResponseCode.notFound };
  }

  open(binding: Binding): Promise<void> {
    return this.party.open(binding);
  }

  get log(): string[] {
    return this.party.log;
  }

  /** ETS 0: the device asks, is given an account, says what it has, and is told that this was all. */
  async bootstrap({ uri, psk }: GivenAccount, patience: number): Promise<void> {
    const asked = await this.party.next(0, 'Bootstrap-Request', ({ line }) => line === 'POST /bs', patience);
    assert.ok(
      asked.request.uriQuery.some((part) => /^ep=.+/.test(part)),
      'Bootstrap-Request has an endpoint name',
    );
    await this.#pace.pass(0.5);
    const none = new Uint8Array(0);
    const security = {
      0: uri,
      1: false,
      2: psk === undefined ? 3 : 0,
      3: psk?.identity ?? none,
      4: none,
      5: psk?.key ?? none,
      10: 1,
    };
    const server = { 0: 1, 1: seconds(300), 6: false, 7: 'U' };
    const before = await this.#discover(asked.peer);
    const taken = new Set([...before.matchAll(/<\/0\/(\d+)>/g)].map(([, id]) => Number(id)));
    const free = [0, 1, 2].find((id) => !taken.has(id)) ?? 3;
    expectCode(await this.#send(asked.peer, write(`/0/${free}`, Security.definition.id, security)), '2.04');
    expectCode(await this.#send(asked.peer, write('/1/0', Server.definition.id, server)), '2.04');
    const after = await this.#discover(asked.peer);
    assert.match(after, new RegExp(`</0/${free}>;ssid=1(,|;|$)`), 'Discover tells the account');
    assert.match(after, /<\/1\/0>;ssid=1(,|;|$)/, 'Discover tells the Server instance');
    assert.match(after, /<\/3\/0>/, 'Discover tells the Device Object');
    expectCode(await this.#send(asked.peer, { method: Method.post, uriPath: ['bs'] }), '2.04');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.party[Symbol.asyncDispose]();
  }

  async #discover(peer: Peer): Promise<string> {
    const answer = await this.#send(peer, { method: Method.get, uriPath: [], accept: linkFormat });
    expectCode(answer, '2.05');
    return new TextDecoder().decode(answer.payload);
  }

  #send(peer: Peer, request: Request): ReturnType<CoapParty['request']> {
    return this.party.request(peer, request);
  }
}

function write(path: string, objectId: number, values: Readonly<Record<number, Value>>): Request {
  const [, objectInstanceId = 0] = segments(path).map(Number);
  const { definition } = objectId === Security.definition.id ? Security : Server;
  const resources: ResourceContents = new Map(
    Object.entries(values).map(([id, value]) => {
      const type = definition.resources.get(Number(id))?.type ?? 'opaque';
      return [Number(id), { kind: 'single' as const, type, value }];
    }),
  );
  const content: Content = { kind: 'object-instance', resources };
  const payload = encodeContent(tlv, pathOf(objectId, objectInstanceId), content);
  if (isFormatFailure(payload)) throw new Error(payload.reason);
  return { method: Method.put, uriPath: segments(path), contentFormat: tlv, payload };
}

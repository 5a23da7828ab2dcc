import { milliseconds, utf8Encode } from '@dunlin/base';
import {
  type IncomingRequest,
  type IncomingResponse,
  Method,
  type Response,
  ResponseCode,
} from '@dunlin/coap';
import type { LwM2mServerOptions, QueuedOperation } from '@dunlin/server';
import type { SimulatedNetwork } from '@dunlin/simulation';

import type { Behaviour } from './raw-device.ts';
import { contentResponse, openTestServer, single, type TestServer } from './test-server.ts';

export const endpoint = 'node-1';

/** A server with a device in queue mode. */
export interface SleepyBench extends TestServer {
  /** What became of operations, in the order of the events: `queued 1`, `sent 1`, `done 1`, `failed 2 refused`. */
  readonly told: string[];
  /** What the device was asked, in the order of arrival: `GET /3/0/0`. */
  readonly asked: string[];
  /** Sends a Register. */
  register(binding?: string): Promise<IncomingResponse>;
  /** Sends an Update. */
  update(query?: readonly string[]): Promise<IncomingResponse>;
  /** Sends an Update with another object list. */
  updateObjects(links: string): Promise<IncomingResponse>;
  /** Lets so many milliseconds pass. */
  pass(duration: number): Promise<void>;
  /** Lets the awake window pass. */
  fallAsleep(): Promise<void>;
}

/** What a device answers that does everything it is asked. */
export const obliging: Behaviour = ({ method, uriPath, accept }: IncomingRequest): Response => {
  switch (method) {
    case Method.get:
      return accept === 40
        ? { code: ResponseCode.content, contentFormat: 40, payload: utf8Encode('</3/0/0>') }
        : contentResponse(`/${uriPath.join('/')}`, single('string', 'Acme'));
    case Method.post:
      return uriPath.length === 1
        ? { code: ResponseCode.created, locationPath: [...uriPath, '7'] }
        : { code: ResponseCode.changed };
    case Method.put:
      return { code: ResponseCode.changed };
    case Method.delete:
      return { code: ResponseCode.deleted };
    case Method.fetch:
    case Method.patch:
    case Method.ipatch:
      return { code: ResponseCode.methodNotAllowed };
  }
};

/** A device that registered in queue mode and does everything it is asked. */
export async function openSleepyBench(
  options: Partial<LwM2mServerOptions> = {},
  network?: SimulatedNetwork,
): Promise<SleepyBench> {
  const bench = await openTestServer(options, network);
  const { server, device } = bench;
  const told: string[] = [];
  server.operationQueued.subscribe(({ id }) => told.push(`queued ${id}`));
  server.operationSent.subscribe(({ id }) => told.push(`sent ${id}`));
  server.operationFinished.subscribe((operation) => told.push(endOf(operation)));
  device.behaviour = obliging;
  let location: readonly string[] = [];
  const pass = (duration: number): Promise<void> => bench.network.run(milliseconds(duration));
  const sleepy: SleepyBench = {
    ...bench,
    told,
    get asked() {
      return device.received.map(
        ({ request }) => `${methodNames[request.method]} /${request.uriPath.join('/')}`,
      );
    },
    async register(binding = 'UQ') {
      const response = await device.register(
        [`ep=${endpoint}`, 'lt=86400', 'lwm2m=1.0', `b=${binding}`, ...numberFor(binding)],
        '</1/0>,</3/0>,</6/0>,</3303/0>',
      );
      location = response.locationPath ?? [];
      return response;
    },
    update: (query = []) => device.exchange({ method: Method.post, uriPath: location, uriQuery: query }),
    updateObjects: (links) =>
      device.exchange({
        method: Method.post,
        uriPath: location,
        contentFormat: 40,
        payload: utf8Encode(links),
      }),
    pass,
    fallAsleep: () => pass(93_000),
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
  await sleepy.register();
  return sleepy;
}

/** A mode with short messages needs a number (1.0 §8.6.2). */
function numberFor(binding: string): readonly string[] {
  return binding.includes('S') ? ['sms=491700000001'] : [];
}

const methodNames: Readonly<Record<number, string>> = {
  [Method.get]: 'GET',
  [Method.post]: 'POST',
  [Method.put]: 'PUT',
  [Method.delete]: 'DELETE',
};

function endOf({ id, state }: QueuedOperation): string {
  return state.kind === 'failed' ? `failed ${id} ${state.failure.reason}` : `${state.kind} ${id}`;
}

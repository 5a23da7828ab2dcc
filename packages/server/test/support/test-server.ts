import { milliseconds } from '@dunlin/base';
import { ContentFormat, type Response, ResponseCode } from '@dunlin/coap';
import { type Content, encodeContent, isFormatFailure, parsePath, type Value } from '@dunlin/lwm2m';
import { LwM2mServer, type LwM2mServerOptions, type ServerDiagnostic } from '@dunlin/server';
import { SimulatedNetwork } from '@dunlin/simulation';

import { RawDevice } from './raw-device.ts';

/** A server at 10.0.0.1:5683 and a device at 10.0.0.2 on one network, with all that the server told. */
export interface TestServer extends AsyncDisposable {
  readonly network: SimulatedNetwork;
  readonly server: LwM2mServer;
  readonly device: RawDevice;
  /** Events as words, such as `registered node-1`. */
  readonly events: string[];
  readonly diagnostics: ServerDiagnostic[];
  /** Another device. */
  newDevice(address?: string): Promise<RawDevice>;
  /** Lets virtual time pass until a promise has settled, and gives its result. */
  finish<T>(promise: Promise<T>): Promise<T>;
}

export const serverAddress = { address: '10.0.0.1', port: 5683 };

/** A network on which nothing goes wrong. */
export function newNetwork(seed: number): SimulatedNetwork {
  return new SimulatedNetwork(seed);
}

/** Opens it on a network where nothing goes wrong. */
export async function openTestServer(
  options: Partial<LwM2mServerOptions> = {},
  network: SimulatedNetwork = new SimulatedNetwork(1),
): Promise<TestServer> {
  const server = await LwM2mServer.open({
    listen: [network.binding(serverAddress.address, serverAddress.port)],
    ...options,
  });
  const events: string[] = [];
  const diagnostics: ServerDiagnostic[] = [];
  server.registered.subscribe(({ registration, replaced }) =>
    events.push(`registered ${registration.endpointName}${replaced === undefined ? '' : ' anew'}`),
  );
  server.updated.subscribe(({ registration }) => events.push(`updated ${registration.endpointName}`));
  server.deregistered.subscribe(({ registration }) =>
    events.push(`deregistered ${registration.endpointName}`),
  );
  server.expired.subscribe(({ registration }) => events.push(`expired ${registration.endpointName}`));
  server.observationEnded.subscribe(({ endpoint, path, reason }) =>
    events.push(`observation of ${endpoint} ${path} ${reason}`),
  );
  server.diagnostics.subscribe((diagnostic) => diagnostics.push(diagnostic));
  const newDevice = (address?: string): Promise<RawDevice> => RawDevice.open(network, serverAddress, address);
  return {
    network,
    server,
    device: await newDevice(),
    events,
    diagnostics,
    newDevice,
    finish: (promise) => finish(network, promise),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Lets virtual time pass until a promise has settled, and gives its result. */
export async function finish<T>(network: SimulatedNetwork, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  promise.then(settle, settle);
  await network.runUntil(() => isSettled, milliseconds(1_000_000));
  return await promise;
}

/** 2.05 with content in a format. */
export function contentResponse(
  path: string,
  content: Content,
  format: number = ContentFormat.tlv,
): Response {
  const parsed = parsePath(path);
  if (parsed === undefined) throw new Error(`${path} is no path`);
  const payload = encodeContent(format, parsed, content);
  if (isFormatFailure(payload)) throw new Error(payload.reason);
  return { code: ResponseCode.content, contentFormat: format, payload };
}

/** The content of a Resource with one value. */
export function single(type: 'string' | 'integer' | 'float' | 'boolean' | 'opaque', value: Value): Content {
  return { kind: 'resource', resource: { kind: 'single', type, value } };
}

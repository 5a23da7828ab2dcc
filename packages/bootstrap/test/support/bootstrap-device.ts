import { addDuration, earliestOf, type Instant, milliseconds, seededRandom, utf8Encode } from '@dunlin/base';
import {
  CoapEndpoint,
  type CoapOutput,
  ContentFormat,
  type Driven,
  type ExchangeId,
  formatCode,
  type IncomingRequest,
  type IncomingResponse,
  Method,
  type OutgoingDatagram,
  type Peer,
  type Request,
  type RequestOptions,
  type Response,
  ResponseCode,
  udpPeer,
} from '@dunlin/coap';
import {
  type BootstrapObject,
  type Content,
  coreDefinitions,
  decodeContent,
  formatBootstrapDiscovery,
  formatPath,
  type IdentifiedBootstrapOperation,
  identifyBootstrapOperation,
  isFormatFailure,
  type Path,
  pathContains,
  pathOf,
  type ResourceContents,
} from '@dunlin/lwm2m';
import { type SimulatedNetwork, SimulatedShell } from '@dunlin/simulation';

/** The instances that a device has, by `/object/instance`. */
export type DeviceTree = ReadonlyMap<string, ResourceContents>;

/** An operation as the device got it. */
export interface ReceivedOperation {
  /** Like `PUT /0/1`, or `PUT /0/1 11543` when the format is not TLV. */
  readonly line: string;
  readonly operation: Exclude<IdentifiedBootstrapOperation, { kind: 'refused' }>;
  readonly request: IncomingRequest;
}

/** What the device does otherwise than it should: a response, or `silence` (not even an acknowledgement). */
export type Misbehaviour = (received: ReceivedOperation) => Response | 'silence' | undefined;

/** After so long without a command the bootstrap has failed. */
const bootstrapTimeout = milliseconds(247_000);

const idOf = (path: Path): string => formatPath(path);

/**
 * The LwM2M Client of a bootstrap, made of a CoAP endpoint and a table: it applies what it is told to a draft, which
 * becomes what it has at Finish, and is forgotten when none comes. Tests say how it misbehaves.
 */
export class BootstrapDevice implements Driven {
  readonly received: ReceivedOperation[] = [];
  misbehaviour: Misbehaviour = () => undefined;
  /** The Objects it has, with or without instances. */
  objects: readonly number[] = [0, 1, 2, 3, 5];
  /** What it has; changes by Finish only. */
  tree: DeviceTree = new Map();
  /** True to leave Short Server IDs out of answers to Discover. */
  hidesShortServerIds = false;
  readonly #network: SimulatedNetwork;
  readonly #server: Peer;
  readonly #endpoint = new CoapEndpoint({ random: seededRandom(11) });
  readonly #answers = new Map<number, (outcome: IncomingResponse | string) => void>();
  #shell: SimulatedShell | undefined;
  #draft: Map<string, ResourceContents> | undefined;
  #givesUpAt: Instant | undefined;

  private constructor(network: SimulatedNetwork, server: Peer) {
    this.#network = network;
    this.#server = server;
  }

  static async open(
    network: SimulatedNetwork,
    server: { readonly address: string; readonly port: number },
    address: string = '10.0.0.2',
    port: number = 0,
  ): Promise<BootstrapDevice> {
    const device = new BootstrapDevice(network, udpPeer(server.address, server.port));
    const shell = await network.binding(address, port).open(device);
    if (!(shell instanceof SimulatedShell)) throw new Error('a simulated network gives simulated shells');
    device.#shell = shell;
    return device;
  }

  get shell(): SimulatedShell {
    if (this.#shell === undefined) throw new Error('not open');
    return this.#shell;
  }

  /** The lines of what it received. */
  get lines(): readonly string[] {
    return this.received.map(({ line }) => line);
  }

  /** True while it waits for a Finish. */
  get isInBootstrap(): boolean {
    return this.#draft !== undefined;
  }

  get deadline(): Instant | undefined {
    return earliestOf(this.#endpoint.deadline, this.#givesUpAt);
  }

  handle(datagram: Uint8Array, peer: Peer, now: Instant): void {
    this.#endpoint.handle(datagram, peer, now);
  }

  wake(now: Instant): void {
    this.#endpoint.wake(now);
    if (this.#givesUpAt === undefined || this.#givesUpAt > now) return;
    this.#draft = undefined;
    this.#givesUpAt = undefined;
  }

  poll(): OutgoingDatagram | undefined {
    for (;;) {
      const output = this.#endpoint.poll();
      if (output === undefined || output.kind === 'transmit') return output;
      this.#take(output);
    }
  }

  /** Sends a request to the Bootstrap-Server and gives its response, or why there is none. */
  request(request: Request, options?: RequestOptions): Promise<IncomingResponse | string> {
    const id = this.#endpoint.request(this.#server, request, this.#network.clock.now, options);
    const { promise, resolve } = Promise.withResolvers<IncomingResponse | string>();
    this.#answers.set(id, resolve);
    this.shell.flush();
    return promise;
  }

  /** Sends a request, lets time pass until it is answered, and gives the code and the text of the answer. */
  async exchange(request: Request, options?: RequestOptions): Promise<IncomingResponse> {
    let outcome: IncomingResponse | string | undefined;
    void this.request(request, options).then((each) => (outcome = each));
    await this.#network.runUntil(() => outcome !== undefined, milliseconds(300_000));
    if (outcome === undefined || typeof outcome === 'string') throw new Error(`no response: ${outcome}`);
    return outcome;
  }

  /** `POST /bs?ep=…`; gives the code of the answer. */
  async bootstrap(endpointName: string): Promise<string> {
    return formatCode((await this.exchange(bootstrapRequest(endpointName))).code);
  }

  #take(output: CoapOutput): void {
    switch (output.kind) {
      case 'request':
        this.#takeRequest(output.exchange, output.request);
        return;
      case 'response':
        this.#answers.get(output.request)?.(output.response);
        return;
      case 'request-failed':
        this.#answers.get(output.request)?.(output.reason);
        return;
      case 'transmit':
      case 'notification':
      case 'observation-ended':
      case 'relation-ended':
      case 'notification-acknowledged':
      case 'pong':
    }
  }

  #takeRequest(exchange: ExchangeId, request: IncomingRequest): void {
    const now = this.#network.clock.now;
    const operation = identifyBootstrapOperation(request);
    if (operation.kind === 'refused') {
      this.#endpoint.respond(exchange, { code: operation.code, payload: utf8Encode(operation.reason) }, now);
      return;
    }
    const received = { line: lineOf(operation, request), operation, request };
    this.received.push(received);
    const response = this.misbehaviour(received) ?? this.#perform(received);
    if (response === 'silence') this.#endpoint.ignore(exchange, now);
    else this.#endpoint.respond(exchange, response, now);
  }

  #perform({ operation, request }: ReceivedOperation): Response {
    this.#draft ??= new Map(this.tree);
    this.#givesUpAt = addDuration(this.#network.clock.now, bootstrapTimeout);
    switch (operation.name) {
      case 'bootstrap-discover':
        return this.#discover(operation.path);
      case 'bootstrap-delete':
        return this.#delete(operation.path, this.#draft);
      case 'bootstrap-write':
        return this.#write(operation.path, request, this.#draft);
      case 'bootstrap-finish':
        return this.#finish(this.#draft);
    }
  }

  #discover(path: Path): Response {
    const objects = path.kind === 'object' ? this.objects.filter((id) => id === path.objectId) : this.objects;
    if (objects.length === 0) return { code: ResponseCode.notFound };
    const text = formatBootstrapDiscovery({
      enablerVersion: '1.0',
      objects: objects.map((objectId) => this.#discovered(objectId)),
    });
    return { code: ResponseCode.content, contentFormat: ContentFormat.linkFormat, payload: utf8Encode(text) };
  }

  #discovered(objectId: number): BootstrapObject {
    const instances = [...(this.#draft ?? this.tree)].flatMap(([id, resources]) => {
      const [object, objectInstanceId] = id.split('/').slice(1).map(Number);
      if (object !== objectId || objectInstanceId === undefined) return [];
      const shortServerId = this.hidesShortServerIds ? undefined : shortServerIdOf(objectId, resources);
      return [{ objectInstanceId, ...(shortServerId !== undefined && { shortServerId }) }];
    });
    return { objectId, instances };
  }

  /** The account of the Bootstrap-Server and the Device Object stay. */
  #delete(path: Path, draft: Map<string, ResourceContents>): Response {
    const isKept = (id: string, resources: ResourceContents): boolean =>
      id === '/3/0' || (id.startsWith('/0/') && valueOf(resources, 1) === true);
    for (const [id, resources] of draft) {
      const [object = 0, instance = 0] = id.split('/').slice(1).map(Number);
      if (!pathContains(path, pathOf(object, instance))) continue;
      if (!isKept(id, resources)) draft.delete(id);
      else if (path.kind === 'object-instance') return { code: ResponseCode.badRequest };
    }
    return { code: ResponseCode.deleted };
  }

  #write(path: Path, request: IncomingRequest, draft: Map<string, ResourceContents>): Response {
    const objectId = 'objectId' in path ? path.objectId : -1;
    if (!this.objects.includes(objectId)) return { code: ResponseCode.notFound };
    const { contentFormat, payload } = request;
    if (contentFormat === undefined) return { code: ResponseCode.badRequest };
    const definition = coreDefinitions.find(objectId);
    const content = decodeContent(contentFormat, path, payload, definition);
    if (isFormatFailure(content)) {
      const isUnknown = content.problem === 'unsupported-format';
      const code = isUnknown ? ResponseCode.unsupportedContentFormat : ResponseCode.badRequest;
      return { code, payload: utf8Encode(content.reason) };
    }
    for (const [id, resources] of written(path, content, draft)) draft.set(id, resources);
    return { code: ResponseCode.changed };
  }

  /** Every server needs both of its instances, and there is one. */
  #finish(draft: Map<string, ResourceContents>): Response {
    const security = shortServerIdsOf(draft, 0);
    const server = shortServerIdsOf(draft, 1);
    const isConsistent =
      security.length > 0 &&
      new Set(security).size === security.length &&
      security.every((id) => server.includes(id)) &&
      security.length === server.length;
    if (!isConsistent) {
      const reason = `accounts ${security.join(' ')} and servers ${server.join(' ')}`;
      return { code: ResponseCode.notAcceptable, payload: utf8Encode(reason) };
    }
    this.tree = draft;
    this.#draft = undefined;
    this.#givesUpAt = undefined;
    return { code: ResponseCode.changed };
  }
}

/** `POST /bs?ep=…`. */
export function bootstrapRequest(endpointName: string): Request {
  return { method: Method.post, uriPath: ['bs'], uriQuery: [`ep=${endpointName}`] };
}

/** What a Resource with one value holds. */
export function valueOf(resources: ResourceContents | undefined, resourceId: number): unknown {
  const resource = resources?.get(resourceId);
  return resource?.kind === 'single' ? resource.value : undefined;
}

function lineOf(
  operation: ReceivedOperation['operation'],
  { contentFormat, accept }: IncomingRequest,
): string {
  const format =
    contentFormat === undefined || contentFormat === ContentFormat.tlv ? '' : ` ${contentFormat}`;
  switch (operation.name) {
    case 'bootstrap-discover':
      return `GET ${idOf(operation.path)}${accept === ContentFormat.linkFormat ? '' : ' without Accept 40'}`;
    case 'bootstrap-delete':
      return `DELETE ${idOf(operation.path)}`;
    case 'bootstrap-write':
      return `PUT ${idOf(operation.path)}${format}`;
    case 'bootstrap-finish':
      return 'POST /bs';
  }
}

/** What a Write makes of the instances it is for. */
function written(
  path: Path,
  content: Content,
  draft: DeviceTree,
): readonly (readonly [string, ResourceContents])[] {
  switch (content.kind) {
    case 'object':
      return path.kind === 'object'
        ? [...content.instances].map(([id, resources]) => [idOf(pathOf(path.objectId, id)), resources])
        : [];
    case 'object-instance':
      return [[idOf(path), content.resources]];
    case 'resource': {
      if (path.kind !== 'resource') return [];
      const id = idOf(pathOf(path.objectId, path.objectInstanceId));
      return [[id, new Map(draft.get(id) ?? []).set(path.resourceId, content.resource)]];
    }
    case 'resource-instance':
      return [];
  }
}

function shortServerIdOf(objectId: number, resources: ResourceContents): number | undefined {
  if (objectId > 1) return undefined;
  const value = valueOf(resources, objectId === 0 ? 10 : 0);
  return typeof value === 'number' ? value : undefined;
}

/** Of the accounts of servers in Object 0, or of the instances of Object 1. */
function shortServerIdsOf(draft: DeviceTree, objectId: number): readonly (number | undefined)[] {
  return [...draft]
    .filter(([id, resources]) => id.startsWith(`/${objectId}/`) && valueOf(resources, 1) !== true)
    .map(([, resources]) => shortServerIdOf(objectId, resources));
}

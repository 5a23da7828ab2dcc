import { ProtocolError } from '@dunlin/base';
import type { IncomingResponse } from '@dunlin/coap';
import {
  type Content,
  type DiscoverLink,
  formatPath,
  isFormatFailure,
  isRefusal,
  type ObjectInstancePath,
  parseDiscoverLinks,
  parseExecuteArguments,
  type Path,
  pathOf,
} from '@dunlin/lwm2m';

import type { AskedRequest } from './asked-request.ts';
import { createdPath } from './creation.ts';
import type { DeviceOperations } from './device-operations.ts';
import type { OperationRequest } from './device-store/operation-request.ts';
import type { OperationResult } from './device-store/queued-operation.ts';
import { ResponseError } from './errors.ts';
import { definitionFor } from './object-version.ts';
import { type WaitOptions, withDeadline } from './pending-request.ts';
import type { Registration } from './registration.ts';
import type { ServerContext } from './server-context.ts';
import type { SmsChannel } from './sms/sms-channel.ts';

/** Carries out requests that are data, one by one, with a device that can be reached (1.0 §5.4). */
export class RequestPerformer {
  readonly #context: ServerContext;
  readonly #operations: DeviceOperations;
  readonly #channel: SmsChannel;

  constructor(context: ServerContext, operations: DeviceOperations, channel: SmsChannel) {
    this.#context = context;
    this.#channel = channel;
    this.#operations = operations;
  }

  /** Rejects like the methods of `Device`. */
  async perform(
    registered: Registration,
    { request, resource }: AskedRequest,
    options: WaitOptions,
  ): Promise<OperationResult> {
    const { path } = request;
    const way = this.#channel.usualWay(registered);
    // Without a turn of the event loop where nothing has to be found out: what was asked first is sent first.
    const registration = way instanceof Promise ? await way : way;
    const { values, definitions } = this.#context;
    const { endpointName } = registration;
    switch (request.name) {
      case 'read':
        return { kind: 'content', content: await this.#read(registration, request, { resource, options }) };
      case 'discover':
        return { kind: 'links', links: await this.#discover(registration, path, options) };
      case 'write-replace':
      case 'write-update': {
        const { name, content, format } = request;
        await this.#operations.send(registration, name, request, { ...options, format });
        const definition = definitionFor(definitions, registration, path);
        values.written(endpointName, path, content, { definition, isUpdate: name === 'write-update' });
        return done;
      }
      case 'create':
        return { kind: 'created', path: await this.#create(registration, request, options) };
      case 'write-attributes': {
        const operation = { name: request.name, path, change: request.change };
        await this.#operations.perform(registration, operation, options);
        return done;
      }
      case 'execute': {
        const args = parseExecuteArguments(request.arguments);
        // What breaks the grammar was refused when it was asked for.
        const operation = isRefusal(args)
          ? { name: request.name, path }
          : { name: request.name, path, arguments: args };
        await this.#operations.perform(registration, operation, options);
        return done;
      }
      case 'delete':
        await this.#operations.perform(registration, { name: request.name, path }, options);
        values.gone(endpointName, path);
        return done;
    }
  }

  async #read(
    registration: Registration,
    { path, format }: Extract<OperationRequest, { name: 'read' }>,
    { resource, options }: Pick<AskedRequest, 'resource'> & { readonly options: WaitOptions },
  ): Promise<Content> {
    const { values } = this.#context;
    const { endpointName } = registration;
    const target = { path, pathText: formatPath(path), resource };
    try {
      const content = await this.#operations.read(registration, target, { ...options, format });
      values.read(endpointName, path, content);
      return content;
    } catch (error) {
      const isGone = error instanceof ResponseError && error.coapCode === '4.04';
      if (isGone) values.gone(endpointName, path);
      throw error;
    }
  }

  async #discover(
    registration: Registration,
    path: Path,
    options: WaitOptions,
  ): Promise<readonly DiscoverLink[]> {
    const response = await this.#operations.perform(registration, { name: 'discover', path }, options);
    const links = parseDiscoverLinks(response.payload, registration.rootPath);
    if (!isFormatFailure(links)) return links;
    throw new ProtocolError(
      `the answer of ${registration.endpointName} to the Discover of ${formatPath(path)}: ${links.reason}`,
    );
  }

  async #create(
    registration: Registration,
    request: Extract<OperationRequest, { name: 'create' }>,
    options: WaitOptions,
  ): Promise<ObjectInstancePath> {
    const { path, content, format } = request;
    const wait = withDeadline(options, this.#context.now());
    const response = await this.#operations.send(registration, 'create', request, { ...wait, format });
    const definition = definitionFor(this.#context.definitions, registration, path);
    const created = await this.#createdPath(registration, request, response, wait);
    const named: Content =
      content.kind === 'object-instance'
        ? { kind: 'object', instances: new Map([[created.objectInstanceId, content.resources]]) }
        : content;
    this.#context.values.written(registration.endpointName, path, named, { definition, isUpdate: false });
    return created;
  }

  async #createdPath(
    registration: Registration,
    { path, content }: Extract<OperationRequest, { name: 'create' }>,
    response: IncomingResponse,
    wait: WaitOptions,
  ): Promise<ObjectInstancePath> {
    const { objectId } = path;
    const created = createdPath(response, registration, path);
    if (created !== undefined) return created;
    const named = content.kind === 'object' ? [...content.instances.keys()] : [];
    if (named[0] !== undefined && named.length === 1) return pathOf(objectId, named[0]);
    const definition = definitionFor(this.#context.definitions, registration, path);
    if (definition?.isMultiple === false) return pathOf(objectId, 0);
    return await this.#findCreated(objectId, registration, wait);
  }

  /**
   * The instance that a device created and did not name, as some do: the one it had not registered. When
   * that is not exactly one, nobody can tell.
   */
  async #findCreated(
    objectId: number,
    registration: Registration,
    options: WaitOptions,
  ): Promise<ObjectInstancePath> {
    const known = new Set(registration.objects.get(objectId)?.instances ?? []);
    const found = new Set<number>();
    for (const { path } of await this.#discover(registration, pathOf(objectId), options)) {
      if ('objectInstanceId' in path && !known.has(path.objectInstanceId)) found.add(path.objectInstanceId);
    }
    const [only] = found;
    if (only !== undefined && found.size === 1) return pathOf(objectId, only);
    throw new ProtocolError(
      `${registration.endpointName} created an instance of Object ${objectId} and does not say which`,
    );
  }
}

const done: OperationResult = { kind: 'done' };

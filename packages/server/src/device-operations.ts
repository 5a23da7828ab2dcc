import { ProtocolError, UsageError } from '@dunlin/base';
import { ContentFormat, diagnosticText, formatCode, type IncomingResponse, type Request } from '@dunlin/coap';
import {
  type Content,
  decodeContent,
  encodeContent,
  formatPath,
  isFormatFailure,
  judgeResponse,
  type OperationName,
  type OutgoingOperation,
  type Path,
  requestForOperation,
} from '@dunlin/lwm2m';

import type { DeviceSessions } from './device-session.ts';
import { ResponseError } from './errors.ts';
import { isFormatRefusal } from './observations.ts';
import type { OperationOptions } from './operation-options.ts';
import { type WaitOptions, withDeadline } from './pending-request.ts';
import type { Registration } from './registration.ts';
import { definitionOfTarget, type ResolvedTarget } from './target.ts';
import type { ServerContext } from './server-context.ts';

/** One Device Management operation after the other, as requests to registered devices (1.0 §5.4). */
export class DeviceOperations {
  readonly #context: ServerContext;
  readonly #sessions: DeviceSessions;

  constructor(context: ServerContext, sessions: DeviceSessions) {
    this.#context = context;
    this.#sessions = sessions;
  }

  /** Asks something of the device. Rejects with a `ResponseError` when it refuses. */
  async perform(
    registration: Registration,
    operation: OutgoingOperation,
    options: OperationOptions,
  ): Promise<IncomingResponse> {
    const request = requestOf(operation, registration);
    const response = await this.#send(registration, request, options);
    return this.#judged(registration, operation, response);
  }

  /**
   * Reads content. Without a wish for a format TLV is asked for, which every device of 1.0 has; one that
   * does not have it all the same is asked once more without a wish.
   */
  async read(
    registration: Registration,
    target: ResolvedTarget,
    options: OperationOptions,
  ): Promise<Content> {
    const { path } = target;
    const wait = withDeadline(options, this.#context.now());
    const operation = { name: 'read', path, accept: options.format ?? ContentFormat.tlv } as const;
    const request = requestOf(operation, registration);
    let response = await this.#send(registration, request, wait);
    if (options.format === undefined && isFormatRefusal(response.code)) {
      response = await this.#send(registration, { ...request, accept: undefined }, wait);
    }
    return this.#content(registration, target, this.#judged(registration, operation, response));
  }

  /**
   * Writes or creates. Without a wish for a format TLV is sent; a device that does not take it gets JSON
   * when it announced that, or else plain text or opaque bytes where those can carry the content.
   */
  async send(
    registration: Registration,
    name: 'write-replace' | 'write-update' | 'create',
    { path, content }: { readonly path: Path; readonly content: Content },
    options: OperationOptions,
  ): Promise<IncomingResponse> {
    const formats = options.format === undefined ? formatsToTry(registration, content) : [options.format];
    const wait = withDeadline(options, this.#context.now());
    let refused: { readonly operation: OutgoingOperation; readonly response: IncomingResponse } | undefined;
    for (const format of formats) {
      const payload = encodeContent(format, path, content);
      if (isFormatFailure(payload)) {
        if (refused !== undefined) continue;
        throw new UsageError(
          `the content for ${formatPath(path)} cannot be sent in format ${format}: ${payload.reason}`,
        );
      }
      const operation = { name, path, contentFormat: format, payload };
      const response = await this.#send(registration, requestOf(operation, registration), wait);
      if (!isFormatRefusal(response.code)) {
        this.#judged(registration, operation, response);
        if (name !== 'create') this.#context.writtenLifetimes.wrote(registration, path, content);
        return response;
      }
      refused ??= { operation, response };
    }
    if (refused === undefined) throw new UsageError('there is no format to send this in');
    return this.#judged(registration, refused.operation, refused.response);
  }

  #send(registration: Registration, request: Request, options: WaitOptions): Promise<IncomingResponse> {
    options.signal?.throwIfAborted();
    return this.#sessions.request(registration, request, options);
  }

  #judged(
    registration: Registration,
    operation: OutgoingOperation,
    response: IncomingResponse,
  ): IncomingResponse {
    const { endpointName } = registration;
    const what = operationTitle(operation.name, operation.path);
    switch (judgeResponse(operation.name, response.code)) {
      case 'success':
        return response;
      case 'refusal':
        throw new ResponseError(endpointName, what, {
          code: response.code,
          diagnostic: diagnosticText(response),
        });
      case 'unexpected':
        throw new ProtocolError(
          `${endpointName} answered ${what} with ${formatCode(response.code)}, which is no answer to it (1.0 §8.5)`,
        );
    }
  }

  #content(registration: Registration, target: ResolvedTarget, response: IncomingResponse): Content {
    const { endpointName } = registration;
    const { contentFormat, payload } = response;
    if (contentFormat === undefined) {
      throw new ProtocolError(`${endpointName} answered without a Content-Format (1.0 §6.4)`);
    }
    const definition = definitionOfTarget(target, this.#context.definitions, registration);
    const content = decodeContent(contentFormat, target.path, payload, definition);
    if (!isFormatFailure(content)) return content;
    throw new ProtocolError(
      `the answer of ${endpointName} for ${target.pathText} is ${content.problem}: ${content.reason}`,
    );
  }
}

/** An operation in a sentence: `the Read of /3/0/0`. */
export function operationTitle(name: OperationName, path: Path): string {
  return `${operationTitles[name]} ${formatPath(path)}`;
}

const operationTitles: Readonly<Record<OperationName, string>> = {
  read: 'the Read of',
  discover: 'the Discover of',
  'write-replace': 'the Write of',
  'write-update': 'the Write of',
  'write-attributes': 'the Write-Attributes of',
  execute: 'the Execute of',
  create: 'the Create in',
  delete: 'the Delete of',
  observe: 'the Observe of',
  'cancel-observation': 'the Cancel Observation of',
};

function requestOf(operation: OutgoingOperation, registration: Registration): Request {
  return requestForOperation(operation, registration.rootPath);
}

function formatsToTry(registration: Registration, content: Content): readonly number[] {
  const formats: number[] = [ContentFormat.tlv];
  if (registration.contentFormats.includes(ContentFormat.json)) formats.push(ContentFormat.json);
  if (content.kind === 'resource' && content.resource.kind === 'single') {
    formats.push(content.resource.type === 'opaque' ? ContentFormat.opaque : ContentFormat.text);
  }
  return formats;
}

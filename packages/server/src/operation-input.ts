import { UsageError } from '@dunlin/base';
import { ContentFormat } from '@dunlin/coap';
import {
  encodeContent,
  type ExecuteArguments,
  formatExecuteArguments,
  formatPath,
  isFormatFailure,
  isRefusal,
  type NotificationAttributesChange,
  type ObjectDefinitions,
  parseExecuteArguments,
  requestForOperation,
} from '@dunlin/lwm2m';

import { contentToCreate } from './creation.ts';
import type { OperationRequest } from './device-store/operation-request.ts';
import type { CreatableContent, WritableContent } from './operation-options.ts';
import type { RegisteredModel } from './registration.ts';
import { definitionOfTarget, resolveTarget, type Target } from './target.ts';
import { contentOf } from './writable-content.ts';

/** What somebody wants a device asked. */
export type OperationInput =
  | { readonly name: 'read'; readonly target: Target; readonly format?: number | undefined }
  | { readonly name: 'discover' | 'delete'; readonly target: Target }
  | {
      /** `write-replace`, or `write-update`: keep what is not mentioned; Object Instances only. */
      readonly name: 'write-replace' | 'write-update';
      readonly target: Target;
      readonly value: WritableContent;
      readonly format?: number | undefined;
    }
  | {
      readonly name: 'create';
      readonly target: Target;
      readonly resources: CreatableContent;
      /** The id of the new Object Instance; without it the device chooses. */
      readonly objectInstanceId?: number | undefined;
      readonly format?: number | undefined;
    }
  | {
      readonly name: 'write-attributes';
      readonly target: Target;
      /** `null` unsets. */
      readonly change: NotificationAttributesChange;
    }
  | {
      readonly name: 'execute';
      readonly target: Target;
      /** As text they are like `0='on',1`. */
      readonly arguments?: string | ExecuteArguments | undefined;
    };

/**
 * The request that an input means: values with their types, arguments checked. Throws `UsageError` when they do not
 * fit.
 */
export function requestFrom(
  input: OperationInput,
  definitions: ObjectDefinitions,
  model: RegisteredModel,
): OperationRequest {
  const resolved = resolveTarget(input.target);
  const { path, pathText } = resolved;
  switch (input.name) {
    case 'read':
      return { name: input.name, path, format: input.format };
    case 'discover':
    case 'delete':
      return { name: input.name, path };
    case 'write-replace':
    case 'write-update': {
      if (input.name === 'write-update' && path.kind !== 'object-instance') {
        throw new UsageError(`only an Object Instance can be updated in part, not ${pathText} (1.0 §8.2.5)`);
      }
      const content = contentOf(path, input.value, definitionOfTarget(resolved, definitions, model));
      return { name: input.name, path, content, format: input.format };
    }
    case 'create': {
      if (path.kind !== 'object')
        throw new UsageError(`instances are created in an Object, not in ${pathText}`);
      const { resources, objectInstanceId } = input;
      const definition = definitionOfTarget(resolved, definitions, model);
      const content = contentToCreate(path, resources, { objectInstanceId, definition });
      return { name: input.name, path, content, format: input.format };
    }
    case 'write-attributes':
      return { name: input.name, path, change: input.change };
    case 'execute':
      return { name: input.name, path, arguments: argumentsText(input.arguments) };
  }
}

/** Throws `UsageError` for a request that no device could be sent, by making it. */
export function checkRequest(request: OperationRequest): void {
  const { path } = request;
  switch (request.name) {
    case 'read':
      requestForOperation({ name: request.name, path, accept: request.format ?? ContentFormat.tlv });
      return;
    case 'discover':
    case 'delete':
      requestForOperation({ name: request.name, path });
      return;
    case 'write-attributes':
      requestForOperation({ name: request.name, path, change: request.change });
      return;
    case 'execute':
      requestForOperation({ name: request.name, path });
      return;
    case 'write-replace':
    case 'write-update':
    case 'create': {
      const contentFormat = request.format ?? ContentFormat.tlv;
      const payload = encodeContent(contentFormat, path, request.content);
      if (isFormatFailure(payload)) {
        throw new UsageError(
          `the content for ${formatPath(path)} cannot be sent in format ${contentFormat}: ${payload.reason}`,
        );
      }
      requestForOperation({ name: request.name, path, contentFormat, payload });
    }
  }
}

function argumentsText(given: string | ExecuteArguments = ''): string {
  const parsed = typeof given === 'string' ? parseExecuteArguments(given) : given;
  if (isRefusal(parsed)) throw new UsageError(parsed.reason);
  return formatExecuteArguments(parsed);
}

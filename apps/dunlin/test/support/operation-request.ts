import type { Content, ObjectPath, Path } from '@dunlin/lwm2m';
import type { OperationInput, OperationRequest } from '@dunlin/server';

/** The request of an input whose target is a path and whose value is content, as those of the interface are. */
export function requestOf(input: OperationInput): OperationRequest {
  const path = input.target as Path;
  switch (input.name) {
    case 'read':
    case 'discover':
    case 'delete':
      return { name: input.name, path };
    case 'write-replace':
    case 'write-update':
      return { name: input.name, path, content: input.value as Content };
    case 'create': {
      const content = input.resources as Content;
      return { name: input.name, path: path as ObjectPath, content };
    }
    case 'write-attributes':
      return { name: input.name, path, change: input.change };
    case 'execute':
      return {
        name: input.name,
        path,
        arguments: typeof input.arguments === 'string' ? input.arguments : '',
      };
  }
}

import type { Content, DiscoverLink, ObjectInstancePath } from '@dunlin/lwm2m';
import type { OperationResult } from '@dunlin/server';

/** The content that a Read gave. */
export function contentIn(result: OperationResult): Content {
  return result.kind === 'content' ? result.content : unexpected(result);
}

/** The links that a Discover gave. */
export function linksIn(result: OperationResult): readonly DiscoverLink[] {
  return result.kind === 'links' ? result.links : unexpected(result);
}

/** The path of what a Create created. */
export function createdIn(result: OperationResult): ObjectInstancePath {
  return result.kind === 'created' ? result.path : unexpected(result);
}

function unexpected({ kind }: OperationResult): never {
  throw new Error(`an operation gave a result of kind ${kind}`);
}

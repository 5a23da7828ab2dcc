import type { Instant } from '@dunlin/base';

import type { ObjectTree } from '../object-tree/object-tree.ts';
import type { ChangeOrigin } from '../object-tree/tree-change.ts';
import type { AttributeStore } from '../reporting/attribute-store.ts';
import type { AccessPolicy } from './access-rights.ts';

/** What an operation works on: the tree, as one Server sees it. */
export interface OperationContext {
  readonly tree: ObjectTree;
  readonly shortServerId: number;
  /** The attributes that this Server set. */
  readonly attributes: AttributeStore;
  readonly rightsFor: AccessPolicy;
  readonly now: Instant;
}

/** The asking Server, as the origin of changes. */
export function originOf(context: OperationContext): ChangeOrigin {
  return { kind: 'server', shortServerId: context.shortServerId };
}

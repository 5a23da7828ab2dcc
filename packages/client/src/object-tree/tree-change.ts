import type { Instant } from '@dunlin/base';
import type { ObjectInstancePath, ResourceContent, ResourcePath } from '@dunlin/lwm2m';

/** Who changes the tree: the device itself, a Bootstrap-Server, or a Server over the Device Management interface. */
export type ChangeOrigin =
  | { readonly kind: 'device' }
  | { readonly kind: 'bootstrap' }
  | { readonly kind: 'server'; readonly shortServerId: number };

/** The device itself, as an origin of changes. */
export const deviceOrigin: ChangeOrigin = { kind: 'device' };

/** One Resource that a transaction writes; `content` is absent when it is removed. */
export interface ResourceWrite {
  readonly path: ResourcePath;
  readonly content: ResourceContent | undefined;
}

/** All that one transaction is about to do to one Object, as its hooks see it. */
export interface TreeProposal {
  readonly origin: ChangeOrigin;
  readonly now: Instant;
  readonly created: readonly ObjectInstancePath[];
  readonly deleted: readonly ObjectInstancePath[];
  /** Resources written or removed, those of created instances included. */
  readonly written: readonly ResourceWrite[];
}

/** What one committed transaction, or a dynamic value, changed. */
export interface TreeChange {
  readonly origin: ChangeOrigin;
  readonly created: readonly ObjectInstancePath[];
  readonly deleted: readonly ObjectInstancePath[];
  /** Resources whose value may be another one now, or that are gone; without those of created and deleted instances. */
  readonly written: readonly ResourcePath[];
}

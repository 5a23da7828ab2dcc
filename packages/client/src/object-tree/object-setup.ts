import type { Signal } from '@dunlin/base';
import type { ObjectDefinition, Refusal, ResourcePath } from '@dunlin/lwm2m';

import type { ObjectClock } from './object-clock.ts';
import type { TreeProposal } from './tree-change.ts';
import type { TreeResources } from './tree-resource.ts';

/**
 * An Object as a device supports it. Authors get one from a factory such as `device` or `objectInstances`;
 * an Object with a life of its own may implement it.
 */
export interface ObjectSetup {
  readonly definition: ObjectDefinition;
  /** The instances that exist at start, by their ids. */
  readonly instances: ReadonlyMap<number, TreeResources>;
  /** The Resources that instance `objectInstanceId` has from its creation by a Server: executables, dynamic and read-only values. */
  readonly template?: ((objectInstanceId: number) => TreeResources) | undefined;
  /** Whether Servers may create instances; otherwise Create is answered with 4.05. */
  readonly isCreatable: boolean;
  /** Whether Servers may delete instances; otherwise Delete is answered with 4.05. */
  readonly isDeletable: boolean;
  /** The Resources that instances may have; a Server's Write of any other is ignored or answered with 4.04. */
  readonly supportedResources: ReadonlySet<number>;
  /** Asked before a transaction is committed; a refusal undoes all of it and is the answer to the Server. */
  readonly beforeCommit?: ((proposal: TreeProposal) => Refusal | undefined) | undefined;
  /** Told after a transaction was committed. */
  readonly afterCommit?: ((proposal: TreeProposal) => void) | undefined;
  /** Dynamic values that became other ones: one, or several in one step. */
  readonly changed?: Signal<ResourcePath | readonly ResourcePath[]> | undefined;
  /** What the Object does of its own accord in time; the client wakes it. */
  readonly clock?: ObjectClock | undefined;
  /** Told of each IP packet that the client sends or receives, by its size in bytes. */
  readonly packetPassed?: ((direction: 'sent' | 'received', bytes: number) => void) | undefined;
}

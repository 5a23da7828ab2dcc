import type { Instant } from '@dunlin/base';
import type { ExecuteArguments, Refusal, ResourceContent, ResourcePath } from '@dunlin/lwm2m';

import type { ChangeOrigin } from './tree-change.ts';

/** A value that the tree keeps. */
export interface StoredResource {
  readonly kind: 'stored';
  readonly content: ResourceContent;
}

/** A part of a value that is too large to be in memory as a whole. */
export interface ValuePart {
  readonly bytes: Uint8Array;
  /** Where they begin in the value. A part at 0 begins the value anew, whatever came before. */
  readonly offset: number;
  /**
   * `truncated`: this is the last part, and the value should have been longer, so that it is of no use; the Server is
   * answered with 4.00.
   */
  readonly end: 'more' | 'complete' | 'truncated';
  /** The bytes of the whole value, with the part at 0: exact in TLV, else what the Server says. */
  readonly size: number | undefined;
  readonly origin: ChangeOrigin;
  readonly now: Instant;
}

/** Takes one part of a value. The next one comes when this one is taken, so that a slow device slows the Server down. */
export type PartTaker = (part: ValuePart) => Refusal | undefined | Promise<Refusal | undefined>;

/** A value that is computed whenever it is read. */
export interface DynamicResource {
  readonly kind: 'dynamic';
  /** Must be quick and without effects. When it throws, the read is answered with 5.00. */
  readonly read: (now: Instant) => ResourceContent;
  /** Takes a written value; called after every hook agreed. Absent: writing puts a stored value in its place. */
  readonly write?: (content: ResourceContent, now: Instant) => void;
  /** What a Replace that leaves the Resource out does to it; absent: nothing. */
  readonly reset?: () => void;
  /**
   * Takes an opaque value that comes in several blocks part by part, without a limit of its size; one that fits a message
   * is written as any other. Absent: values are put together first, up to the limit of request bodies.
   */
  readonly takePart?: PartTaker;
}

/** One Execute, as its handler sees it. */
export interface Execution {
  readonly path: ResourcePath;
  readonly arguments: ExecuteArguments;
  readonly origin: ChangeOrigin;
  readonly now: Instant;
}

/** What remains to do once the answer has left the device. */
export interface AfterAnswer {
  readonly kind: 'after-answer';
  readonly run: (now: Instant) => void;
}

/** What an execute handler returns for an action that must not begin before the 2.04 has left: Reboot, Disable. */
export function afterAnswer(run: (now: Instant) => void): AfterAnswer {
  return { kind: 'after-answer', run };
}

/** Runs before the answer; a refusal is the answer, anything else is answered with 2.04. */
export type ExecuteHandler = (execution: Execution) => Refusal | AfterAnswer | undefined | void;

/** A Resource that can be executed. */
export interface ExecutableResource {
  readonly kind: 'executable';
  readonly execute: ExecuteHandler;
}

/** A Resource of an Object Instance of the device. */
export type TreeResource = StoredResource | DynamicResource | ExecutableResource;

/** The Resources of an Object Instance of the device, by their ids. */
export type TreeResources = ReadonlyMap<number, TreeResource>;

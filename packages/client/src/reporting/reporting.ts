import { DeadlineQueue, type Instant } from '@dunlin/base';
import { type RelationId, type Response, ResponseCode } from '@dunlin/coap';
import {
  AccessControl,
  type Content,
  evaluateNotification,
  formatPath,
  isRefusal,
  type Path,
  pathContains,
  pathOf,
  type Refusal,
  refusal,
  Server,
  startReporting,
} from '@dunlin/lwm2m';

import type { OperationContext } from '../device-management/operation-context.ts';
import { contentResponse } from '../device-management/read.ts';
import { readableContent } from '../device-management/readable-content.ts';
import type { TreeChange } from '../object-tree/tree-change.ts';
import { attributesInEffect, conditionsBelow, freshness } from './attributes-in-effect.ts';
import type { Observation } from './observation.ts';

/** A notification to send. One with an error code is the last of its observation. */
export interface OutgoingNotification {
  readonly relation: RelationId;
  readonly shortServerId: number;
  readonly path: Path;
  readonly response: Response;
  /** Why it is the last one of its observation. */
  readonly problem?: Refusal;
  /** What code of the device threw, when that is the problem. */
  readonly error?: unknown;
}

/** What reporting asks of its owner: how Server `shortServerId` sees the tree at `now`. */
export type ContextFor = (shortServerId: number, now: Instant) => OperationContext;

/**
 * The observations of all Servers, and when each of them is to be notified (1.0 §5.5). Pure: it is told of
 * changes, judges what they concern when `review` is called, and gives its notifications with `poll`.
 */
export class Reporting {
  readonly #contextFor: ContextFor;
  readonly #observations = new Map<RelationId, Observation>();
  readonly #timers = new DeadlineQueue<Observation>();
  readonly #touched = new Set<Observation>();
  readonly #outgoing: OutgoingNotification[] = [];

  constructor(contextFor: ContextFor) {
    this.#contextFor = contextFor;
  }

  /** When `review` has something to do although nothing changed. */
  get deadline(): Instant | undefined {
    return this.#timers.deadline;
  }

  /** How many observations there are. */
  get size(): number {
    return this.#observations.size;
  }

  /** The observation behind a relation. */
  observation(relation: RelationId): Observation | undefined {
    return this.#observations.get(relation);
  }

  /** The observations of a Server, of one path only when that is given. */
  observationsOf(shortServerId: number, path?: Path): readonly Observation[] {
    const key = path === undefined ? undefined : formatPath(path);
    return [...this.#observations.values()].filter(
      (observation) =>
        observation.shortServerId === shortServerId &&
        (key === undefined || formatPath(observation.path) === key),
    );
  }

  /** Begins to report: the response with `content` was the first notification. */
  add(
    relation: RelationId,
    { shortServerId, path, format }: Pick<Observation, 'shortServerId' | 'path' | 'format'>,
    content: Content,
    now: Instant,
  ): void {
    const observation: Observation = {
      relation,
      shortServerId,
      path,
      format,
      state: startReporting(content, now),
      dueAt: undefined,
      heapIndex: 0,
    };
    this.#observations.set(relation, observation);
    this.#touched.add(observation);
  }

  /** Forgets an observation; harmless when it is unknown. */
  remove(relation: RelationId): void {
    const observation = this.#observations.get(relation);
    if (observation === undefined) return;
    this.#observations.delete(relation);
    this.#timers.cancel(observation);
    this.#touched.delete(observation);
  }

  /** Notes what a change concerns. Default periods and rights are Resources too, so that a change of these concerns all. */
  touch(change: TreeChange): void {
    const paths = [...change.created, ...change.deleted, ...change.written];
    const concernsAll = paths.some(({ objectId }) => governing.has(objectId));
    for (const observation of this.#observations.values()) {
      if (concernsAll || paths.some((path) => overlap(observation.path, path)))
        this.#touched.add(observation);
    }
  }

  /** Notes that a Server set other attributes at a path: they count from now on. */
  touchAttributes(shortServerId: number, path: Path): void {
    for (const observation of this.observationsOf(shortServerId)) {
      if (overlap(observation.path, path)) this.#touched.add(observation);
    }
  }

  /** Judges all that was touched or is due. */
  review(now: Instant): void {
    for (let due = this.#timers.takeDue(now); due !== undefined; due = this.#timers.takeDue(now)) {
      this.#touched.add(due);
    }
    for (const observation of this.#touched) this.#judge(observation, now);
    this.#touched.clear();
  }

  /** The next notification to send. */
  poll(): OutgoingNotification | undefined {
    return this.#outgoing.shift();
  }

  #judge(observation: Observation, now: Instant): void {
    const context = this.#contextFor(observation.shortServerId, now);
    // Without the right to Read nothing is sent, and the right may come back.
    if (!isReadable(observation.path, context)) return;
    let content: Content | undefined;
    try {
      content = readableContent(observation.path, context);
    } catch (error) {
      this.#end(
        observation,
        refusal(ResponseCode.internalServerError, 'the device failed to read it'),
        error,
      );
      return;
    }
    if (content === undefined) {
      this.#end(observation, refusal(ResponseCode.notFound, `${formatPath(observation.path)} is gone`));
      return;
    }
    this.#decide(observation, content, context);
  }

  #decide(observation: Observation, content: Content, context: OperationContext): void {
    const { now } = context;
    const attributes = attributesInEffect(observation.path, context);
    const input = {
      path: observation.path,
      attributes,
      content,
      now,
      conditionsAt: conditionsBelow(observation.path, context),
    };
    let decision = evaluateNotification(observation.state, input);
    if (decision.kind === 'notify') {
      const response = contentResponse(observation.path, content, observation.format);
      if (isRefusal(response)) {
        this.#end(observation, response);
        return;
      }
      const { relation, shortServerId, path } = observation;
      this.#outgoing.push({
        relation,
        shortServerId,
        path,
        response: { ...response, ...freshness(attributes) },
      });
      decision = evaluateNotification(decision.state, input);
    }
    observation.state = decision.state;
    // Right after a notification the answer is always to wait; a clock that stood still must not be asked twice.
    if (decision.kind === 'wait' && decision.until !== undefined) {
      this.#timers.schedule(observation, decision.until);
    } else {
      this.#timers.cancel(observation);
    }
  }

  /** The last notification says why. */
  #end(observation: Observation, problem: Refusal, error?: unknown): void {
    const { relation, shortServerId, path } = observation;
    this.remove(relation);
    const response: Response = { code: problem.code };
    this.#outgoing.push({
      relation,
      shortServerId,
      path,
      response,
      problem,
      ...(error !== undefined && { error }),
    });
  }
}

/** Their instances say how, and to whom, all others are reported. */
const governing: ReadonlySet<number> = new Set(
  [Server, AccessControl].map(({ definition }) => definition.id),
);

function isReadable(path: Path, context: OperationContext): boolean {
  if (path.kind === 'root' || path.kind === 'object') return true;
  return context.rightsFor(context.shortServerId, pathOf(path.objectId, path.objectInstanceId)).read;
}

function overlap(a: Path, b: Path): boolean {
  return pathContains(a, b) || pathContains(b, a);
}

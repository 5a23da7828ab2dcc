import type { Instant, Scheduled } from '@dunlin/base';
import type { RelationId } from '@dunlin/coap';
import type { Path, ReportingState } from '@dunlin/lwm2m';

/** One observation by one Server: what is observed, in which format it is told, and what was told last. */
export interface Observation extends Scheduled {
  readonly relation: RelationId;
  readonly shortServerId: number;
  readonly path: Path;
  /** That of the first response; every notification has it. */
  readonly format: number;
  state: ReportingState;
  /** When it is to be judged again without a change. */
  dueAt: Instant | undefined;
}

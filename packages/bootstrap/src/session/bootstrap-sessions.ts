import { addDuration, DeadlineQueue, hexEncode, type Instant, type Scheduled } from '@dunlin/base';
import type { IncomingResponse, Peer, RequestFailure, RequestId } from '@dunlin/coap';
import { type OutgoingBootstrapOperation, requestForBootstrapOperation } from '@dunlin/lwm2m';

import type { BootstrapContext } from '../bootstrap-context.ts';
import type { BootstrapListener, ResponseAwaiter } from '../bootstrap-listener.ts';
import type { IssueOutcome, ReadyConfiguration } from '../security-issuer.ts';
import { BootstrapSession, titleOf } from './bootstrap-session.ts';
import { SessionLog } from './session-log.ts';
import type { BootstrapSessionRecord, SessionFailure } from './session-record.ts';

/** What a session begins with. */
export interface SessionStart {
  readonly endpointName: string;
  readonly peer: Peer;
  readonly listener: BootstrapListener;
  readonly initiatedBy: 'client' | 'server';
  readonly ready: ReadyConfiguration;
}

/** A session under way, and the operation whose answer it waits for. */
interface ActiveSession extends Scheduled {
  readonly session: BootstrapSession;
  readonly ready: ReadyConfiguration;
  readonly peer: Peer;
  readonly listener: BootstrapListener;
  awaited: RequestId | undefined;
}

/** The sessions under way, one for each endpoint, and those that are over. */
export class BootstrapSessions {
  readonly #context: BootstrapContext;
  readonly #log: SessionLog;
  readonly #active = new Map<string, ActiveSession>();
  readonly #deadlines = new DeadlineQueue<ActiveSession>();
  /** By endpoint name, the longest silent first; as many as there are sessions in the log. */
  readonly #lastPeers = new Map<string, Pick<ActiveSession, 'peer' | 'listener'>>();

  constructor(context: BootstrapContext) {
    this.#context = context;
    const { loggedSessions, loggedSteps } = context.limits;
    this.#log = new SessionLog({ sessions: loggedSessions, steps: loggedSteps });
  }

  /** How many are under way. */
  get size(): number {
    return this.#active.size;
  }

  /** When `wake` has something to do. */
  get deadline(): Instant | undefined {
    return this.#deadlines.deadline;
  }

  wake(now: Instant): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      const seconds = this.#context.limits.sessionTimeout / 1000;
      const reason = `the bootstrap of ${due.session.endpointName} took longer than ${seconds} s`;
      this.#fail(due, { kind: 'timed-out', reason });
    }
  }

  /** Those under way and those that are over, the newest first. */
  get records(): readonly BootstrapSessionRecord[] {
    return [
      ...[...this.#active.values()].map(({ session }) => session.record).reverse(),
      ...this.#log.records,
    ];
  }

  find(id: string): BootstrapSessionRecord | undefined {
    for (const { session } of this.#active.values()) if (session.record.id === id) return session.record;
    return this.#log.find(id);
  }

  ofEndpoint(endpointName: string): BootstrapSessionRecord | undefined {
    return this.#active.get(endpointName)?.session.record;
  }

  /** Where the endpoint was in its last session that is remembered. */
  lastPeerOf(
    endpointName: string,
  ): { readonly peer: Peer; readonly listener: BootstrapListener } | undefined {
    return this.#lastPeers.get(endpointName);
  }

  /** Begins a session; one that is under way with the same endpoint fails. */
  start({ endpointName, peer, listener, initiatedBy, ready }: SessionStart): BootstrapSessionRecord {
    const now = listener.now();
    const earlier = this.#active.get(endpointName);
    if (earlier !== undefined) {
      const reason = `${endpointName} began its bootstrap anew`;
      this.#fail(earlier, { kind: 'superseded', reason });
    }
    const { address, port, security } = peer;
    const id = hexEncode(listener.shell.random.bytes(8));
    const session = new BootstrapSession(
      { id, endpointName, initiatedBy, address, port, security: security.kind },
      ready.configuration,
      { now, maxSteps: this.#context.limits.stepsPerSession },
    );
    const active: ActiveSession = {
      session,
      ready,
      peer,
      listener,
      awaited: undefined,
      dueAt: undefined,
      heapIndex: 0,
    };
    this.#active.set(endpointName, active);
    this.#rememberPeer(endpointName, { peer, listener });
    this.#deadlines.schedule(active, addDuration(now, this.#context.limits.sessionTimeout));
    const { record } = session;
    this.#context.signals.started.emit({ session: record });
    this.#proceed(active, session.begin(now));
    return record;
  }

  /** No answer will come from a peer. */
  peerLost(peer: Peer): void {
    for (const active of Array.from(this.#active.values())) {
      if (active.peer.key !== peer.key) continue;
      const reason = `the DTLS association with ${active.session.endpointName} ended`;
      this.#fail(active, { kind: 'association-ended', reason });
    }
  }

  /** Ends all, when the server closes. */
  endAll(): void {
    for (const active of Array.from(this.#active.values())) {
      this.#fail(active, { kind: 'closed', reason: 'the Bootstrap-Server was closed' });
    }
  }

  #rememberPeer(endpointName: string, place: Pick<ActiveSession, 'peer' | 'listener'>): void {
    this.#lastPeers.delete(endpointName);
    this.#lastPeers.set(endpointName, place);
    const [oldest] = this.#lastPeers.keys();
    if (oldest !== undefined && this.#lastPeers.size > this.#context.limits.loggedSessions) {
      this.#lastPeers.delete(oldest);
    }
  }

  #proceed(active: ActiveSession, operation: OutgoingBootstrapOperation | undefined): void {
    if (active.session.isOver) {
      this.#end(active);
    } else if (operation !== undefined) {
      const { listener, peer } = active;
      const options = { timeout: this.#context.limits.stepTimeout };
      const request = requestForBootstrapOperation(operation);
      active.awaited = listener.request(peer, request, options, this.#awaiter(active, operation));
      listener.flush();
    }
  }

  #awaiter(active: ActiveSession, operation: OutgoingBootstrapOperation): ResponseAwaiter {
    return {
      answered: (response: IncomingResponse, now: Instant): void => {
        active.awaited = undefined;
        const { session } = active;
        const next = session.answered(response, now);
        this.#tellOfAnswer(session);
        this.#proceed(active, next);
      },
      unanswered: (reason: RequestFailure): void => {
        active.awaited = undefined;
        this.#fail(active, failureOf(reason, active.session.endpointName, operation));
      },
    };
  }

  /** By then the session may have begun its next step. */
  #tellOfAnswer(session: BootstrapSession): void {
    const { stepped } = this.#context.signals;
    if (stepped.listenerCount === 0) return;
    const { id, endpointName, steps } = session.record;
    const step = steps.findLast(({ answer }) => answer !== undefined);
    if (step !== undefined) stepped.emit({ sessionId: id, endpointName, step });
  }

  #fail(active: ActiveSession, failure: SessionFailure): void {
    active.session.fail(failure, active.listener.now());
    if (active.awaited !== undefined) active.listener.cancel(active.awaited);
    active.awaited = undefined;
    this.#end(active);
    active.listener.flush();
  }

  #end(active: ActiveSession): void {
    this.#deadlines.cancel(active);
    const { record } = active.session;
    if (this.#active.get(record.endpointName) === active) this.#active.delete(record.endpointName);
    this.#log.add(record);
    active.ready.settle(issueOutcomeOf(record));
    const { finished, failed } = this.#context.signals;
    if (record.outcome === 'failed') failed.emit({ session: record });
    else finished.emit({ session: record });
  }
}

/** A device that was sent Finish may have taken it, whatever became of the answer. */
function issueOutcomeOf({ outcome, steps }: BootstrapSessionRecord): IssueOutcome {
  if (outcome === 'finished') return 'given';
  const last = steps.at(-1);
  const isOpen = last?.operation === 'bootstrap-finish' && last.answer === undefined;
  return isOpen ? 'unknown' : 'not-given';
}

function failureOf(
  reason: RequestFailure,
  endpointName: string,
  operation: OutgoingBootstrapOperation,
): SessionFailure {
  const title = titleOf(operation);
  switch (reason) {
    case 'no-answer':
      return { kind: 'no-answer', reason: `${endpointName} did not answer ${title}` };
    case 'reset':
      return { kind: 'rejected', reason: `${endpointName} rejected ${title}: it waits for no bootstrap` };
    case 'malformed-response':
    case 'body-too-large':
    case 'body-changed':
      return {
        kind: 'misbehaved',
        reason: `the answer of ${endpointName} to ${title} makes no sense (${reason})`,
      };
    case 'not-delivered':
      return { kind: 'no-answer', reason: `${title} did not arrive at ${endpointName}` };
    case 'overloaded':
    case 'not-sent':
    case 'cancelled':
      return { kind: 'no-answer', reason: `${title} was not sent to ${endpointName} (${reason})` };
  }
}

import type { AccessControl, AccessEnded } from './access-control.ts';
import type { Principal } from './principal.ts';

/** An answer that is being given. */
export interface LiveAnswer {
  /** True once it has begun: then it may go on for as long as somebody reads it. */
  readonly isUnderWay: () => boolean;
  /** Breaks it off. */
  readonly end: () => void;
}

/**
 * Answers that are being given, and to whom. What outlives its session or token, as a stream of events would, is broken
 * off: at once when the session is ended by somebody, at the next look when its time is over.
 */
export class LiveRequests implements Disposable {
  readonly #access: AccessControl;
  readonly #answers = new Map<LiveAnswer, Principal>();
  readonly #subscription: Disposable;

  constructor(access: AccessControl) {
    this.#access = access;
    this.#subscription = access.ended.subscribe((ended) => this.#end(ended));
  }

  /** Until the result is disposed. */
  add(answer: LiveAnswer, principal: Principal): Disposable {
    this.#answers.set(answer, principal);
    return { [Symbol.dispose]: () => void this.#answers.delete(answer) };
  }

  /** Ends what is given to those whose time is over. */
  async look(): Promise<void> {
    const principals = new Map(
      [...this.#answers]
        .filter(([answer]) => answer.isUnderWay())
        .map(([, principal]) => [`${principal.kind} ${principal.id}`, principal]),
    );
    for (const principal of principals.values()) {
      if (!(await this.#access.isStillThere(principal))) this.#end(principal);
    }
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #end({ kind, id }: AccessEnded): void {
    for (const [answer, principal] of this.#answers) {
      if (principal.kind === kind && principal.id === id && answer.isUnderWay()) answer.end();
    }
  }
}

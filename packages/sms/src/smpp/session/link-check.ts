import { addDuration, type Instant } from '@dunlin/base';

import type { SmppLimits } from './smpp-options.ts';

/** Notices a message centre that is gone without closing: silence, a question, silence (SMPP 3.4 §4.11). */
export class LinkCheck {
  readonly #limits: SmppLimits;
  #deadline: Instant | undefined;
  #isAsked = false;

  constructor(limits: SmppLimits) {
    this.#limits = limits;
  }

  get deadline(): Instant | undefined {
    return this.#deadline;
  }

  /** Something came: any command shows that the other side lives, not only the answer. */
  heard(now: Instant): void {
    this.#isAsked = false;
    this.#deadline = addDuration(now, this.#limits.enquireLinkInterval);
  }

  stop(): void {
    this.#deadline = undefined;
  }

  /** What is due at `now`: to ask, or to take the other side for dead. */
  due(now: Instant): 'ask' | 'dead' | undefined {
    if (this.#deadline === undefined || now < this.#deadline) return undefined;
    if (this.#isAsked) return 'dead';
    this.#isAsked = true;
    this.#deadline = addDuration(now, this.#limits.enquireLinkTimeout);
    return 'ask';
  }
}

import type { Instant } from '@dunlin/base';
import { type DtlsEndpoint, isRefusal, type PreSharedKeyAnswer, type TrustAnswer } from '@dunlin/dtls';

import type { DtlsCredentials, FoundKey } from './dtls-credentials.ts';
import type { DtlsDiagnostic } from './dtls-diagnostic.ts';
import type { LayerQuestion } from './dtls-layer.ts';

/** What answering needs. */
export interface LookupParameters {
  readonly endpoint: DtlsEndpoint;
  readonly credentials: DtlsCredentials;
  /** The most look-ups under way; further ones fail at once. */
  readonly maxLookups: number;
  readonly clock: () => Instant;
  readonly onDiagnostic: (diagnostic: DtlsDiagnostic) => void;
  /** Sends what an answer brought about. */
  readonly flush: () => void;
}

/**
 * Asks the credentials what the core asks. The time limit of an answer is the core's, which passes a late one over;
 * here is the bound on answers that never come.
 */
export class CredentialLookups {
  readonly #given: LookupParameters;
  #underWay = 0;

  constructor(parameters: LookupParameters) {
    this.#given = parameters;
  }

  ask(question: LayerQuestion): void {
    const { endpoint, clock, maxLookups } = this.#given;
    const { lookup } = question;
    const isOneTooMany = this.#underWay >= maxLookups;
    if (isOneTooMany) this.#fail(`There are ${maxLookups} look-ups of credentials under way.`);
    switch (question.kind) {
      case 'psk-lookup': {
        const give = (answer: PreSharedKeyAnswer): void => endpoint.answerPskLookup(lookup, answer, clock());
        const { identity } = question;
        if (identity === undefined || isOneTooMany) give(undefined);
        else this.#answer(this.#findKey(identity), give);
        break;
      }
      case 'verify-peer': {
        const give = (answer: TrustAnswer): void => endpoint.answerVerification(lookup, answer, clock());
        if (isOneTooMany) give(notTrusted);
        else this.#answer(this.#judge(question.evidence), give);
        break;
      }
    }
  }

  #answer<Answer>(asked: Promise<Answer>, give: (answer: Answer) => void): void {
    this.#underWay += 1;
    const settle = (answer: Answer): void => {
      this.#underWay -= 1;
      give(answer);
      this.#given.flush();
    };
    // Both questions turn every rejection into an answer; what `give` throws is a broken invariant.
    asked.then(settle).catch((error: unknown) => queueMicrotask(() => rethrow(error)));
  }

  async #findKey(identity: string): Promise<PreSharedKeyAnswer> {
    const found = await this.#find(identity);
    return found && { key: found.key.reveal(), credentialId: found.credentialId };
  }

  async #find(identity: string): Promise<FoundKey | undefined> {
    try {
      return await this.#given.credentials.pskFor(identity);
    } catch (error) {
      this.#fail('The look-up of a pre-shared key failed.', error);
      return undefined;
    }
  }

  async #judge(evidence: Extract<LayerQuestion, { kind: 'verify-peer' }>['evidence']): Promise<TrustAnswer> {
    if (evidence.kind === 'session' && evidence.peer.kind === 'psk') {
      const found = await this.#find(evidence.peer.identity);
      if (found?.credentialId !== evidence.credentialId) return notTrusted;
      return { kind: 'trusted', credentialId: found.credentialId };
    }
    try {
      const answer = await this.#given.credentials.trusts(evidence);
      if (answer === undefined) return notTrusted;
      return isRefusal(answer) ? answer : { kind: 'trusted', credentialId: answer.credentialId };
    } catch (error) {
      this.#fail('The look-up of a key or certificate failed.', error);
      return notTrusted;
    }
  }

  #fail(reason: string, cause?: unknown): void {
    this.#given.onDiagnostic({ kind: 'lookup-failed', reason, ...(cause === undefined ? {} : { cause }) });
  }
}

const notTrusted: TrustAnswer = { kind: 'refused', reason: 'Nobody vouches for the key or certificate.' };

function rethrow(error: unknown): never {
  throw error;
}

import { type Instant, utf8Encode } from '@dunlin/base';
import {
  type DtlsEndpoint,
  isRefusal,
  type PeerEvidence,
  pskLimits,
  type SavedAssociation,
  type TrustAnswer,
} from '@dunlin/dtls';

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
 * here is the bound on answers that never come, and the care that none counts which a revocation has overtaken.
 */
export class CredentialLookups {
  readonly #given: LookupParameters;
  #underWay = 0;
  #revocations = 0;

  constructor(parameters: LookupParameters) {
    this.#given = parameters;
  }

  /** To be called when a credential is no longer good: whatever is being asked is asked again. */
  noteRevocation(): void {
    this.#revocations += 1;
  }

  ask(question: LayerQuestion): void {
    const { endpoint, clock, maxLookups, flush } = this.#given;
    const { lookup } = question;
    const isOneTooMany = this.#underWay >= maxLookups;
    if (isOneTooMany) this.#fail(`There are ${maxLookups} look-ups of credentials under way.`);
    switch (question.kind) {
      case 'psk-lookup': {
        const { identity } = question;
        const give = (found: FoundKey | undefined): void => {
          const answer = found && { key: found.key.reveal(), credentialId: found.credentialId };
          endpoint.answerPskLookup(lookup, answer, clock());
          found?.key.destroy();
        };
        if (identity === undefined || isOneTooMany) give(undefined);
        else this.#begin(this.#ask(() => this.#find(identity), undefined, give).then(flush));
        break;
      }
      case 'verify-peer': {
        const { evidence } = question;
        const give = (answer: TrustAnswer): void => endpoint.answerVerification(lookup, answer, clock());
        if (isOneTooMany) give(notTrusted);
        else this.#begin(this.#ask(() => this.#judge(evidence), notTrusted, give).then(flush));
        break;
      }
    }
  }

  /** Calls one of two at once when it is known whether the peer of a saved association may still come. */
  async judgeSaved(
    { session: { peer, credentialId } }: SavedAssociation,
    outcome: { readonly trusted: () => void; readonly refused: (reason: string) => void },
  ): Promise<void> {
    const evidence = { kind: 'session', peer, credentialId } as const;
    await this.#ask(
      () => this.#judge(evidence),
      notTrusted,
      (answer) => (answer.kind === 'trusted' ? outcome.trusted() : outcome.refused(answer.reason)),
    );
  }

  /** Both questions turn every rejection into an answer; what giving it throws is a broken invariant. */
  #begin(asking: Promise<void>): void {
    asking.catch((error: unknown) => queueMicrotask(() => rethrow(error)));
  }

  /** Gives an answer in the moment in which it is known that no revocation came after it was asked for. */
  async #ask<Answer extends FoundKey | TrustAnswer | undefined>(
    ask: () => Promise<Answer>,
    otherwise: Answer,
    give: (answer: Answer) => void,
  ): Promise<void> {
    this.#underWay += 1;
    try {
      for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
        const revocations = this.#revocations;
        const answer = await ask();
        if (revocations === this.#revocations) {
          give(answer);
          return;
        }
        discard(answer);
      }
      this.#fail('Credentials were revoked faster than they could be looked up.');
      give(otherwise);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #find(identity: string): Promise<FoundKey | undefined> {
    try {
      const found = await this.#given.credentials.pskFor(identity);
      const problem = found === undefined ? undefined : (problemOfKey(found) ?? problemOfId(found));
      if (problem === undefined) return found;
      this.#fail(problem);
    } catch (error) {
      this.#fail('The look-up of a pre-shared key failed.', error);
    }
    return undefined;
  }

  async #judge(evidence: PeerEvidence): Promise<TrustAnswer> {
    if (evidence.kind === 'session' && evidence.peer.kind === 'psk') {
      const found = await this.#find(evidence.peer.identity);
      found?.key.destroy();
      return found === undefined ? notTrusted : trustedAs(found.credentialId, evidence);
    }
    try {
      const answer = await this.#given.credentials.trusts(evidence);
      if (answer === undefined) return notTrusted;
      if (isRefusal(answer)) return answer;
      const problem = problemOfId(answer);
      if (problem === undefined) return trustedAs(answer.credentialId, evidence);
      this.#fail(problem);
    } catch (error) {
      this.#fail('The look-up of a key or certificate failed.', error);
    }
    return notTrusted;
  }

  #fail(reason: string, cause?: unknown): void {
    this.#given.onDiagnostic({ kind: 'lookup-failed', reason, ...(cause === undefined ? {} : { cause }) });
  }
}

/** How often one question is asked anew because of revocations before it counts as not found. */
const maxAttempts = 5;

const notTrusted: TrustAnswer = { kind: 'refused', reason: 'Nobody vouches for the key or certificate.' };

/** A session goes with the very credential that vouched for it, or else its revocation would not be noticed. */
function trustedAs(credentialId: string, evidence: PeerEvidence): TrustAnswer {
  const isOther = evidence.kind === 'session' && evidence.credentialId !== credentialId;
  return isOther ? notTrusted : { kind: 'trusted', credentialId };
}

/** Throws when the secret was destroyed. */
function problemOfKey({ key }: FoundKey): string | undefined {
  const { length } = key.reveal();
  const { maxKeyLength } = pskLimits;
  return length > 0 && length <= maxKeyLength
    ? undefined
    : `A pre-shared key has 1 to ${maxKeyLength} bytes, not ${length}.`;
}

/** What saved states have room for. */
const maxCredentialIdLength = 4096;

function problemOfId({ credentialId }: { readonly credentialId: string }): string | undefined {
  const { length } = utf8Encode(credentialId);
  return length > 0 && length <= maxCredentialIdLength
    ? undefined
    : `A credential id has 1 to ${maxCredentialIdLength} bytes, not ${length}.`;
}

function discard(answer: FoundKey | TrustAnswer | undefined): void {
  if (answer !== undefined && 'key' in answer) answer.key.destroy();
}

function rethrow(error: unknown): never {
  throw error;
}

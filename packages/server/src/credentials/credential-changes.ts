import { andThen } from '../maybe-promise.ts';
import type { Registration } from '../registration.ts';
import type { MaybePromise } from '../registration-store.ts';
import type { ServerContext } from '../server-context.ts';
import type { CredentialSummary } from './credential.ts';
import { judgeIdentity } from './identity-rules.ts';

/** Registrations that are judged anew in one step, when a trust anchor of every endpoint was revoked. */
const registrationsPerStep = 1000;

/** Removes the registration of an endpoint if it is the one that is meant. */
type Deregister = (
  endpointName: string,
  isMeant: (registration: Registration) => MaybePromise<boolean>,
) => Promise<boolean>;

/**
 * What credentials that come and go mean for devices that are registered: a registration that could not be made any
 * more ends. So an endpoint that gets its first credential has to come back over DTLS, and one whose credential was
 * revoked is no longer there.
 */
export class CredentialChanges implements Disposable {
  readonly #context: ServerContext;
  readonly #deregister: Deregister;
  readonly #subscriptions = new DisposableStack();
  #isClosed = false;

  constructor(context: ServerContext, deregister: Deregister) {
    this.#context = context;
    this.#deregister = deregister;
    const { credentials } = context;
    if (credentials === undefined) return;
    const judge = (credential: CredentialSummary): void => void this.#judgeAgain(credential);
    this.#subscriptions.use(credentials.added.subscribe(judge));
    this.#subscriptions.use(credentials.revoked.subscribe(judge));
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#subscriptions.dispose();
  }

  async #judgeAgain({ endpointName }: CredentialSummary): Promise<void> {
    try {
      if (endpointName === undefined) await this.#judgeAllCertified();
      else await this.#judge(endpointName);
    } catch (error) {
      if (this.#isClosed) return;
      const time = this.#context.now();
      this.#context.signals.diagnostics.emit({ kind: 'store-failed', time, doing: 'revocation', error });
    }
  }

  async #judgeAllCertified(): Promise<void> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#context.store.page({
        after,
        limit: registrationsPerStep,
        filter: isCertified,
      });
      for (const { endpointName } of page) await this.#judge(endpointName);
      after = page.at(-1)?.endpointName;
      if (after === undefined || this.#isClosed) return;
    }
  }

  async #judge(endpointName: string): Promise<void> {
    const store = this.#context.credentials?.store;
    if (store === undefined || this.#isClosed) return;
    await this.#deregister(endpointName, ({ peer }) =>
      andThen(judgeIdentity({ endpointName, peer }, store), ({ kind }) => kind === 'refused'),
    );
  }
}

function isCertified({ peer }: Registration): boolean {
  return peer.security.kind === 'certificate';
}

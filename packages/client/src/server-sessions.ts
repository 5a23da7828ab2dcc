import type { Instant } from '@dunlin/base';

import {
  isUnchanged,
  openServerSession,
  type ServerSession,
  type ServerSessionOptions,
} from './server-session.ts';
import { accountsIn } from './security/account-instances.ts';

/**
 * The sessions of a client: one for each Server Account in its object tree, and those that are saying goodbye because
 * their account is gone or has other security.
 */
export class ServerSessions {
  readonly #options: ServerSessionOptions;
  #current: readonly ServerSession[] = [];
  #leaving: readonly ServerSession[] = [];

  constructor(options: ServerSessionOptions) {
    this.#options = options;
  }

  /** One for each account, in their order. */
  get current(): readonly ServerSession[] {
    return this.#current;
  }

  /** Those that are saying goodbye as well. */
  get all(): readonly ServerSession[] {
    return this.#leaving.length === 0 ? this.#current : [...this.#current, ...this.#leaving];
  }

  /** Brings the sessions in line with the accounts: gives those that began. What ended says goodbye. */
  reconcile(): readonly ServerSession[] {
    const { tree } = this.#options;
    const before = this.#current;
    this.#current = accountsIn(tree).map(
      (account) =>
        before.find(
          (session) => session.shortServerId === account.shortServerId && isUnchanged(session, account, tree),
        ) ?? openServerSession(account, this.#options),
    );
    const ended = before.filter((session) => !this.#current.includes(session));
    for (const { registration } of ended) registration.close();
    this.#leaving = [...this.#leaving, ...ended];
    return this.#current.filter((session) => !before.includes(session));
  }

  /** Forgets those that have said goodbye: gives them. */
  takeOver(): readonly ServerSession[] {
    if (this.#leaving.length === 0) return [];
    const over = this.#leaving.filter(({ registration }) => registration.state === 'closed');
    if (over.length > 0) this.#leaving = this.#leaving.filter((session) => !over.includes(session));
    return over;
  }

  find(shortServerId: number): ServerSession | undefined {
    return this.#current.find((session) => session.shortServerId === shortServerId);
  }

  /** The session with the Server instance `/1/{serverInstanceId}`. */
  ofServerInstance(serverInstanceId: number): ServerSession | undefined {
    return this.#current.find(({ account }) => account.serverInstanceId === serverInstanceId);
  }

  /** When the next one has something to do. */
  deadlines(): readonly (Instant | undefined)[] {
    return this.all.flatMap(({ registration, awake }) => [registration.deadline, awake.deadline]);
  }
}

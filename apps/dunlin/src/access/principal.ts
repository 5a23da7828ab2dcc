import type { Role } from '@dunlin/api';
import type { Instant } from '@dunlin/base';

/** Somebody who proved to the interface who it is: a user with a session, or a program with a token. */
export interface Principal {
  readonly kind: 'session' | 'token';
  /** That of the session or of the token. */
  readonly id: string;
  /** That of the user or of the token. */
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: Instant | undefined;
}

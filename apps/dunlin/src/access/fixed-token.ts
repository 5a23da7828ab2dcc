import { timingSafeEqual } from 'node:crypto';

import { isLoopback } from '../config/socket-address.ts';
import type { Principal } from './principal.ts';
import { secretHash } from './secret-text.ts';

/** A token of an administrator that is not in the store: it holds as long as the server runs with it. */
export interface FixedToken {
  readonly principal: Principal;
  readonly hash: Uint8Array;
  /** True for a token that is of no use to who comes from another machine. */
  readonly isLocal: boolean;
}

/** The token that the environment gives. */
export function environmentToken(secret: string, variable: string): FixedToken {
  return fixedToken({ id: 'environment', name: variable, secret, isLocal: false });
}

/** The token that lies in the data folder for commands on this machine. */
export function localToken(secret: string): FixedToken {
  return fixedToken({ id: 'local', name: 'local commands', secret, isLocal: true });
}

/** The one of the tokens whose secret this is. */
export function findFixedToken(
  tokens: readonly FixedToken[],
  hash: Uint8Array,
  from: string,
): Principal | undefined {
  const found = tokens.find(
    (token) => timingSafeEqual(token.hash, hash) && (!token.isLocal || isLoopback(from)),
  );
  return found?.principal;
}

function fixedToken({
  id,
  name,
  secret,
  isLocal,
}: {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  readonly isLocal: boolean;
}): FixedToken {
  return {
    principal: { kind: 'token', id, name, role: 'administrator', expiresAt: undefined },
    hash: secretHash(secret),
    isLocal,
  };
}

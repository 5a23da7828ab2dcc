import { ApiError, type IdentityDocument } from '@dunlin/api';
import { useQuery } from '@tanstack/react-query';

import { api, refusals } from '../server/api.ts';
import { queries } from '../server/live.ts';

const identityKey = ['identity'];

/** As whom the console is used: `null` for nobody, `undefined` until that is known. */
export function useIdentity(): {
  readonly identity: IdentityDocument | null | undefined;
  readonly error: unknown;
} {
  const { data, error } = useQuery({
    queryKey: identityKey,
    queryFn: async ({ signal }) => {
      try {
        return await api.access.whoAmI({ signal });
      } catch (failure) {
        if (failure instanceof ApiError && failure.code === 'unauthenticated') return null;
        throw failure;
      }
    },
    // A server that is away comes back, and then knows who this is.
    retry: true,
    retryDelay: 2000,
  });
  return { identity: data, error };
}

/** Takes note of who signed in, who sees nothing of what somebody else saw before. */
export function signedInAs(identity: IdentityDocument): void {
  forget();
  queries.setQueryData(identityKey, identity);
}

/** Signs out; what was known goes with it. */
export async function signOut(): Promise<void> {
  await api.access.signOut();
  queries.setQueryData(identityKey, null);
  forget();
}

/** Notices that a session is over by the first request that is refused for it. */
export function watchSession(): void {
  refusals.subscribe(() => queries.setQueryData(identityKey, null));
}

function forget(): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== identityKey[0] });
}

import { ApiError, type SmsStatusDocument } from '@dunlin/api';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';

import { api } from './api.ts';
import { queryKeys } from './query-keys.ts';

/** Milliseconds between two looks at what short messages do: they take seconds, and no event tells of them. */
export const smsInterval = 3000;

/** How short messages are; `null` at a server that has none. Looked at again and again where that is shown. */
export function useSmsStatus({
  isWatched,
}: {
  readonly isWatched: boolean;
}): UseQueryResult<SmsStatusDocument | null> {
  return useQuery({
    queryKey: queryKeys.smsStatus,
    queryFn: async ({ signal }) => {
      try {
        return await api.sms.status({ signal });
      } catch (error) {
        if (error instanceof ApiError && error.code === 'not-found') return null;
        throw error;
      }
    },
    refetchInterval: ({ state }) => (isWatched && state.data !== null ? smsInterval : false),
  });
}

/** Whether the server has short messages; false until that is known. */
export function useHasSms(): boolean {
  const { data } = useSmsStatus({ isWatched: false });
  return data !== null && data !== undefined;
}

/** Whether short messages are among what a binding mode names: S, SQ, US or UQS (1.0 §5.3.1.1). */
export function hasSmsMode(bindingMode: string): boolean {
  return bindingMode.includes('S');
}

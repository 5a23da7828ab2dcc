import {
  ApiError,
  type DefinitionDocument,
  type DesiredAttributesDocument,
  type DeviceSummary,
  type KnownValueDocument,
  type ObservationDocument,
  type OperationPage,
} from '@dunlin/api';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';

import { api } from './api.ts';
import { live } from './live.ts';
import { queryKeys } from './query-keys.ts';
import { valuesWithNews } from './values-with-news.ts';

/** A device, or the error that says that it is not registered. */
export function useDevice(endpoint: string): UseQueryResult<DeviceSummary> {
  return useQuery({
    queryKey: queryKeys.device(endpoint),
    queryFn: ({ signal }) => api.device(endpoint, { signal }),
  });
}

/** The last known values of a device. */
export function useValues(endpoint: string): UseQueryResult<readonly KnownValueDocument[]> {
  return useQuery({
    queryKey: queryKeys.values(endpoint),
    queryFn: ({ signal }) =>
      valuesWithNews(live.events, endpoint, () => api.values(endpoint, '/', { signal })),
  });
}

export function useObservations(endpoint: string): UseQueryResult<readonly ObservationDocument[]> {
  return useQuery({
    queryKey: queryKeys.observations(endpoint),
    queryFn: ({ signal }) => api.observations(endpoint, { signal }),
  });
}

export function useAttributes(endpoint: string): UseQueryResult<readonly DesiredAttributesDocument[]> {
  return useQuery({
    queryKey: queryKeys.attributes(endpoint),
    queryFn: ({ signal }) => api.attributes(endpoint, { signal }),
  });
}

/** Operations that were accepted for a device, and what became of the last. */
export function useOperations(endpoint: string): UseQueryResult<OperationPage> {
  return useQuery({
    queryKey: queryKeys.operations(endpoint),
    queryFn: ({ signal }) => api.operations.list(endpoint, { limit: 1000 }, { signal }),
  });
}

/** The definition of an Object; `null` when the server has none. */
export function useDefinition(
  objectId: number | undefined,
  version: string | undefined,
): UseQueryResult<DefinitionDocument | null> {
  return useQuery({
    queryKey: ['definition', String(objectId), version ?? ''],
    enabled: objectId !== undefined,
    queryFn: async ({ signal }) => {
      try {
        return await api.definitions.get(objectId ?? 0, version === undefined ? {} : { version }, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.code === 'not-found') return null;
        throw error;
      }
    },
  });
}

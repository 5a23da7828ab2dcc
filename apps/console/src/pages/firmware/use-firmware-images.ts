import type { FirmwareImagePage } from '@dunlin/api';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';

import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';

/** The images of firmware that the server has; they are at most a thousand. */
export function useFirmwareImages(): UseQueryResult<FirmwareImagePage> {
  return useQuery({
    queryKey: queryKeys.firmwareImages,
    queryFn: ({ signal }) => api.firmware.images({ limit: 1000 }, { signal }),
  });
}

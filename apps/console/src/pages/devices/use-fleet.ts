import type { DeviceQuery, ServerEvent } from '@dunlin/api';
import { useEffect, useMemo, useSyncExternalStore } from 'react';

import { api } from '../../server/api.ts';
import { live } from '../../server/live.ts';
import { perFrame } from '../../server/per-frame.ts';
import { FleetList, type FleetState } from './fleet-list.ts';

/** What one may do with the list. */
export interface FleetCommands {
  readonly refresh: () => Promise<void>;
  readonly loadMore: () => void;
}

/** The live list of the devices that fit a filter. */
export function useFleet(filter: string): { readonly state: FleetState; readonly list: FleetCommands } {
  const fleet = useMemo(() => new FleetList(api, queryOf(filter)), [filter]);
  useEffect(() => {
    void fleet.refresh();
    const events = live.events.subscribe(perFrame<ServerEvent>((items) => fleet.apply(items)));
    let wasCut = live.connection.kind !== 'live';
    const changes = live.connectionChanges.subscribe(({ kind }) => {
      // Resuming tells what was missed; only before the first stream something may have passed unheard.
      if (kind === 'live' && wasCut) void fleet.refresh();
      wasCut = kind === 'cut';
    });
    return () => {
      events[Symbol.dispose]();
      changes[Symbol.dispose]();
      fleet[Symbol.dispose]();
    };
  }, [fleet]);
  const state = useSyncExternalStore(
    (changed) => fleet.subscribe(changed),
    () => fleet.state,
  );
  const list = useMemo(
    () => ({ refresh: () => fleet.refresh(), loadMore: () => void fleet.loadMore() }),
    [fleet],
  );
  return { state, list };
}

function queryOf(filter: string): DeviceQuery {
  return filter === '' ? {} : { contains: filter };
}

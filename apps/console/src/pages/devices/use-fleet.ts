import type { ServerEvent } from '@dunlin/api';
import { useEffect, useMemo, useSyncExternalStore } from 'react';

import { api } from '../../server/api.ts';
import { live } from '../../server/live.ts';
import { perFrame } from '../../server/per-frame.ts';
import { FleetList, type FleetState } from './fleet-list.ts';

/** The live list of the devices that fit a filter. */
export function useFleet(filter: string): { readonly state: FleetState; readonly list: FleetList } {
  const list = useMemo(() => new FleetList(api, filter), [filter]);
  useEffect(() => {
    void list.refresh();
    const events = live.events.subscribe(perFrame<ServerEvent>((items) => list.apply(items)));
    let wasCut = live.connection.kind !== 'live';
    const changes = live.connectionChanges.subscribe(({ kind }) => {
      // Resuming tells what was missed; only before the first stream something may have passed unheard.
      if (kind === 'live' && wasCut) void list.refresh();
      wasCut = kind === 'cut';
    });
    return () => {
      events[Symbol.dispose]();
      changes[Symbol.dispose]();
      list[Symbol.dispose]();
    };
  }, [list]);
  const state = useSyncExternalStore(
    (changed) => list.subscribe(changed),
    () => list.state,
  );
  return { state, list };
}

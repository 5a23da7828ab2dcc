import { ApiUnreachableError, type DunlinApi, type EventsOptions, type ReceivedEvent } from '@dunlin/api';

import type { ProgramContext } from '../program/program-context.ts';

/** How often to try again when the connection is lost, a second apart: long enough for a restart of the server. */
const maxAttempts = 30;

/**
 * Events until the signal is aborted. When the connection is lost it is made anew and goes on after the last event; rejects
 * with `ApiUnreachableError` when there is no connection at first or for half a minute.
 */
export async function* followEvents(
  context: ProgramContext,
  api: DunlinApi,
  options: Omit<EventsOptions, 'lastEventId'> & { readonly signal: AbortSignal },
): AsyncGenerator<ReceivedEvent, void, void> {
  let lastEventId: string | undefined;
  let hasBeenOpen = false;
  let attempts = 0;
  const onOpen = (): void => {
    attempts = 0;
    if (!hasBeenOpen) options.onOpen?.();
    hasBeenOpen = true;
  };
  while (!options.signal.aborted) {
    try {
      const resume = lastEventId === undefined ? {} : { lastEventId };
      for await (const received of api.events({ ...options, ...resume, onOpen })) {
        lastEventId = received.id;
        yield received;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      attempts += 1;
      if (!(error instanceof ApiUnreachableError) || !hasBeenOpen || attempts > maxAttempts) throw error;
    }
    await context.sleep(1000);
  }
}

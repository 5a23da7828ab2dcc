import type { LwM2mClient } from '@dunlin/client';

/** Says in a line what happens to the registrations of a device, until disposed. */
export function tellRegistrations(client: LwM2mClient, tell: (line: string) => void): Disposable {
  const subscriptions = new DisposableStack();
  subscriptions.use(
    client.registered.subscribe(({ location, lifetime }) =>
      tell(`registered at ${location} for ${lifetime} s`),
    ),
  );
  subscriptions.use(client.deregistered.subscribe(() => tell('deregistered')));
  subscriptions.use(
    client.registrationFailed.subscribe(({ failure, nextAttemptAt }) =>
      tell(`${failure.message} Next attempt at ${new Date(nextAttemptAt).toISOString().slice(11, 19)}.`),
    ),
  );
  subscriptions.use(
    client.diagnostics.subscribe((diagnostic) => {
      if (diagnostic.kind === 'device-error') tell(`${diagnostic.uriPath}: ${String(diagnostic.error)}`);
    }),
  );
  return subscriptions;
}

import type { BootstrapEvent, LwM2mClient } from '@dunlin/client';

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
      tell(`${failure.message} ${nextAttempt(nextAttemptAt)}`),
    ),
  );
  subscriptions.use(client.bootstrapEvents.subscribe((event) => tell(bootstrapText(event))));
  subscriptions.use(client.queueMode.subscribe(({ kind }) => tell(kind)));
  subscriptions.use(
    client.diagnostics.subscribe((diagnostic) => {
      if (diagnostic.kind === 'device-error') tell(`${diagnostic.uriPath}: ${String(diagnostic.error)}`);
      if (diagnostic.kind === 'state-not-saved') tell(String(diagnostic.error));
    }),
  );
  return subscriptions;
}

function bootstrapText(event: BootstrapEvent): string {
  switch (event.kind) {
    case 'bootstrap-started':
      return event.initiator === 'client' ? 'bootstrap: asked' : 'bootstrap: the server began';
    case 'bootstrap-finished':
      return 'bootstrap: finished, registering';
    case 'bootstrap-failed':
      return `bootstrap: ${event.failure.message} ${nextAttempt(event.nextAttemptAt)}`;
    case 'bootstrap-account-purged':
      return 'bootstrap: the account of the bootstrap server has timed out';
  }
}

function nextAttempt(at: number): string {
  return `Next attempt at ${new Date(at).toISOString().slice(11, 19)}.`;
}

import { SignalSource } from '@dunlin/base';

import type {
  BootstrapDiagnostic,
  BootstrapFailedEvent,
  BootstrapFinishedEvent,
  BootstrapStartedEvent,
  BootstrapStepEvent,
} from './bootstrap-event.ts';
import type { BootstrapLimits } from './bootstrap-limits.ts';
import type { BootstrapConfigurationStore } from './configuration/bootstrap-configuration-store.ts';
import type { EndpointIdentities } from './endpoint-identities.ts';
import type { SecurityIssuer } from './security-issuer.ts';

/** What the parts of one server share. */
export interface BootstrapContext {
  readonly configurations: BootstrapConfigurationStore;
  readonly identities: EndpointIdentities;
  readonly issuer: SecurityIssuer | undefined;
  readonly limits: BootstrapLimits;
  readonly isStrict: boolean;
  readonly signals: BootstrapSignals;
}

/** Everything a server tells to whoever listens. */
export class BootstrapSignals {
  readonly started: SignalSource<BootstrapStartedEvent> = new SignalSource();
  readonly stepped: SignalSource<BootstrapStepEvent> = new SignalSource();
  readonly finished: SignalSource<BootstrapFinishedEvent> = new SignalSource();
  readonly failed: SignalSource<BootstrapFailedEvent> = new SignalSource();
  readonly diagnostics: SignalSource<BootstrapDiagnostic> = new SignalSource();
}

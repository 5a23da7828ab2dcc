import type { Milliseconds } from '@dunlin/base';
import type { Binding, CoapEndpointOptions } from '@dunlin/coap';

import type { BootstrapServerAccount } from './bootstrap/bootstrap-server-account.ts';
import type { Smartcard } from './bootstrap/smartcard.ts';
import type { ClientLimits } from './client-limits.ts';
import type { AccessPolicy } from './device-management/access-rights.ts';
import type { ObjectSetup } from './object-tree/object-setup.ts';
import type { ServerAccount } from './objects/server-account.ts';
import type { ClientStateStore } from './state/client-state.ts';
import type { CredentialFor, SecureCredential } from './security/secure-credential.ts';
import type { ClientSms } from './sms/client-sms.ts';
import type { RetryPolicy } from './registration/retry-policy.ts';

/** What may be tuned of the CoAP endpoint below a client. */
export type CoapTuning = Omit<CoapEndpointOptions, 'random'>;

/** Makes a binding with DTLS that takes what it proves from the Security Object of the client (1.0 §7.1). */
export type SecureBinding = (credentialFor: CredentialFor) => Binding;

/** Makes a binding with DTLS that answers handshakes of the one who has the credential of the Bootstrap-Server. */
export type SecureListener = (credential: () => SecureCredential | undefined) => Binding;

/** What `LwM2mClient.open` takes. */
export interface ClientOptions {
  /** The Endpoint Client Name, unique at its Servers; a URN such as `urn:dev:ops:32473-thermometer-42` is advised. */
  readonly endpoint: string;
  /** The Servers to register with; without any there is a Bootstrap-Server. */
  readonly servers: readonly ServerAccount[];
  /** Who gives the device its Servers when it has none, or none accepts it. */
  readonly bootstrapServer?: BootstrapServerAccount;
  /** A smartcard that may hold accounts: it comes before all others, and is looked at again with each registration. */
  readonly smartcard?: Smartcard;
  /** The Objects of the device: `device({ … })` and any others. Security and Server come from `servers`. */
  readonly objects: readonly ObjectSetup[];
  /** What carries datagrams without security: `udp()` of `@dunlin/node`, or a simulated network. For Servers at `coap://`. */
  readonly binding?: Binding;
  /** Short messages, for Servers whose binding mode has an S: `clientSms()` of `@dunlin/node`. */
  readonly sms?: ClientSms;
  /** What carries datagrams over DTLS: `clientDtls()` of `@dunlin/node`. For Servers at `coaps://`. */
  readonly secureBinding?: SecureBinding;
  /**
   * What listens for a Bootstrap-Server that begins by itself over DTLS, in which the device is the DTLS server then
   * `clientDtlsListener()` of `@dunlin/node`. Without it nobody can make a handshake with the device.
   */
  readonly bootstrapListener?: SecureListener;
  /**
   * Whether notifications are confirmable. Default `non-confirmable`: lost ones are overtaken by the next, and
   * one every 24 hours is confirmable all the same, so that a Server that is gone is noticed (R-507, CR-8.12).
   */
  readonly notifications?: 'confirmable' | 'non-confirmable';
  /** How long the device is awake after each message when its binding mode is `UQ` or `UQS`; default 93 s. */
  readonly awakeWindow?: Milliseconds;
  /** What each Server may do, in place of the Access Control Object (1.0 §7.3); see `accessControl`. */
  readonly accessPolicy?: AccessPolicy;
  /** Where the device keeps what it has to remember while it is off; default nowhere: then it begins as new. */
  readonly state?: ClientStateStore;
  readonly limits?: Partial<ClientLimits>;
  readonly retry?: Partial<RetryPolicy>;
  readonly coap?: CoapTuning;
}

import type { CredentialCalls, DunlinApi } from '@dunlin/api';

/** Whose credentials a command is about: the server and the Bootstrap-Server have their own. */
export interface CredentialCommandScope {
  /** What is typed before `add`, `list` and so on. */
  readonly command: string;
  callsOf(api: DunlinApi): CredentialCalls;
  /** What an endpoint that has credentials must do. */
  readonly mustComeSecurely: (endpoint: string) => string;
  /** What endpoints without credentials of their own may do while authorities vouch for every endpoint. */
  readonly othersMayComePlainly: string;
  /** What an endpoint may do that has none any more. */
  readonly mayComePlainly: (endpoint: string) => string;
}

/** Credentials for registering. */
export const registrationCredentials: CredentialCommandScope = {
  command: 'dunlin credentials',
  callsOf: (api) => api,
  mustComeSecurely: (endpoint) =>
    `From now on ${endpoint} must register over DTLS (coaps); over plain CoAP it is refused.`,
  othersMayComePlainly:
    'Endpoints without credentials of their own may still register over plain CoAP, unless it is off (--coap none).',
  mayComePlainly: (endpoint) => `${endpoint} has no credentials left: it may register over plain CoAP again.`,
};

/** Credentials for a bootstrap. */
export const bootstrapCredentials: CredentialCommandScope = {
  command: 'dunlin bootstrap credentials',
  callsOf: (api) => api.bootstrap,
  mustComeSecurely: (endpoint) =>
    `From now on ${endpoint} must ask for its bootstrap over DTLS (coaps); over plain CoAP it is refused.`,
  othersMayComePlainly:
    'Endpoints without credentials of their own may still ask for their bootstrap over plain CoAP, unless it is off ' +
    '(--bootstrap-coap none).',
  mayComePlainly: (endpoint) =>
    `${endpoint} has no credentials left: it may ask for its bootstrap over plain CoAP again.`,
};

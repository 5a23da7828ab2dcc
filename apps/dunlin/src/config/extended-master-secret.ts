/** What is done about peers over DTLS without the extended master secret (RFC 7627 §5.2, §5.3): refused, or taken. */
export const extendedMasterSecretModes = ['required', 'optional'] as const;
export type ExtendedMasterSecretMode = (typeof extendedMasterSecretModes)[number];

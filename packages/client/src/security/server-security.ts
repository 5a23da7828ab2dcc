import { noBytes, type Secret, UsageError, utf8Encode } from '@dunlin/base';

/** How the channel to a Server is secured: what the Security Object says of it (1.0 §7.1.7 to §7.1.10). */
export type ServerSecurity =
  | {
      readonly mode: 'psk';
      /** 1 byte of UTF-8 at least; Servers have to take 128. */
      readonly identity: string;
      /** 1 byte at least, 16 are advised; Servers have to take 64. Never a password. */
      readonly key: Secret;
    }
  | {
      readonly mode: 'raw-public-key';
      /** The own key: DER SubjectPublicKeyInfo (RFC 7250). */
      readonly publicKey: Uint8Array;
      /** What belongs to it: DER, PKCS#8 (RFC 5958) or SEC1. */
      readonly privateKey: Secret;
      /** That of the Server, compared bit by bit. */
      readonly serverPublicKey: Uint8Array;
    }
  | {
      readonly mode: 'certificate';
      /** The own one: DER. */
      readonly certificate: Uint8Array;
      /** What belongs to it: DER, PKCS#8 (RFC 5958) or SEC1. */
      readonly privateKey: Secret;
      /** That of the Server: DER, compared byte by byte; it must name the host of the Server URI as well. */
      readonly serverCertificate: Uint8Array;
    }
  /** Without DTLS: the layers below are trusted to protect it. */
  | { readonly mode: 'none' };

/** The Resources 2 to 5 of a Security instance (1.0 §7.1.7 to §7.1.10, E.1). */
export interface SecurityValues {
  readonly securityMode: number;
  readonly publicKeyOrIdentity: Uint8Array;
  readonly serverPublicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** The values of Security Mode, `/0/x/2`; 4, certificates by EST, is not supported. */
export const SecurityMode = { psk: 0, rawPublicKey: 1, certificate: 2, none: 3 } as const;

/** What a Security instance says of the security of a Server. */
export function securityValues(security: ServerSecurity): SecurityValues {
  switch (security.mode) {
    case 'psk':
      return {
        securityMode: SecurityMode.psk,
        publicKeyOrIdentity: utf8Encode(security.identity),
        serverPublicKey: noBytes,
        secretKey: security.key.reveal().slice(),
      };
    case 'raw-public-key':
      return {
        securityMode: SecurityMode.rawPublicKey,
        publicKeyOrIdentity: security.publicKey.slice(),
        serverPublicKey: security.serverPublicKey.slice(),
        secretKey: security.privateKey.reveal().slice(),
      };
    case 'certificate':
      return {
        securityMode: SecurityMode.certificate,
        publicKeyOrIdentity: security.certificate.slice(),
        serverPublicKey: security.serverCertificate.slice(),
        secretKey: security.privateKey.reveal().slice(),
      };
    case 'none':
      return {
        securityMode: SecurityMode.none,
        publicKeyOrIdentity: noBytes,
        serverPublicKey: noBytes,
        secretKey: noBytes,
      };
  }
}

/** Throws `UsageError` on security that cannot be; whether keys are well-formed is for DTLS to find out. */
export function checkServerSecurity(security: ServerSecurity, uri: string): void {
  const isForDtls = security.mode !== 'none';
  if (isForDtls !== /^coaps:/i.test(uri)) {
    throw new UsageError(
      isForDtls
        ? `Security of the mode '${security.mode}' is for a Server URI with coaps://, not '${uri}'.`
        : `The Server URI '${uri}' takes security: a pre-shared key, a raw public key or a certificate.`,
    );
  }
  const { publicKeyOrIdentity, serverPublicKey, secretKey } = securityValues(security);
  const needed = security.mode === 'psk' ? [] : [serverPublicKey];
  if (isForDtls && [publicKeyOrIdentity, secretKey, ...needed].some(({ length }) => length === 0)) {
    throw new UsageError(`The security of '${uri}' has an empty identity, key or certificate.`);
  }
}

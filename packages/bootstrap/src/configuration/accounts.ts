import { type Secret, type Seconds, seconds } from '@dunlin/base';
import type { BindingMode } from '@dunlin/lwm2m';

/** How a device and a server prove themselves to each other (1.0 §7.1.7 to §7.1.10), with all that a device is written. */
export type GivenSecurity =
  /** NoSec, security mode 3. */
  | { readonly kind: 'none' }
  /** Security mode 0. */
  | { readonly kind: 'psk'; readonly identity: string; readonly key: Secret }
  /** Security mode 1. */
  | {
      readonly kind: 'raw-public-key';
      /** The device's, as DER SubjectPublicKeyInfo (RFC 7250). */
      readonly publicKey: Uint8Array;
      /** The device's, as DER (PKCS#8, RFC 5958). */
      readonly privateKey: Secret;
      /** The server's, as DER SubjectPublicKeyInfo. */
      readonly serverPublicKey: Uint8Array;
    }
  /** Security mode 2. */
  | {
      readonly kind: 'certificate';
      /** The device's, as DER. */
      readonly certificate: Uint8Array;
      /** The device's, as DER (PKCS#8, RFC 5958). */
      readonly privateKey: Secret;
      /** The server's, as DER: the device takes this one and no other. */
      readonly serverCertificate: Uint8Array;
    };

/**
 * What a configuration says of the security of an account: all of it, or that it is made anew for each session
 * (`SecurityIssuer`), so that no two devices and no two bootstraps have the same and none is kept here.
 */
export type AccountSecurity =
  | GivenSecurity
  | { readonly kind: 'issued'; readonly proof: 'psk' | 'raw-public-key' };

/** The account of an LwM2M Server: an instance of Object 0 and one of Object 1. */
export interface ServerAccount<Security extends AccountSecurity = AccountSecurity> {
  /** Of the form `coap://host[:port]` or, with security, `coaps://host[:port]`. */
  readonly uri: string;
  /** 1 to 65534, another for each account. */
  readonly shortServerId: number;
  readonly security: Security;
  /** Default 86,400 s. */
  readonly lifetime?: Seconds | undefined;
  /** Default U. */
  readonly bindingMode?: BindingMode | undefined;
  /** Notification Storing When Disabled or Offline. Default true. */
  readonly notificationStoring?: boolean | undefined;
  readonly defaultMinimumPeriod?: Seconds | undefined;
  readonly defaultMaximumPeriod?: Seconds | undefined;
  readonly disableTimeout?: Seconds | undefined;
  /** The instance of Object 0. Default: that of the same Short Server ID, or the first that is free. */
  readonly securityInstanceId?: number | undefined;
  /** The instance of Object 1. Default: that of the same Short Server ID, or the first that is free. */
  readonly serverInstanceId?: number | undefined;
}

/** The account of a Bootstrap-Server: an instance of Object 0. */
export interface BootstrapServerAccount {
  readonly uri: string;
  readonly security: GivenSecurity;
  /** How long the device waits before it asks for a bootstrap. */
  readonly clientHoldOffTime?: Seconds | undefined;
  /** When the device purges the account after a bootstrap; 0 for never, as without it. */
  readonly accountTimeout?: Seconds | undefined;
  /** The instance of Object 0. Default: the one the device has for its Bootstrap-Server. */
  readonly securityInstanceId?: number | undefined;
}

/** What an account says when nobody says otherwise; the values are those of the example in 1.0 Appendix F. */
export const serverAccountDefaults: {
  readonly lifetime: Seconds;
  readonly bindingMode: BindingMode;
  readonly notificationStoring: boolean;
} = { lifetime: seconds(86_400), bindingMode: 'U', notificationStoring: true };

import { ContentFormat } from '@dunlin/coap';
import {
  type Content,
  type ObjectInstancePath,
  type ObjectPath,
  pathOf,
  type ResourcePath,
  type RootPath,
} from '@dunlin/lwm2m';

import type { AccessControlEntry } from './access-control.ts';
import type { AccountSecurity, BootstrapServerAccount, GivenSecurity, ServerAccount } from './accounts.ts';
import type { BootstrapTarget } from './bootstrap-target.ts';

/** What is deleted at a device: everything, the instances of an Object, or one instance. */
export type DeletePath = RootPath | ObjectPath | ObjectInstancePath;

/** What is written at a device, beside accounts and access control. */
export interface BootstrapWrite {
  /** Of any Object but 0, 1 and 2, which have accounts and access control for it. */
  readonly path: ObjectPath | ObjectInstancePath | ResourcePath;
  /** Of the same kind as the path. */
  readonly content: Content;
  /** A device that does not have the Object (4.04) is left without. Default false. */
  readonly isOptional?: boolean | undefined;
}

/** How much goes into one Write: all instances of an Object, one instance, or one Resource. */
export type WriteLevel = 'object' | 'object-instance' | 'resource';

/**
 * What a device is given in a bootstrap. It is complete in itself: everything that a session does follows from it and
 * from what the device has. `checkConfiguration` says what is wrong with one.
 */
export interface BootstrapConfiguration<Security extends AccountSecurity = AccountSecurity> {
  readonly target: BootstrapTarget;
  readonly servers: readonly ServerAccount<Security>[];
  /** A new account of the Bootstrap-Server itself, or of another that takes its place. Default: it stays as it is. */
  readonly bootstrapServer?: BootstrapServerAccount | undefined;
  /**
   * Instances of Object 2. `shared` gives every Server full rights on every instance that the device has. With more
   * than one Server there must be some. Default none.
   */
  readonly accessControl?: readonly AccessControlEntry[] | 'shared' | undefined;
  /** Written after the accounts, in this order. Default none. */
  readonly writes?: readonly BootstrapWrite[] | undefined;
  /** Deleted first, in this order. The device keeps the account of its Bootstrap-Server and `/3/0` whatever is deleted. */
  readonly deletes?: readonly DeletePath[] | undefined;
  /** How accounts and access control are written. */
  readonly writeLevel?: WriteLevel | undefined;
  /** TLV (11542) or JSON (11543); the other one is tried when a device does not take it. */
  readonly contentFormat?: number | undefined;
  /** Whether the device is asked what it has before Finish, and left as it was when the accounts are not there. */
  readonly isVerified?: boolean | undefined;
  /** Whether keys may be sent to a device that came without DTLS: to anybody who says that he is it. */
  readonly allowsKeysWithoutSecurity?: boolean | undefined;
}

/** A configuration as a session gives it to a device: with every key. */
export type GivenConfiguration = BootstrapConfiguration<GivenSecurity>;

/** All that may be left out, as it is when it is. */
export type ConfigurationDefaults = {
  readonly [K in keyof Omit<BootstrapConfiguration, 'target' | 'servers' | 'bootstrapServer'>]-?: Exclude<
    BootstrapConfiguration[K],
    undefined
  >;
};

/** What a configuration says when nobody says otherwise. */
export const bootstrapConfigurationDefaults: ConfigurationDefaults = {
  accessControl: [],
  writes: [],
  /** Accounts of before, and what they were allowed. */
  deletes: [pathOf(0), pathOf(1), pathOf(2)],
  /** Every client has it, and an instance with its keys mostly fits into one datagram. */
  writeLevel: 'object-instance',
  /** The format that every client has. */
  contentFormat: ContentFormat.tlv,
  isVerified: false,
  allowsKeysWithoutSecurity: false,
};

/** True when there is a secret in one of the accounts, or will be. */
export function holdsKeys({
  servers,
  bootstrapServer,
}: Pick<BootstrapConfiguration, 'servers' | 'bootstrapServer'>): boolean {
  const accounts = bootstrapServer === undefined ? servers : [...servers, bootstrapServer];
  return accounts.some(({ security }) => security.kind !== 'none');
}

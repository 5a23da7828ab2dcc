import type { Seconds } from '@dunlin/base';
import type { FirmwareFailure } from '@dunlin/client';
import type { BindingMode } from '@dunlin/lwm2m';

import type { ExtendedMasterSecretMode } from '../config/extended-master-secret.ts';
import type { SocketAddress } from '../config/socket-address.ts';
import type { DeviceSms } from './client-sms-flags.ts';
import type { ClientSecurity } from './client-security.ts';

/** What a simulated device is like. */
export interface DeviceSettings {
  readonly endpoint: string;
  /** `coap://host[:port]`, or `coaps://` with security: of the Server, or of the Bootstrap-Server. */
  readonly serverUri: string;
  /** Whether that is the Bootstrap-Server; default false. */
  readonly isBootstrapServer?: boolean;
  /** Where it listens for handshakes of the Bootstrap-Server; default nowhere. */
  readonly bootstrapListen?: SocketAddress | undefined;
  /** How many seconds it waits for the Bootstrap-Server to begin; default 0. */
  readonly holdOff?: number | undefined;
  /** Default `U`. */
  readonly binding?: BindingMode;
  /** Short messages, for the binding modes that have an S. */
  readonly sms?: DeviceSms | undefined;
  /** The file in which it remembers what came from outside; default none. */
  readonly stateFile?: string | undefined;
  readonly security: ClientSecurity;
  /** Whether servers without the extended master secret of DTLS are refused; default `required`. */
  readonly extendedMasterSecret?: ExtendedMasterSecretMode;
  readonly lifetime: Seconds;
  /** More Objects to have: `3342`, or `3342/1` for a certain instance. */
  readonly objects: readonly string[];
  /** The version of the firmware before anything was installed. */
  readonly version: string;
  /** Where packages and the version that was installed are kept; default as long as the process runs. */
  readonly firmwareFolder?: string | undefined;
  /** What every update comes to in place of success. */
  readonly firmwareFailure?: FirmwareFailure | undefined;
  /** Where the device is; default: it does not say. */
  readonly position?: Position | undefined;
  /** Where the device listens; default a free port of all addresses. */
  readonly localAddress?: string;
}

/** In degrees of WGS 84. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

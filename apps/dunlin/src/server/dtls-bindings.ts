import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Secret } from '@dunlin/base';
import type { Binding } from '@dunlin/coap';
import { deviceDtlsCredentials, dtls, type DtlsDiagnostic, keyLogFile, savedStateFile } from '@dunlin/node';
import type { DeviceCredentials } from '@dunlin/server';
import type { Logger } from 'pino';

import type { ExtendedMasterSecretMode } from '../config/extended-master-secret.ts';
import type { SocketAddress } from '../config/socket-address.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import type { FollowedIdentity } from './server-identity.ts';

export interface DtlsBindingOptions {
  readonly addresses: readonly SocketAddress[];
  readonly credentials: DeviceCredentials;
  readonly identity: FollowedIdentity;
  /** The data folder, in which associations are kept while the server is stopped. */
  readonly folder: string;
  /** What they are called there; `undefined` when they are not kept. */
  readonly stateName: string | undefined;
  /** What they are sealed with there. */
  readonly masterKey: Secret;
  readonly extendedMasterSecret: ExtendedMasterSecretMode;
  readonly keyLog: string | undefined;
  readonly onDiagnostic: (diagnostic: DtlsDiagnostic) => void;
  readonly onError: (error: Error) => void;
  readonly log: Logger;
}

/** A binding for each address of CoAP over DTLS, all with the same credentials. */
export function dtlsBindings(options: Readonly<DtlsBindingOptions>): readonly Binding[] {
  const { addresses, identity, folder, stateName, masterKey, onDiagnostic, onError, log } = options;
  if (addresses.length === 0) return [];
  const credentials = deviceDtlsCredentials(options.credentials, {
    own: identity,
    renewed: identity.renewed,
  });
  const protocol = { requiresExtendedMasterSecret: options.extendedMasterSecret === 'required' };
  const keyLog = options.keyLog === undefined ? {} : { keyLog: openKeyLog(options.keyLog, log) };
  return addresses.map(({ host, port }, index) =>
    dtls({
      address: host,
      port,
      credentials,
      protocol,
      onDiagnostic,
      onError,
      ...(stateName !== undefined && {
        savedState: savedStateFile({ path: join(folder, fileName(stateName, index)), key: masterKey }),
      }),
      ...keyLog,
    }),
  );
}

/** The first address, which is the only one nearly always, has the plain name. */
function fileName(stateName: string, index: number): string {
  return index === 0 ? `${stateName}.sealed` : `${stateName}-${index + 1}.sealed`;
}

/** A key log that fails at the start fails the start; later it only ends. */
function openKeyLog(name: string, log: Logger): (line: string) => void {
  const path = resolve(name);
  try {
    appendFileSync(path, '', { mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProgramError(ExitCode.failure, `the key log ${path} cannot be written: ${reason}`, {
      cause: error,
    });
  }
  log.warn(
    { file: path },
    'THE KEYS OF ALL DTLS ASSOCIATIONS ARE LOGGED: whoever has this file reads everything that devices and this ' +
      'server say to each other; for debugging only, delete the file afterwards',
  );
  const append = keyLogFile(path);
  let hasFailed = false;
  return (line) => {
    if (hasFailed) return;
    try {
      append(line);
    } catch (error) {
      hasFailed = true;
      log.error({ file: path, reason: String(error) }, 'the key log cannot be written any more');
    }
  };
}

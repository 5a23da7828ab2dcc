import { randomBytes } from 'node:crypto';

import { Secret } from '@dunlin/base';
import { now, systemRandom } from '@dunlin/node';
import { type DeviceCredentials, newCredentialId } from '@dunlin/server';

import { ExitCode } from './exit-code.ts';
import { ProgramError } from './program-error.ts';

/** A pre-shared key that the simulated device of `npm start` and the server have in common until it is disposed. */
export interface DemoCredential extends AsyncDisposable {
  readonly identity: string;
  readonly key: Secret;
}

/** Gives an endpoint a random key under its own name, in place of what a start before may have left. */
export async function demoCredential(
  credentials: DeviceCredentials,
  endpointName: string,
): Promise<DemoCredential> {
  const id = newCredentialId(systemRandom());
  const bytes = new Uint8Array(randomBytes(16));
  const proof = { kind: 'psk', identity: endpointName } as const;
  // The store takes its copy over.
  const key = new Secret(bytes.slice());
  const outcome = await credentials.put({ id, endpointName, proof, createdAt: now(), key });
  if (outcome.kind !== 'kept') {
    const reason =
      outcome.kind === 'full' ? outcome.reason : `its PSK identity is that of ${outcome.by.endpointName}`;
    throw new ProgramError(
      ExitCode.failure,
      `the simulated device ${endpointName} cannot be secured: ${reason}`,
    );
  }
  return {
    identity: endpointName,
    key: new Secret(bytes),
    async [Symbol.asyncDispose]() {
      await credentials.remove(id);
    },
  };
}

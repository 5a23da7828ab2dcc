// An LwM2M Server that observes devices of a certain name as soon as they register.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sqliteRegistrationStore, udp } from '@dunlin/node';
import { LwM2mServer, type RegistrationStore } from '@dunlin/server';

import { serveCommands } from '../server-process.ts';

const server = await LwM2mServer.open({
  listen: [udp({ port: 0, address: '127.0.0.1' })],
  store: process.argv[2] === 'sqlite' ? await storeOnDisk() : undefined,
});
let notifications = 0;
server.notified.subscribe(() => {
  notifications += 1;
});
server.registered.subscribe(({ registration }) => {
  if (!registration.endpointName.startsWith('observed-')) return;
  void observe(registration.endpointName).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
serveCommands(server.local[0]?.port ?? 0, { notifications: () => notifications });

async function observe(endpointName: string): Promise<void> {
  for await (const { value } of server.device(endpointName).observe('/3303/0/5700')) {
    if (value.kind !== 'resource') throw new Error('a notification without content');
  }
}

/** In a folder that goes with the process. */
async function storeOnDisk(): Promise<RegistrationStore> {
  const folder = mkdtempSync(join(tmpdir(), 'dunlin-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.on('SIGTERM', () => process.exit(0));
  return await sqliteRegistrationStore({ path: join(folder, 'registrations.sqlite') });
}

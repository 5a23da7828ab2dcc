// An LwM2M Server with the store in memory; it observes the sensor value of every device that registers as `observed-…`.
import { LwM2mServer } from '@dunlin/server';
import { udp } from '@dunlin/node';

import { serveCommands } from '../server-process.ts';

const server = await LwM2mServer.open({ listen: [udp({ port: 0, address: '127.0.0.1' })] });
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

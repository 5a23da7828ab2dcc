import { pskDevice, restAfter } from './dtls-credentials.ts';
import { SecuredSource } from './dtls-sources.ts';
import { driveLinks, Link } from './load.ts';
import { ServerProcess } from './server-process.ts';
import { echoSource } from './sources.ts';
import type { UsedBytes } from './used-bytes.ts';

/** What a server keeps for each of so many. */
export interface MemoryUse {
  readonly name: string;
  readonly count: number;
  /** Objects and typed arrays, after a full collection, less what there was before. */
  readonly objectBytes: number;
  /** What the process grew by: with native objects, and with what allocators and compilers hold in reserve. */
  readonly residentBytes: number;
}

/** Registers devices, each from an address of its own, and measures what the server keeps of them. */
export async function measureRegistrations(devices: number): Promise<MemoryUse> {
  await using server = await ServerProcess.start('memory.ts', [String(devices)]);
  const added = await server.ask<UsedBytes>('added');
  return perPiece('registered device', devices, added);
}

/** Sockets that are open at once; the generator needs no more than make the server busy. */
const linksAtOnce = 200;

/**
 * Makes associations, each from an address of its own and used for one datagram each way, and measures what the server keeps of
 * them. As many are made before: what those need that is needed once does not count.
 */
export async function measureAssociations(count: number): Promise<MemoryUse> {
  await using server = await ServerProcess.start('coap.ts', ['psk-resting']);
  const batches = Math.ceil(count / linksAtOnce);
  for (let batch = 0; batch < batches; batch += 1) await makeAssociations(server, batch);
  const before = await restingBytes(server);
  for (let batch = 0; batch < batches; batch += 1) await makeAssociations(server, batches + batch);
  const after = await restingBytes(server);
  const added = { objects: after.objects - before.objects, resident: after.resident - before.resident };
  return perPiece('idle DTLS association', batches * linksAtOnce, added);
}

async function makeAssociations(server: ServerProcess, batch: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  // All of 127.0.0.0/8 is this host: ports may come again under another address.
  const address = `127.1.${Math.floor(batch / 250)}.${1 + (batch % 250)}`;
  const first = batch * linksAtOnce;
  const links = await Promise.all(
    Array.from({ length: linksAtOnce }, async (_, offset) => {
      const index = first + offset;
      const source = new SecuredSource(pskDevice(index), 'TLS_PSK_WITH_AES_128_CCM_8', echoSource(index), 1);
      return stack.use(await Link.open(source, server.port, address));
    }),
  );
  const { answers } = await driveLinks(links, 30);
  if (answers !== 2 * links.length) throw new Error('not every association was made and used');
}

/** What is used when all associations have given back what they only hold for speed. */
async function restingBytes(server: ServerProcess): Promise<UsedBytes> {
  await new Promise((resolve) => {
    setTimeout(resolve, 4 * restAfter);
  });
  return await server.ask<UsedBytes>('bytes');
}

function perPiece(name: string, count: number, { objects, resident }: UsedBytes): MemoryUse {
  return { name, count, objectBytes: objects / count, residentBytes: resident / count };
}

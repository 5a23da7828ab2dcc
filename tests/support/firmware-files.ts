import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { FirmwareImageDocument } from '@dunlin/api';

import type { DunlinServer } from './dunlin-server.ts';

/** A file that is firmware for a simulated device. */
export interface FirmwareFile {
  readonly path: string;
  readonly name: string;
  /** What a simulated device that runs it says of its firmware: made of the digest, so that no other bytes have it. */
  readonly version: string;
  readonly id: string;
}

/** Writes firmware of so many bytes, no two blocks of which are alike. */
export function firmwareFile(folder: string, name: string, size: number): FirmwareFile {
  const path = join(folder, name);
  const bytes = Buffer.alloc(size);
  for (let offset = 0; offset + 4 <= size; offset += 4)
    bytes.writeUInt32LE(Math.imul(offset + size, 2_654_435_761) >>> 0, offset);
  writeFileSync(path, bytes);
  const id = createHash('sha256').update(bytes).digest('hex');
  return { path, name, version: id.slice(0, 12), id };
}

/** Adds firmware to a server by its REST interface. */
export async function uploadFirmware(
  server: DunlinServer,
  { path, name, version }: FirmwareFile,
  query = '',
): Promise<FirmwareImageDocument> {
  const answer = await server.fetch(`/api/v1/firmware?name=${name}&version=${version}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: readFileSync(path),
  });
  if (answer.status !== 201)
    throw new Error(`${name} was not taken: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as FirmwareImageDocument;
}

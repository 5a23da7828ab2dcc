import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts a file with mode 0600 in place of what is at the path: all or nothing, and on the disk when it returns; nobody
 * but its owner can read it at any moment. Rejects with what the file system says.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(path);
}

/** Makes the name of a file durable, too: without it a new file may be gone after a loss of power. */
export async function syncFolder(path: string): Promise<void> {
  // Folders cannot be opened on Windows, whose file system writes names in order.
  if (process.platform === 'win32') return;
  await using folder = await open(dirname(path), constants.O_RDONLY);
  await folder.sync();
}

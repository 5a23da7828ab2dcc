import { randomBytes } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';

import { base64Decode, hexDecode, hexEncode, Secret, StorageError, utf8Encode } from '@dunlin/base';

import { masterKeyLength } from './secret-box.ts';

/** Where the master key comes from. */
export interface MasterKeyOptions {
  /** The key itself as hexadecimal or Base64 text, such as out of the environment; then no file is looked at. */
  readonly text?: string | undefined;
  /** What the text is called in messages, such as the name of the variable. */
  readonly textName?: string | undefined;
  /** The file it is in, or will be. */
  readonly path: string;
  /** Whether a key may be made when there is no file: not when something was sealed with one. Default true. */
  readonly mayCreate?: boolean | undefined;
}

export interface MasterKey {
  readonly key: Secret;
  /** `new-file` when it was made just now: tell somebody to keep a copy. */
  readonly origin: 'text' | 'file' | 'new-file';
}

/**
 * The key that stored secrets are sealed with: 32 bytes. Without a text it is read from a file, or made and written to
 * one that only its owner can read (0600). Rejects with a `StorageError` of one line that never repeats the key.
 */
export async function loadMasterKey(options: Readonly<MasterKeyOptions>): Promise<MasterKey> {
  const { text, textName = 'the master key', path, mayCreate = true } = options;
  if (text !== undefined && text !== '') {
    const key = parseMasterKey(text);
    if (key === undefined) throw new StorageError(`${textName} ${expectation}`);
    return { key, origin: 'text' };
  }
  const found = await readKeyFile(path);
  if (found !== undefined) return { key: found, origin: 'file' };
  if (!mayCreate) {
    throw new StorageError(
      `there is no master key in ${path}, and secrets were sealed with one: put the copy of the file back`,
    );
  }
  return { key: await makeKeyFile(path), origin: 'new-file' };
}

/** 32 bytes as 64 hexadecimal digits or as Base64; `undefined` for anything else. */
function parseMasterKey(text: string): Secret | undefined {
  const trimmed = text.trim();
  const bytes = /^[0-9a-fA-F]{64}$/.test(trimmed) ? hexDecode(trimmed) : base64Decode(trimmed);
  return bytes?.length === masterKeyLength ? new Secret(bytes) : undefined;
}

const expectation =
  'must be 32 bytes as 64 hexadecimal digits or as Base64, such as `openssl rand -hex 32` prints';

async function readKeyFile(path: string): Promise<Secret | undefined> {
  let text: string;
  try {
    // Permission bits say nothing on Windows.
    const mode = process.platform === 'win32' ? 0 : (await stat(path)).mode;
    if ((mode & 0o077) !== 0) {
      throw new StorageError(
        `the master key in ${path} can be read by others than its owner: chmod 600 ${path}`,
      );
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof StorageError) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new StorageError(`the master key in ${path} cannot be read (${codeOf(error)})`, { cause: error });
  }
  const key = parseMasterKey(text);
  if (key === undefined) throw new StorageError(`${path} ${expectation}`);
  return key;
}

async function makeKeyFile(path: string): Promise<Secret> {
  const bytes = new Uint8Array(randomBytes(masterKeyLength));
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(utf8Encode(`${hexEncode(bytes)}\n`));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new StorageError(`the master key cannot be written to ${path} (${codeOf(error)})`, {
      cause: error,
    });
  }
  return new Secret(bytes);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

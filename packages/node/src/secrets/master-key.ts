import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import {
  base64Decode,
  hexDecode,
  hexEncode,
  Secret,
  StorageError,
  utf8Decode,
  utf8Encode,
} from '@dunlin/base';

import { syncFolder } from '../files/durable-file.ts';
import { makeFolder } from '../files/make-folder.ts';
import { masterKeyLength } from './secret-box.ts';

/** Where the master key comes from. */
export interface MasterKeyOptions {
  /** The key itself as hexadecimal or Base64 text, such as out of the environment; then no file is looked at. */
  readonly text?: string | undefined;
  /** What the text is called in messages, such as the name of the variable. */
  readonly textName?: string | undefined;
  /** The file it is in, or will be; its folder is made when there is none. */
  readonly path: string;
  /**
   * Whether a key may be made when there is no file. Default true; false as soon as a file exists that was sealed with
   * one, such as that of a credential store, since nothing in it could be opened with another key.
   */
  readonly mayCreate?: boolean | undefined;
}

/** The key that secrets on the disk are sealed with, and where it is from. */
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

/** More than any key file has; so that a wrong path, to a large file or a device, does not fill the memory. */
const maxKeyFileLength = 1024;

async function readKeyFile(path: string): Promise<Secret | undefined> {
  const content = new Uint8Array(maxKeyFileLength);
  let length: number;
  try {
    await using file = await open(path, 'r');
    await mustBePrivate(file, path);
    length = (await file.read(content)).bytesRead;
  } catch (error) {
    if (error instanceof StorageError) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new StorageError(`the master key in ${path} cannot be read (${codeOf(error)})`, { cause: error });
  }
  const text = utf8Decode(content.subarray(0, length));
  content.fill(0);
  const key = text === undefined ? undefined : parseMasterKey(text);
  if (key === undefined) throw new StorageError(`${path} ${expectation}`);
  return key;
}

async function mustBePrivate(file: FileHandle, path: string): Promise<void> {
  // Permission bits say nothing on Windows.
  if (process.platform === 'win32') return;
  const { mode } = await file.stat();
  if ((mode & 0o077) === 0) return;
  throw new StorageError(`the master key in ${path} can be read by others than its owner: chmod 600 ${path}`);
}

/** Never over a file that is there, and on the disk, name and all, before anything is sealed with it. */
async function makeKeyFile(path: string): Promise<Secret> {
  const bytes = new Uint8Array(randomBytes(masterKeyLength));
  try {
    makeFolder(dirname(path));
    await writeNewFile(path, utf8Encode(`${hexEncode(bytes)}\n`));
    await syncFolder(path);
  } catch (error) {
    throw new StorageError(`the master key cannot be written to ${path} (${codeOf(error)})`, {
      cause: error,
    });
  }
  return new Secret(bytes);
}

async function writeNewFile(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    // Half a key would stand in the way of every later start.
    await rm(path, { force: true });
    throw error;
  } finally {
    content.fill(0);
    await file.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

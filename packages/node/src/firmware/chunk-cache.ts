/** Where the bytes of a chunk come from. */
export type ChunkReader = (id: string, offset: number) => Promise<Uint8Array>;

/** How much is read at once: 64 blocks of the largest size, so that a file is asked rarely. */
export const chunkLength = 65_536;

/** 4 MiB: a fleet that fetches one image is mostly at a few places of it. */
const maxChunks = 64;

/** The chunks of files that were read last, those under way included, so that many who read the same read it once. */
export class ChunkCache {
  readonly #read: ChunkReader;
  /** By id and offset, those used longest ago first. */
  readonly #chunks = new Map<string, Promise<Uint8Array>>();

  constructor(read: ChunkReader) {
    this.#read = read;
  }

  /** The chunk that begins at an offset, which is a multiple of its length. */
  async get(id: string, offset: number): Promise<Uint8Array> {
    const key = `${id} ${offset}`;
    const known = this.#chunks.get(key);
    const chunk = known ?? this.#read(id, offset);
    this.#chunks.delete(key);
    this.#chunks.set(key, chunk);
    if (known === undefined) this.#makeRoom();
    try {
      return await chunk;
    } catch (error) {
      if (this.#chunks.get(key) === chunk) this.#chunks.delete(key);
      throw error;
    }
  }

  /** Forgets the chunks of a file. */
  forget(id: string): void {
    for (const key of this.#chunks.keys()) if (key.startsWith(`${id} `)) this.#chunks.delete(key);
  }

  #makeRoom(): void {
    for (const key of this.#chunks.keys()) {
      if (this.#chunks.size <= maxChunks) return;
      this.#chunks.delete(key);
    }
  }
}

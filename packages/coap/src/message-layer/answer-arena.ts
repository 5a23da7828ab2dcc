/** Chunks grow with what is kept, between these sizes in bytes, so that a small endpoint stays small. */
const smallestChunk = 0x400;
const largestChunk = 0x1_0000;

interface Chunk {
  readonly bytes: Uint8Array;
  /** How many kept answers lie in it. */
  live: number;
}

/**
 * Keeps the encoded answers of recent messages as bytes in few large buffers: they cost their length and no
 * object each. A chunk is never written twice, so that views of it stay true as long as somebody holds them.
 */
export class AnswerArena {
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #freeIndexes: number[] = [];
  #current = -1;
  #used = 0;
  #size = 0;

  /** Bytes that are allocated. */
  get size(): number {
    return this.#size;
  }

  /** Keeps a copy; gives where it lies. */
  add(answer: Uint8Array): { readonly chunk: number; readonly offset: number } {
    const room = (this.#chunks[this.#current]?.bytes.length ?? 0) - this.#used;
    if (answer.length > room) {
      this.#open(Math.max(Math.min(largestChunk, Math.max(smallestChunk, this.#size)), answer.length));
    }
    const chunk = this.#current;
    const offset = this.#used;
    const target = this.#chunks[chunk];
    if (target !== undefined) {
      target.bytes.set(answer, offset);
      target.live += 1;
    }
    this.#used += answer.length;
    return { chunk, offset };
  }

  /** A view of a kept answer. */
  view(chunk: number, offset: number, length: number): Uint8Array | undefined {
    return this.#chunks[chunk]?.bytes.subarray(offset, offset + length);
  }

  /** Forgets an answer. */
  remove(chunk: number): void {
    const target = this.#chunks[chunk];
    if (target === undefined) return;
    target.live -= 1;
    if (target.live === 0) this.#close(chunk, target);
  }

  #open(size: number): void {
    const previous = this.#chunks[this.#current];
    const index = this.#freeIndexes.pop() ?? this.#chunks.length;
    this.#chunks[index] = { bytes: new Uint8Array(size), live: 0 };
    this.#size += size;
    const left = this.#current;
    this.#current = index;
    this.#used = 0;
    if (previous?.live === 0) this.#close(left, previous);
  }

  #close(index: number, chunk: Chunk): void {
    this.#chunks[index] = undefined;
    this.#freeIndexes.push(index);
    this.#size -= chunk.bytes.length;
    if (index !== this.#current) return;
    this.#current = -1;
    this.#used = 0;
  }
}

import assert from 'node:assert/strict';

import type { FirmwareImageDocument, FirmwareUpdateDocument } from '@dunlin/api';
import type { Random } from '@dunlin/base';

import type { DunlinServer } from './dunlin-server.ts';

/** The update that a user knows of. */
interface KnownUpdate {
  readonly id: number;
  readonly isCancelled: boolean;
}

/**
 * A user who adds and removes images and starts and cancels updates of a device that is away, one thing after the other,
 * and notes what was acknowledged. What was asked last before the server was gone may have happened, or not.
 */
export class FirmwareUser {
  readonly endpoint: string;
  readonly #random: Random;
  /** By id, with the size. */
  readonly #images = new Map<string, number>();
  readonly #removed = new Set<string>();
  #update: KnownUpdate | undefined;
  /** An answer about the update is missing. */
  #isUncertain = false;
  #count = 0;

  constructor(endpoint: string, random: Random) {
    this.endpoint = endpoint;
    this.#random = random;
  }

  /** Asks for one thing; rejects with a `TypeError` when the server is gone. */
  async ask(server: DunlinServer): Promise<void> {
    const kind = this.#random.fraction();
    if (this.#images.size === 0 || kind < 0.4) await this.#add(server);
    else if (kind < 0.5) await this.#remove(server);
    else {
      this.#isUncertain = true;
      await (this.#update === undefined || this.#update.isCancelled
        ? this.start(server)
        : this.#cancel(server));
      this.#isUncertain = false;
    }
  }

  /** Starts the update of the device. */
  async start(server: DunlinServer): Promise<void> {
    const [image] = this.#images.keys();
    const { id } = await this.#ask(server, 'POST', 202, { image });
    this.#update = { id, isCancelled: false };
  }

  /** Fails when something is missing that was acknowledged, or there that was removed. */
  async assertKept(server: DunlinServer): Promise<void> {
    for (const [id, size] of this.#images) {
      const answer = await server.get(`/api/v1/firmware/${id}`);
      assert.equal(answer.status, 200, `image ${id} is lost`);
      assert.equal(((await answer.json()) as FirmwareImageDocument).size, size);
    }
    for (const id of this.#removed)
      assert.equal((await server.get(`/api/v1/firmware/${id}`)).status, 404, id);
    if (this.#update === undefined && !this.#isUncertain) return;
    const answer = await server.get(`/api/v1/devices/${this.endpoint}/firmware`);
    if (this.#update === undefined && answer.status === 404) return;
    const present = (await answer.json()) as FirmwareUpdateDocument;
    this.#assertFollows(present);
    this.#update = { id: present.id, isCancelled: present.state === 'cancelled' };
    this.#isUncertain = false;
  }

  #assertFollows({ id, state }: FirmwareUpdateDocument): void {
    const { id: known, isCancelled } = this.#update ?? { id: 0, isCancelled: true };
    const facts = `update ${id} is ${state}, ${known} ${isCancelled ? 'was cancelled' : 'was not'}`;
    const [same, next] = isCancelled ? ['cancelled', 'waiting'] : ['waiting', 'cancelled'];
    if (id === known && state === same) return;
    assert.ok(this.#isUncertain, facts);
    // The one thing that nobody answered.
    assert.deepEqual([id, state], [isCancelled ? known + 1 : known, next], facts);
  }

  async #add(server: DunlinServer): Promise<void> {
    this.#count += 1;
    const size = 1 + Math.floor(this.#random.fraction() * 100_000);
    const bytes = Buffer.alloc(size, `${this.endpoint} ${this.#count} `);
    const answer = await server.fetch(`/api/v1/firmware?name=${this.#count}.bin`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
    });
    assert.equal(answer.status, 201);
    this.#images.set(((await answer.json()) as FirmwareImageDocument).id, size);
  }

  async #remove(server: DunlinServer): Promise<void> {
    const [, id] = this.#images.keys();
    if (id === undefined) return;
    this.#images.delete(id);
    const { status } = await server.request('DELETE', `/api/v1/firmware/${id}`);
    assert.equal(status, 204);
    this.#removed.add(id);
  }

  async #cancel(server: DunlinServer): Promise<void> {
    const { id, state } = await this.#ask(server, 'DELETE', 200);
    assert.equal(state, 'cancelled');
    this.#update = { id, isCancelled: true };
  }

  async #ask(
    server: DunlinServer,
    method: string,
    status: number,
    body?: object,
  ): Promise<FirmwareUpdateDocument> {
    const answer = await server.request(method, `/api/v1/devices/${this.endpoint}/firmware`, body);
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    return JSON.parse(text) as FirmwareUpdateDocument;
  }
}

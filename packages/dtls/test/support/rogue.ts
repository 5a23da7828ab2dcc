import assert from 'node:assert/strict';

import { deriveEpochKeys } from '../../src/handshake/epoch-keys.ts';
import { type OpenedRecord, RecordLayer } from '../../src/record-layer/record-layer.ts';
import type { ProtectedContentType } from '../../src/record-layer/record-protection.ts';
import type { EstablishedPair } from './established.ts';
import { type Party, randomOf } from './party.ts';
import { recordsOf } from './raw.ts';

/** Takes the association of a pair's client over and says in it, with its keys, whatever it likes. */
export class Rogue {
  readonly #pair: EstablishedPair;
  readonly #records: RecordLayer;
  readonly #connectionIdLength: number;
  readonly #victim: Party;

  constructor(pair: EstablishedPair) {
    this.#pair = pair;
    this.#victim = pair.server;
    const [saved] = pair.client.endpoint.save();
    assert.ok(saved);
    const { session, nextWriteSequenceNumber, replayWindow } = saved;
    this.#records = new RecordLayer({
      restored: {
        writeSequenceNumber: nextWriteSequenceNumber,
        replayWindow,
        macErrors: 0,
        writeLimit: 16_384,
        readLimit: 16_384,
      },
    });
    const { suite, masterSecret } = session;
    const keys = deriveEpochKeys({ ...saved, suite, masterSecret }, randomOf(9));
    this.#records.protectReading(keys.reading);
    this.#records.protectWriting(keys.writing);
    this.#connectionIdLength = saved.ownConnectionId.length;
  }

  /** An authentic record. */
  seal(type: ProtectedContentType, content: Uint8Array): Uint8Array {
    const record = this.#records.seal(1, type, content);
    assert.ok(!('kind' in record));
    return record;
  }

  /** Delivers a datagram and gives the content of the records that come back. */
  say(datagram: Uint8Array): readonly OpenedRecord[] {
    const { world, client } = this.#pair;
    this.#victim.endpoint.handle(datagram, client.address, world.now);
    return this.hear();
  }

  /** The content of what the victim has sent since. */
  hear(): readonly OpenedRecord[] {
    const { world } = this.#pair;
    return this.#victim
      .drain(world.now)
      .flatMap(({ datagram }) => recordsOf(datagram, this.#connectionIdLength))
      .map((record) => this.#records.open(record));
  }
}

/** The types and contents of opened records. */
export function contentsOf(opened: readonly OpenedRecord[]): readonly (readonly number[])[] {
  return opened.map((record) => (record.kind === 'content' ? [record.type, ...record.content] : []));
}

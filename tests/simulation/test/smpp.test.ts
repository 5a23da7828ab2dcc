import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds } from '@dunlin/base';
import type { CarrierEvent } from '@dunlin/sms';

import type { CentreBehaviour } from '../../support/sms/message-centre.ts';
import { forEachSeed } from './support/seeds.ts';
import { type Esme, SmppWorld } from './support/smpp-world.ts';

const file = 'smpp.test.ts';
const messagesEach = 25;
const busyTime = 300_000;
/** Longer than the validity of a message, so that all has come to its end. */
const quietTime = 1_200_000;

describe('two sessions and a message centre whose connections are lost', () => {
  it('say one word on every message, submit none twice, and lose none that was accepted (all invariants)', () =>
    forEachSeed(80, file, (seed) => check(new Story(seed, {}))));

  it('do so when the message centre throttles (all invariants)', () =>
    forEachSeed(30, file, (seed) => check(new Story(seed, { submissionsPerSecond: 2 }))));

  it('do so when it names all messages alike, and its receipts none (all invariants)', () =>
    forEachSeed(30, file, (seed) =>
      check(new Story(seed, { names: 'all-alike', receipts: 'without-name' })),
    ));

  it('do so when it writes names into receipts in another notation, and repeats messages (all invariants)', () =>
    forEachSeed(30, file, (seed) => check(new Story(seed, { receipts: 'text', deliversTwice: true }))));
});

/** Messages in both directions while connections break, the message centre restarts, and recipients are busy. */
class Story {
  readonly behaviour: Partial<CentreBehaviour>;
  readonly world: SmppWorld;

  constructor(seed: number, behaviour: Partial<CentreBehaviour>) {
    this.behaviour = behaviour;
    this.world = new SmppWorld(seed, behaviour, { transactionsPerSecond: 20 });
    this.world.onEvent = (esme, event) => this.#answer(esme, event);
    this.#plan();
    this.world.run(busyTime + quietTime);
    for (const esme of this.world.esmes)
      this.world.act(esme, (session) => session.shutDown(this.world.clock.now));
    this.world.run(60_000);
  }

  #plan(): void {
    const { world } = this;
    const sometime = (): number => busyTime * world.random.fraction();
    for (const [index, esme] of world.esmes.entries()) {
      const to = world.esmes[1 - index]?.number ?? '';
      for (let id = 1; id <= messagesEach; id += 1) {
        world.later(sometime(), () => {
          const message = {
            id,
            to,
            userData: Uint8Array.of(index, id),
            hasHeader: false,
            wantsReceipt: true,
          };
          world.act(esme, (session) => {
            session.submit({ ...message, validity: milliseconds(600_000) }, world.clock.now);
          });
        });
      }
      for (let cut = 0; cut < 4; cut += 1) world.later(sometime(), () => world.cut(esme));
    }
    for (let restart = 0; restart < 2; restart += 1) {
      world.later(sometime(), () => {
        world.centre.restart(world.clock.now);
        world.drainCentre();
      });
    }
  }

  #answer(esme: Esme, event: CarrierEvent): void {
    if (event.kind !== 'received') return;
    const { world } = this;
    const answer = world.random.fraction() < 0.1 ? 'busy' : 'taken';
    world.later(500 * world.random.fraction(), () => {
      world.act(esme, (session) => session.acknowledge(event.message.id, answer, world.clock.now));
    });
  }
}

function check({ world, behaviour }: Story): void {
  for (const [index, esme] of world.esmes.entries()) {
    const word = checkWords(esme);
    const other = world.esmes[1 - index];
    assert.ok(other !== undefined);
    const arrived = new Set(
      received(other).map(({ userData }) => {
        assert.equal(userData[0], index);
        return userData[1];
      }),
    );
    for (const [id, kind] of word) {
      const taken = world.centre.taken.filter(({ shortMessage }) => {
        return shortMessage[0] === index && shortMessage[1] === id;
      });
      assert.ok(taken.length <= 1, `message ${id} was taken ${taken.length} times`);
      if (kind === 'refused') assert.ok(!arrived.has(id), `message ${id} was refused and arrived`);
      if (kind === 'accepted') assert.ok(arrived.has(id), `message ${id} was accepted and is lost`);
    }
    checkReceipts(esme, arrived, behaviour.names !== 'all-alike');
    assert.deepEqual(esme.session.status, { kind: 'stopped' });
    assert.equal(esme.session.deadline, undefined);
  }
}

/** Exactly one word on each message. */
function checkWords(esme: Esme): ReadonlyMap<number, string> {
  const words = new Map<number, string>();
  for (const { event } of esme.events) {
    if (event.kind !== 'accepted' && event.kind !== 'refused' && event.kind !== 'unknown') continue;
    assert.ok(!words.has(event.id), `a second word on message ${event.id}`);
    words.set(event.id, event.kind);
  }
  assert.equal(words.size, messagesEach);
  return words;
}

/** At most one receipt, after the word. With names, of messages that arrived; without, as many as did at most. */
function checkReceipts(esme: Esme, arrived: ReadonlySet<number | undefined>, areNamed: boolean): void {
  const told = new Set<number>();
  const settled = new Set<number>();
  for (const { event } of esme.events) {
    if (event.kind === 'accepted' || event.kind === 'unknown') settled.add(event.id);
    if (event.kind !== 'receipt') continue;
    assert.ok(settled.has(event.id), `a receipt for message ${event.id} before the word on it`);
    assert.ok(!told.has(event.id), `a second receipt for message ${event.id}`);
    told.add(event.id);
    assert.equal(event.state, 'delivered');
    if (areNamed) assert.ok(arrived.has(event.id), `a receipt for message ${event.id}, which did not arrive`);
  }
  assert.ok(told.size > 0 && told.size <= arrived.size);
}

function received(esme: Esme): readonly { readonly userData: Uint8Array }[] {
  return esme.events.flatMap(({ event }) => (event.kind === 'received' ? event.message : []));
}

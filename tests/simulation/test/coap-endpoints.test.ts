import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds, type Random, seededRandom } from '@dunlin/base';
import type { EndpointSizes } from '@dunlin/coap';
import { roughConditions, SimulatedNetwork } from '@dunlin/simulation';

import { EchoNode } from './support/echo-node.ts';
import { forEachSeed, note, traceWhenAsked } from './support/seeds.ts';

const file = 'coap-endpoints.test.ts';

/** Longer than EXCHANGE_LIFETIME, MAX_RTT and everything else that an endpoint waits for (RFC 7252 §4.8.2). */
const quietTime = milliseconds(900_000);

const empty: EndpointSizes = {
  peers: 0,
  receivedMessages: 0,
  exchanges: 0,
  requests: 0,
  tokens: 0,
  observations: 0,
  relations: 0,
  transfers: 0,
  timers: 0,
};

interface World {
  readonly network: SimulatedNetwork;
  readonly nodes: readonly EchoNode[];
  readonly pick: <T>(choices: readonly T[]) => T;
  readonly random: Random;
}

async function worldOf(seed: number): Promise<World> {
  const random = seededRandom(seed ^ 0xc0a9);
  const pick = <T>(choices: readonly T[]): T => {
    const choice = choices[Math.floor(random.fraction() * choices.length)];
    assert.ok(choice !== undefined);
    return choice;
  };
  const network = new SimulatedNetwork(seed, {
    ...roughConditions,
    loss: pick([0, 0.05, 0.3]),
    duplication: pick([0, 0.05, 0.4]),
    reordering: pick([0, 0.1, 0.4]),
    rebinding: pick([0, 0, 0.01]),
  });
  traceWhenAsked(network);
  const nodes = [new EchoNode(network, 'a', random), new EchoNode(network, 'b', random)];
  for (const [index, node] of nodes.entries())
    await node.open(`10.0.0.${index + 1}`, { behindNat: index === 0, nstart: pick([1, 1, 4]) });
  return { network, nodes, pick, random };
}

function workload({ network, nodes, pick, random }: World, steps: number): void {
  const start = network.clock.now;
  let id = 0;
  for (let step = 0; step < steps; step += 1) {
    const from = pick(nodes);
    const to = nodes.find((node) => node !== from) ?? from;
    const draw = random.fraction();
    id += 1;
    if (draw < 0.45) {
      const isConfirmable = random.fraction() < 0.7;
      const question = {
        isConfirmable,
        length: pick([0, 10, 10, 100, 1024, 1025, 5000]),
        responseLength: pick([0, 10, 10, 100, 1024, 1025, 5000]),
        delay: pick([0, 0, 0, 100, 2000, 30_000, -1]),
        // PROBING_RATE lets non-confirmable requests wait for their turn for hours (RFC 7252 §4.7).
        blockSize: pick([0, 0, 64, 512]),
        reuseToken: random.fraction() < 0.1,
        timeout: isConfirmable ? pick([0, 0, 20_000]) : 20_000,
      };
      note(network, start, `${from.name} asks ${id}: ${JSON.stringify(question)}`);
      from.ask(to, id, question);
    } else if (draw < 0.5) from.giveUpOne();
    else if (draw < 0.6) from.watch(to, pick([0, 1, 2]));
    else if (draw < 0.65) from.unwatch(pick(['active', 'passive'] as const));
    else if (draw < 0.95) from.count(pick([0, 1, 2]), random.fraction() < 0.5);
    else if (draw < 0.97) nodes[0]?.rebind();
    else {
      network.setConditionsAt('10.0.0.1', { loss: 1 });
      network.runSynchronously(milliseconds(pick([5000, 60_000, 120_000])));
      network.setConditionsAt('10.0.0.1', undefined);
    }
    network.runSynchronously(milliseconds(pick([0, 20, 200, 2000, 10_000]) * random.fraction()));
  }
}

/** Requests to an address where nobody is wait for each other, a minute and a half each. */
function untilAnswered({ network, nodes }: World): void {
  for (let hour = 0; hour < 12 && nodes.some(({ endpoint }) => endpoint.sizes.requests > 0); hour += 1) {
    network.runSynchronously(milliseconds(3_600_000));
  }
}

function checkRequests({ nodes }: World): void {
  for (const node of nodes) {
    const other = nodes.find((each) => each !== node) ?? node;
    for (const { id, isConfirmable, outcomes } of node.sent.values()) {
      assert.equal(outcomes.length, 1, `request ${id} has the outcomes ${outcomes.join(', ') || 'none'}`);
      const count = other.executions.get(id) ?? 0;
      // From another address a repetition is a new message, as without security the address is who a peer is.
      assert.ok(
        count <= 1 || node.hasMoved,
        `request ${id} (${isConfirmable ? 'CON' : 'NON'}) ran ${count} times`,
      );
      if (outcomes[0] === 'answered') assert.ok(count >= 1, `request ${id} was answered and did not run`);
    }
    assert.deepEqual(node.violations, [], node.name);
  }
}

describe('two CoAP endpoints of both roles on a rough network', () => {
  it('run each request once at most, exactly once when it is answered, and answer it with its own answer', async () => {
    await forEachSeed(1200, file, async (seed) => {
      const world = await worldOf(seed);
      workload(world, 40);
      world.network.setConditions({ loss: 0, duplication: 0, reordering: 0, rebinding: 0 });
      for (const node of world.nodes) for (const counter of [0, 1, 2]) node.count(counter, true);
      untilAnswered(world);
      world.network.runSynchronously(quietTime);
      checkRequests(world);
      for (const node of world.nodes) checkObserved(node);
      for (const node of world.nodes) node.forgetAll();
      world.network.runSynchronously(quietTime);
      for (const node of world.nodes)
        assert.deepEqual(node.endpoint.sizes, empty, `${node.name} remembers something`);
    });
  });
});

/** Whoever still is told has the newest value; without security a peer that moved is told at its old address. */
function checkObserved(node: EchoNode): void {
  const { sizes } = node.endpoint;
  const alive = [...node.watched.values()].filter(({ isOver }) => !isOver);
  assert.equal(sizes.observations, alive.length, 'observations');
  assert.equal(sizes.relations, node.relations.size, 'relations');
  for (const { to, counter, newest } of alive) {
    const relations = [...to.relations.values()].filter((each) => each === counter).length;
    const watchers = alive.filter((each) => each.to === to && each.counter === counter).length;
    if (relations === watchers && !node.hasMoved && !to.hasMoved)
      assert.equal(newest, to.counters[counter], `the newest value of counter ${counter}`);
  }
}

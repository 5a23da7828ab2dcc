import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds, type Random, seededRandom } from '@dunlin/base';
import { roughCentre, SimulatedMessageCentre, SimulatedNetwork } from '@dunlin/simulation';

import { forEachSeed } from './support/seeds.ts';
import { SmsNode } from './support/sms-node.ts';

const platform = '10690';
const devices = ['491700000001', '491700000002', '491700000003'];
const stranger = '491709999999';
const hour = 3_600_000;
const budgets = {
  perSecond: 2,
  perDay: 60,
  perDevicePerDay: 25,
  answersPerDay: 50,
  answersPerDevicePerDay: 20,
};

/** A platform and devices that ask each other things for two days, while processes die and the centre has bad days. */
class Scenario {
  readonly centre: SimulatedMessageCentre;
  readonly nodes: readonly SmsNode[];
  readonly #network: SimulatedNetwork;
  readonly #random: Random;
  #count = 0;

  constructor(seed: number) {
    this.#network = new SimulatedNetwork(seed);
    this.#random = seededRandom(seed);
    this.centre = new SimulatedMessageCentre(this.#network, seed, roughCentre);
    const node = (number: string, allowed: readonly string[]): SmsNode =>
      new SmsNode(this.centre, { number, allowed, budgets });
    this.nodes = [node(platform, devices), ...devices.map((number) => node(number, [platform]))];
  }

  async run(steps: number): Promise<void> {
    for (const node of this.nodes) await node.start();
    for (let step = 0; step < steps; step += 1) {
      await this.#step();
      await this.#network.run(milliseconds(this.#random.fraction() * hour));
    }
    this.centre.setConditions({ loss: 0, doubt: 0, throttling: 0 });
    for (const { carrier } of this.nodes) carrier.connect();
    await this.#network.run(milliseconds(hour));
  }

  async #step(): Promise<void> {
    const node = this.#pick(this.nodes);
    const dice = this.#random.fraction();
    if (dice < 0.06) await node.start();
    else if (dice < 0.12) node.carrier.disconnect();
    else if (dice < 0.2) node.carrier.connect();
    else if (dice < 0.25) this.#flood();
    else {
      const to = node.number === platform ? this.#pick(devices) : platform;
      this.#count += 1;
      const name = `${this.#count}-${'x'.repeat(Math.floor(this.#random.fraction() * 20))}`;
      node.ask(to, name);
      if (dice > 0.8) await this.#restartWhileBusy(to);
    }
  }

  /** Kills who is asked at about the time when the request comes, perhaps between its two copies. */
  async #restartWhileBusy(number: string): Promise<void> {
    await this.#network.run(milliseconds(this.#random.fraction() * 60_000));
    await this.nodes.find((node) => node.number === number)?.start();
  }

  /** Somebody writes as a stranger, and in the name of a device. */
  #flood(): void {
    for (let index = 0; index < 50; index += 1) {
      const request = Uint8Array.of(0x40, 2, index, this.#count & 0xff, 0xb2, 0x64, 0x6f, 0x01, 0x78);
      this.centre.inject(stranger, platform, request);
      if (index < 5) this.centre.inject(this.#pick(devices), platform, request);
    }
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.#random.fraction() * from.length)];
    assert.ok(picked !== undefined);
    return picked;
  }
}

function checkExecutions({ nodes }: Scenario): void {
  const executions = new Map(nodes.flatMap((node) => [...node.executions]));
  for (const node of nodes) {
    assert.equal(node.waiting, 0, `${node.number} waits still`);
    for (const [name, outcomes] of node.outcomes) {
      const times = executions.get(name) ?? 0;
      assert.ok(outcomes.length <= 1, `${name} has the outcomes ${outcomes.join(', ')}`);
      assert.ok(times <= 1, `${name} was executed ${times} times`);
      if (outcomes[0] === 'answered') assert.equal(times, 1, `${name} was answered and not executed`);
      if (outcomes[0] === 'not-sent') assert.equal(times, 0, `${name} was executed and not sent`);
    }
  }
}

function checkRecipients({ centre }: Scenario): void {
  const pairs = new Set([
    ...devices.map((number) => `${number}>${platform}`),
    ...devices.map((number) => `${platform}>${number}`),
  ]);
  for (const { from, message } of centre.carried) {
    assert.ok(pairs.has(`${from}>${message.to}`), `${from} wrote to ${message.to}`);
    assert.ok(message.userData.length <= 140);
  }
}

/** Messages that one number sent to another, or to all, in any 24 hours. */
function checkBudgets({ centre, nodes }: Scenario): void {
  for (const { number } of nodes) {
    const sent = centre.carried.filter(({ from }) => from === number);
    for (const { at } of sent) {
      const day = sent.filter((other) => other.at <= at && other.at > at - 24 * hour);
      assert.ok(
        day.length <= budgets.perDay + budgets.answersPerDay,
        `${number} sent ${day.length} in a day`,
      );
      for (const to of [platform, ...devices]) {
        const toOne = day.filter(({ message }) => message.to === to).length;
        assert.ok(
          toOne <= budgets.perDevicePerDay + budgets.answersPerDevicePerDay,
          `${number} sent ${toOne} to ${to}`,
        );
      }
    }
  }
}

describe('links over a message centre that loses, repeats and delays, between processes that die', () => {
  it('execute each request once at most, write to nobody else, and keep to their budgets', async () => {
    await forEachSeed(60, 'sms.test.ts', async (seed) => {
      const scenario = new Scenario(seed);
      await scenario.run(150);
      checkExecutions(scenario);
      checkRecipients(scenario);
      checkBudgets(scenario);
    });
  });

  it('answer a flood of 1,000 short messages of strangers with none', async () => {
    const network = new SimulatedNetwork(1);
    const centre = new SimulatedMessageCentre(network, 1);
    const node = new SmsNode(centre, { number: platform, allowed: devices, budgets });
    await node.start();
    await network.run(milliseconds(1000));
    for (let index = 0; index < 1000; index += 1) {
      const request = Uint8Array.of(0x40, 2, index >> 8, index & 0xff, 0xb2, 0x64, 0x6f);
      centre.inject(`4917${String(index).padStart(8, '9')}`, platform, request);
    }
    await network.run(milliseconds(24 * hour));
    assert.equal(centre.carried.length, 0);
    assert.equal(node.executions.size, 0);
    assert.equal(node.binding.statistics.dropped['unknown-sender'], 1000);
  });
});

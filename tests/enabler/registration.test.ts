import assert from 'node:assert/strict';

import { type EnablerCase, runCases } from './support/cases.ts';
import { extended, minimal } from './support/configurations.ts';
import { endpointName } from './support/places.ts';
import { expectCode, text, utf8, valueOf } from './support/verdicts.ts';

const cases: readonly EnablerCase[] = [
  {
    name: '1.0-int-101: registers with ep, lt and lwm2m, lists /1 and /3 but not /0, and gets a location',
    configuration: minimal,
    run: async (world) => {
      const [register] = world.sent;
      assert.equal(register?.line, 'POST /rd');
      assert.equal(register.contentFormat, 40);
      const query = new Set(register.query);
      for (const expected of [`ep=${endpointName}`, 'lt=86400', 'lwm2m=1.0'])
        assert.ok(query.delete(expected), expected);
      query.delete('b=U');
      assert.deepEqual([...query], [], 'nothing else is said');
      assert.match(register.text, /<\/1\/0>/);
      assert.match(register.text, /<\/3\/0>/);
      assert.doesNotMatch(register.text, /<\/0/);
      const [response] = register.responses;
      assert.equal(response?.code, '2.01');
      assert.equal(response.location, (await world.registration())?.location);
    },
  },
  {
    name: '1.0-int-102: tells a changed lifetime in an Update with nothing else, and keeps the new one',
    configuration: minimal,
    run: async (world) => {
      const before = world.sent.length;
      expectCode(await world.put('/1/0/1', text, utf8('20')), '2.04');
      const update = await world.nextRequest(before);
      const location = (await world.registration())?.location;
      assert.equal(update.line, `POST ${location}`);
      assert.deepEqual(update.query, ['lt=20']);
      assert.equal(update.payload.length, 0);
      assert.equal(update.responses[0]?.code, '2.04');
      const refresh = await world.nextRequest(before + 1);
      assert.ok(refresh.at - update.at <= 20_000, 'a further Update comes in time');
      assert.deepEqual([refresh.line, refresh.query], [`POST ${location}`, []]);
    },
  },
  {
    name: '1.0-int-102: is forgotten when the lifetime passes without an Update',
    configuration: minimal,
    run: async (world) => {
      const before = world.sent.length;
      expectCode(await world.put('/1/0/1', text, utf8('20')), '2.04');
      await world.nextRequest(before);
      world.network.setConditions({ loss: 1 });
      await world.pass(22);
      assert.equal(await world.registration(), undefined);
      world.network.setConditions({ loss: 0 });
      await world.pass(600);
      assert.ok((await world.registration()) !== undefined, 'and finds back afterwards');
    },
  },
  {
    name: '1.0-int-103: deregisters on Disable, is silent for the disable timeout, and registers again',
    configuration: extended,
    disableTimeout: 300,
    run: async (world) => {
      const before = world.sent.length;
      const location = (await world.registration())?.location;
      expectCode(await world.execute('/1/0/4'), '2.04');
      const deregister = await world.nextRequest(before);
      assert.equal(deregister.line, `DELETE ${location}`);
      assert.equal(deregister.responses[0]?.code, '2.02');
      assert.equal(await world.registration(), undefined);
      await world.pass(290);
      assert.equal(world.sent.length, before + 1, 'nothing is sent while disabled');
      await world.pass(20);
      assert.equal(world.sent[before + 1]?.line, 'POST /rd');
      assert.ok((await world.registration()) !== undefined);
    },
  },
  {
    name: '1.0-int-104: sends an Update without parameters when triggered, and outlives the first lifetime',
    configuration: minimal,
    lifetime: 20,
    run: async (world) => {
      await world.pass(3);
      const before = world.sent.length;
      expectCode(await world.execute('/1/0/8'), '2.04');
      const update = await world.nextRequest(before);
      assert.deepEqual([update.query, update.payload.length], [[], 0]);
      assert.equal(update.responses[0]?.code, '2.04');
      await world.pass(20);
      assert.equal((await world.registration())?.lifetime, 20);
    },
  },
  {
    name: '1.1-int-105: registers again when an Update is answered with 4.04',
    configuration: minimal,
    lifetime: 60,
    run: async (world) => {
      const before = world.sent.length;
      await world.settled(world.manager.forget());
      const update = await world.nextRequest(before);
      assert.equal(update.responses[0]?.code, '4.04');
      const register = await world.nextRequest(before + 1);
      assert.equal(register.line, 'POST /rd');
      assert.equal(register.responses[0]?.code, '2.01');
      assert.ok((await world.registration()) !== undefined);
    },
  },
  {
    name: '1.1-int-107: tells an extended lifetime at once, and updates within it',
    configuration: minimal,
    lifetime: 60,
    run: async (world) => {
      const before = world.sent.length;
      expectCode(await world.put('/1/0/1', text, utf8('120')), '2.04');
      const update = await world.nextRequest(before);
      assert.deepEqual(update.query, ['lt=120']);
      assert.equal(update.responses[0]?.code, '2.04');
      const next = await world.nextRequest(before + 1);
      assert.ok(next.at - update.at <= 120_000);
      assert.equal((await world.registration())?.lifetime, 120);
    },
  },
  {
    name: '1.0-int-241: answers Reboot with 2.04 first, then registers as new in place of the old registration',
    configuration: minimal,
    run: async (world) => {
      const before = world.sent.length;
      const old = await world.registration();
      expectCode(await world.execute('/3/0/4'), '2.04');
      const register = await world.nextRequest(before);
      assert.equal(world.reboots, 1);
      assert.equal(register.line, 'POST /rd');
      const answered = world.asked.at(-1)?.responses[0]?.at ?? Infinity;
      assert.ok(answered <= register.at, 'the answer left first');
      const current = await world.registration();
      assert.ok(
        current !== undefined && current.location !== old?.location,
        'there is one registration, a new one',
      );
      assert.equal(valueOf(await world.read('/3/0/16')), 'U');
    },
  },
];

runCases('Registration (int-101 to 107, 241)', cases);

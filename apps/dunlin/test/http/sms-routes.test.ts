import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds, TransmissionError } from '@dunlin/base';
import { MemorySmsNumberStore, SmsNumbers } from '@dunlin/server';
import type { BudgetLevel, CarrierTrouble, OutboxEntry } from '@dunlin/sms';

import { noon, registration } from '../support/fake-server.ts';
import { type TestApp, testApp } from '../support/test-app.ts';

const number = '491700000001';
const budgets: readonly BudgetLevel[] = [{ budget: 'day', limit: 1000, left: 998 }];

function entry(id: number, more: Partial<OutboxEntry> = {}): OutboxEntry {
  return {
    id,
    to: number,
    purpose: 'trigger',
    parts: 1,
    spent: 1,
    queuedAt: noon,
    validity: milliseconds(300_000),
    state: 'delivered',
    changedAt: noon,
    references: [],
    ...more,
  };
}

async function smsApp(trouble?: CarrierTrouble): Promise<TestApp & { readonly numbers: SmsNumbers }> {
  const numbers = await SmsNumbers.open(new MemorySmsNumberStore());
  const binding = {
    number: '10690',
    isUp: true,
    outbox: () => [entry(1), entry(2, { to: '491700000002', state: 'failed', reason: 'no such number' })],
    budgets: () => budgets,
    budgetsOf: (of: string): readonly BudgetLevel[] =>
      of === number ? [{ budget: 'device-day', limit: 20, left: 19 }] : [],
    partCount: (length: number) => Math.ceil(length / 140),
  };
  const app = await testApp({
    sms: { binding, carrier: { trouble }, numbers, unprotected: 'triggers', now: () => noon },
  });
  return { ...app, numbers };
}

describe('GET /sms', () => {
  it('tells whether short messages go and what is left of the budgets', async () => {
    const { ask } = await smsApp();
    const { status, body } = await ask('GET', '/api/v1/sms');
    assert.equal(status, 200);
    const well = { reason: null, retryAt: null, isMisconfigured: false };
    assert.deepEqual(body, { number: '10690', isUp: true, ...well, unprotected: 'triggers', budgets });
  });

  it('tells why they do not go, when the account is tried again, and that somebody has to look at it', async () => {
    const reason = 'the message centre refused the account: the password is wrong (SMPP status 0x0e)';
    const { ask } = await smsApp({ retryAt: noon, reason, isMisconfigured: true });
    const { body } = await ask('GET', '/api/v1/sms');
    assert.deepEqual(
      [body['reason'], body['retryAt'], body['isMisconfigured']],
      [reason, '2026-01-01T12:00:00.000Z', true],
    );
  });

  it('tells what a modem waits for, which is at no time', async () => {
    const reason = 'the modem is looking for a network';
    const { ask } = await smsApp({ reason, retryAt: undefined, isMisconfigured: false });
    const { body } = await ask('GET', '/api/v1/sms');
    assert.deepEqual([body['reason'], body['retryAt'], body['isMisconfigured']], [reason, null, false]);
  });

  it('is not found where there are no short messages', async () => {
    const { ask } = await testApp();
    assert.equal((await ask('GET', '/api/v1/sms')).status, 404);
  });
});

describe('GET /sms/outbox', () => {
  it('tells what was sent, the newest first, and to whom', async () => {
    const { ask, numbers } = await smsApp();
    await numbers.provision('lamp', number, noon);
    const { body } = await ask('GET', '/api/v1/sms/outbox');
    const at = '2026-01-01T12:00:00.000Z';
    const common = { purpose: 'trigger', parts: 1, spent: 1, queuedAt: at, changedAt: at };
    assert.deepEqual(body['entries'], [
      { id: 2, to: '491700000002', endpoint: null, ...common, state: 'failed', reason: 'no such number' },
      { id: 1, to: number, endpoint: 'lamp', ...common, state: 'delivered', reason: null },
    ]);
    assert.equal(body['next'], null);
  });

  it('goes on to those that are older, and finds a part of a number or an endpoint name', async () => {
    const { ask, numbers } = await smsApp();
    await numbers.provision('Lamp', number, noon);
    const list = async (query: string): Promise<readonly [readonly number[], unknown]> => {
      const { body } = await ask('GET', `/api/v1/sms/outbox?${query}`);
      return [(body['entries'] as { id: number }[]).map(({ id }) => id), body['next']];
    };
    assert.deepEqual(await list('limit=1'), [[2], 2]);
    assert.deepEqual(await list('limit=1&after=2'), [[1], null]);
    assert.deepEqual(await list('after=1'), [[], null]);
    assert.deepEqual(await list('contains=lAMP'), [[1], null]);
    assert.deepEqual(await list('contains=0002'), [[2], null]);
    assert.deepEqual(await list('contains=0000&limit=1'), [[2], 2]);
  });

  for (const [query, field] of [
    ['limit=0', 'query.limit'],
    ['limit=1001', 'query.limit'],
    ['after=x', 'query.after'],
    ['contains=', 'query.contains'],
  ] as const) {
    it(`refuses ${query} and names it`, async () => {
      const { ask } = await smsApp();
      const { status, body } = await ask('GET', `/api/v1/sms/outbox?${query}`);
      assert.deepEqual([status, body['field']], [400, field]);
    });
  }
});

describe('/sms/numbers', () => {
  it('says which number a device has, changes it, lists and forgets it', async () => {
    const { ask } = await smsApp();
    const provisioned = { endpoint: 'lamp', number, provisionedAt: '2026-01-01T12:00:00.000Z' };
    const put = await ask('PUT', '/api/v1/sms/numbers/lamp', { number });
    assert.deepEqual([put.status, put.body], [200, provisioned]);
    const changed = await ask('PUT', '/api/v1/sms/numbers/lamp', { number: '491700000002' });
    assert.equal(changed.body['number'], '491700000002');
    await ask('PUT', '/api/v1/sms/numbers/lamp', { number });
    assert.deepEqual((await ask('GET', '/api/v1/sms/numbers')).body, { numbers: [provisioned], next: null });
    assert.equal((await ask('DELETE', '/api/v1/sms/numbers/lamp')).status, 204);
    assert.deepEqual((await ask('GET', '/api/v1/sms/numbers')).body, { numbers: [], next: null });
    const gone = await ask('DELETE', '/api/v1/sms/numbers/lamp');
    assert.deepEqual([gone.status, gone.body['error']], [404, 'unknown-number']);
  });

  it('lists by endpoint name in pages, and finds a part of a name or a number', async () => {
    const { ask, numbers } = await smsApp();
    for (const [index, name] of ['Lamp 2', 'door', 'lamp 1'].entries())
      await numbers.provision(name, `49170000001${index}`, noon);
    const list = async (query: string): Promise<readonly [readonly string[], unknown]> => {
      const { body } = await ask('GET', `/api/v1/sms/numbers?${query}`);
      return [(body['numbers'] as { endpoint: string }[]).map(({ endpoint }) => endpoint), body['next']];
    };
    assert.deepEqual(await list('limit=2'), [['Lamp 2', 'door'], 'door']);
    assert.deepEqual(await list('limit=2&after=door'), [['lamp 1'], null]);
    assert.deepEqual(await list('contains=LAMP&limit=1'), [['Lamp 2'], 'Lamp 2']);
    assert.deepEqual(await list('contains=LAMP&limit=1&after=Lamp%202'), [['lamp 1'], null]);
    assert.deepEqual(await list('contains=00011'), [['door'], null]);
    for (const [query, field] of [
      ['limit=0', 'query.limit'],
      ['limit=1001', 'query.limit'],
      ['after=', 'query.after'],
      ['contains=', 'query.contains'],
    ] as const) {
      const { status, body } = await ask('GET', `/api/v1/sms/numbers?${query}`);
      assert.deepEqual([status, body['field']], [400, field]);
    }
  });

  it('gives a number to one device only', async () => {
    const { ask } = await smsApp();
    await ask('PUT', '/api/v1/sms/numbers/lamp', { number });
    const taken = await ask('PUT', '/api/v1/sms/numbers/other', { number });
    assert.deepEqual([taken.status, taken.body['error']], [409, 'conflict']);
    assert.match(String(taken.body['message']), /is that of lamp already/);
  });

  for (const wrong of ['', '+491700000001', '12', '1234567890123456', 'Bank', 491_700]) {
    it(`takes no number such as ${JSON.stringify(wrong)}`, async () => {
      const { ask } = await smsApp();
      assert.equal((await ask('PUT', '/api/v1/sms/numbers/lamp', { number: wrong })).status, 400);
    });
  }
});

describe('GET /devices/{endpoint}/sms', () => {
  it('tells the number, what is left for it, and what a datagram would cost', async () => {
    const { ask, numbers, server } = await smsApp();
    server.add({ ...registration('meter'), bindingMode: 'UQS' });
    await numbers.provision('meter', number, noon);
    const { body } = await ask('GET', '/api/v1/devices/meter/sms?bytes=300');
    const left = [{ budget: 'device-day', limit: 20, left: 19 }];
    assert.deepEqual(body, { number, reason: null, budgets: left, parts: 3 });
  });

  it('tells why no short message goes there', async () => {
    const { ask, server } = await smsApp();
    server.add({ ...registration('claims'), bindingMode: 'US', smsNumber: number });
    const { status, body } = await ask('GET', '/api/v1/devices/claims/sms');
    assert.deepEqual([status, body['number'], body['parts']], [200, null, null]);
    assert.match(String(body['reason']), /is only what claims says/);
  });

  it('tells that the device did not register for short messages', async () => {
    const { ask, numbers } = await smsApp();
    await numbers.provision('lamp', number, noon);
    const { body } = await ask('GET', '/api/v1/devices/lamp/sms');
    assert.deepEqual(body['number'], null);
    assert.match(String(body['reason']), /binding mode U, without short messages/);
  });

  it('knows no device that is not registered', async () => {
    const { ask } = await smsApp();
    assert.equal((await ask('GET', '/api/v1/devices/nobody/sms')).status, 404);
  });
});

describe('asking by short message', () => {
  it('is asked of the device at once, and queued nowhere', async () => {
    const { ask, server } = await smsApp();
    const device = server.add({ ...registration('sleeper'), bindingMode: 'UQS' });
    const answer = await ask('POST', '/api/v1/devices/sleeper/execute/3/0/4?channel=sms');
    assert.equal(answer.status, 204);
    assert.equal(device.asked.at(-1)?.['channel'], 'sms');
  });

  it('is refused with the budget that stands in the way', async () => {
    const { ask, server } = await smsApp();
    const device = server.add({ ...registration('sleeper'), bindingMode: 'UQS' });
    const reason = 'of the budget for the number 491700000001, 20 in 24 hours, 0 are left';
    device.failure = new TransmissionError('not-sent', reason);
    const answer = await ask('POST', '/api/v1/devices/sleeper/execute/3/0/4?channel=sms');
    assert.deepEqual([answer.status, answer.body['message']], [503, reason]);
  });

  it('goes over no other way than sms', async () => {
    const { ask } = await smsApp();
    assert.equal((await ask('POST', '/api/v1/devices/lamp/execute/3/0/4?channel=pigeon')).status, 400);
  });
});

describe('POST /devices/{endpoint}/wake', () => {
  const at = '2026-01-01T12:00:00.000Z';
  const facts = { purpose: 'trigger', parts: 1, spent: 1, queuedAt: at, changedAt: at, reason: null };
  const message = { id: 1, to: number, endpoint: 'sleeper', ...facts, state: 'delivered' };

  it('has the device send an Update, and tells that it answered and what the outbox says', async () => {
    const { ask, server, numbers } = await smsApp();
    await numbers.provision('sleeper', number, noon);
    const device = server.add({ ...registration('sleeper'), bindingMode: 'UQS' });
    const { status, body } = await ask('POST', '/api/v1/devices/sleeper/wake');
    assert.deepEqual([status, body], [200, { endpoint: 'sleeper', isAnswered: true, message }]);
    assert.deepEqual(device.asked, [{ operation: 'trigger-update', path: '/1' }]);
  });

  it('is 202 with the same while the device has not answered', async () => {
    const { ask, server, numbers } = await smsApp();
    await numbers.provision('sleeper', number, noon);
    const device = server.add({ ...registration('sleeper'), bindingMode: 'UQS' });
    device.gate = new Promise(() => undefined);
    const { status, body } = await ask('POST', '/api/v1/devices/sleeper/wake?wait=0.001');
    assert.deepEqual([status, body], [202, { endpoint: 'sleeper', isAnswered: false, message }]);
  });

  it('is refused with the budget that stands in the way', async () => {
    const { ask, server, numbers } = await smsApp();
    await numbers.provision('sleeper', number, noon);
    const device = server.add({ ...registration('sleeper'), bindingMode: 'UQS' });
    const reason =
      'it takes 1 short message, and of the budget for all numbers, 1000 in 24 hours, 0 are left';
    device.failure = new TransmissionError('not-sent', reason);
    const { status, body } = await ask('POST', '/api/v1/devices/sleeper/wake');
    assert.deepEqual([status, body['error'], body['message']], [503, 'not-sent', reason]);
  });

  it('knows no device that is not registered, and no wait without end', async () => {
    const { ask } = await smsApp();
    assert.equal((await ask('POST', '/api/v1/devices/nobody/wake')).status, 404);
    const { status, body } = await ask('POST', '/api/v1/devices/nobody/wake?wait=601');
    assert.deepEqual([status, body['field']], [400, 'query.wait']);
  });
});

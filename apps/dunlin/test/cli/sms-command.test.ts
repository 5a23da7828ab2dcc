import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runProgram } from '../../src/program/run-program.ts';
import { type TestAnswer, testContext } from '../support/test-context.ts';

async function runCommand(args: readonly string[], answer: TestAnswer) {
  const context = testContext(() => answer);
  const exitCode = await runProgram(args, context);
  const [request] = context.requests;
  const asked = request === undefined ? undefined : `${request.method} ${new URL(request.url).pathname}`;
  return { exitCode, out: context.out(), err: context.err(), asked, request };
}

const run = (args: readonly string[], answer: TestAnswer): ReturnType<typeof runCommand> =>
  runCommand(['sms', ...args], answer);

const at = '2026-01-01T11:59:00.000Z';
const budgets = [{ budget: 'day', limit: 1000, left: 998 }];

describe('dunlin sms', () => {
  it('tells how short messages are', async () => {
    const trouble = { reason: null, retryAt: null, isMisconfigured: false };
    const json = { number: '10690', isUp: true, ...trouble, unprotected: 'triggers', budgets };
    const { exitCode, out, asked } = await run(['status'], { json });
    assert.deepEqual([exitCode, asked], [0, 'GET /api/v1/sms']);
    assert.match(out, /can be sent and received, as 10690/);
    assert.match(out, /day +998 +1000/);
  });

  it('tells why they do not go, and when the account is tried again', async () => {
    const retryAt = '2026-01-01T12:05:00.000Z';
    const trouble = { reason: 'the password is wrong', retryAt, isMisconfigured: true };
    const json = { number: '10690', isUp: false, ...trouble, unprotected: 'triggers', budgets };
    const { out } = await run(['status'], { json });
    assert.match(
      out,
      /neither be sent nor received: the password is wrong \(look at the settings of the account/,
    );
    const soon = { ...json, isMisconfigured: false };
    assert.doesNotMatch((await run(['status'], { json: soon })).out, /look at the settings/);
    const searching = { ...soon, reason: 'the modem is looking for a network', retryAt: null };
    assert.match(
      (await run(['status'], { json: searching })).out,
      /received: the modem is looking for a network, as 10690/,
    );
    const connecting = { ...json, reason: null, retryAt: null, isMisconfigured: false };
    assert.match((await run(['status'], { json: connecting })).out, /cannot be sent and received yet/);
  });

  it('lists what was sent', async () => {
    const facts = { parts: 2, spent: 1, queuedAt: at, changedAt: at };
    const entry = { id: 1, to: '491700000001', endpoint: 'lamp', purpose: 'request', state: 'failed' };
    const { out } = await run(['outbox'], {
      json: { entries: [{ ...entry, ...facts, reason: 'off\u001b[2J' }], next: null },
    });
    assert.match(out, /491700000001 +lamp +request +1 of 2 +failed +off\\u\{1b\}/);
    assert.match(
      (await run(['outbox'], { json: { entries: [], next: null } })).out,
      /No short message was sent/,
    );
  });

  it('goes on where a list ended, with those that have a text in them', async () => {
    const outbox = await run(['outbox', '--contains', 'La', '--after', '7', '--limit', '2'], {
      json: { entries: [], next: 5 },
    });
    assert.ok(outbox.request?.url.endsWith('/sms/outbox?contains=La&after=7&limit=2'));
    assert.match(outbox.err, /There are older ones: dunlin sms outbox --after 5\n/);
    const number = { endpoint: 'lamp', number: '491700000001', provisionedAt: '2026-01-01T11:59:00.000Z' };
    const numbers = await run(['numbers', '--contains', 'La', '--after', 'a', '--limit', '1'], {
      json: { numbers: [number], next: 'lamp' },
    });
    assert.ok(numbers.request?.url.endsWith('/sms/numbers?contains=La&after=a&limit=1'));
    assert.match(numbers.err, /There are more: dunlin sms numbers --after lamp\n/);
  });

  it('says, shows and forgets numbers of devices', async () => {
    const json = { endpoint: 'lamp', number: '491700000001', provisionedAt: '2026-01-01T11:59:00.000Z' };
    const provisioned = await run(['provision', 'lamp', '491700000001'], { json });
    assert.deepEqual(
      [provisioned.asked, provisioned.request?.body],
      ['PUT /api/v1/sms/numbers/lamp', '{"number":"491700000001"}'],
    );
    assert.match(provisioned.out, /lamp has the number 491700000001/);
    assert.match(
      (await run(['numbers'], { json: { numbers: [json], next: null } })).out,
      /lamp +491700000001/,
    );
    const withdrawn = await run(['withdraw', 'lamp'], { status: 204 });
    assert.deepEqual([withdrawn.exitCode, withdrawn.asked], [0, 'DELETE /api/v1/sms/numbers/lamp']);
  });

  it('tells what a datagram would cost, or why none goes', async () => {
    const reach = { number: '491700000001', reason: null, budgets, parts: 2 };
    const { out, request } = await run(['number', 'lamp', '--bytes', '200'], { json: reach });
    assert.ok(request?.url.endsWith('/devices/lamp/sms?bytes=200'));
    assert.match(out, /takes 2 short messages/);
    const none = { number: null, reason: 'it names none', budgets: [], parts: null };
    assert.match(
      (await run(['number', 'lamp'], { json: none })).out,
      /No short message goes to lamp: it names none/,
    );
  });

  it('exits as for what is unknown when there is no number', async () => {
    const json = { error: 'unknown-number', message: 'no number is provisioned for lamp' };
    const { exitCode, err } = await run(['withdraw', 'lamp'], { status: 404, json });
    assert.equal(exitCode, 3);
    assert.match(err, /no number is provisioned/);
  });
});

describe('dunlin wake', () => {
  const facts = { purpose: 'trigger', parts: 1, spent: 1, queuedAt: at, changedAt: at };
  const message = {
    id: 7,
    to: '491700000001',
    endpoint: 'meter',
    ...facts,
    state: 'submitted',
    reason: null,
  };

  it('says that the device answered, and what became of the short message', async () => {
    const json = { endpoint: 'meter', isAnswered: true, message: { ...message, state: 'delivered' } };
    const { exitCode, out, asked } = await runCommand(['wake', 'meter'], { json });
    assert.deepEqual([exitCode, asked], [0, 'POST /api/v1/devices/meter/wake']);
    assert.equal(out, 'meter is awake. The short message to 491700000001 is delivered.\n');
  });

  it('says that it has not answered within the time that was asked for', async () => {
    const json = { endpoint: 'meter', isAnswered: false, message };
    const { exitCode, out, request } = await runCommand(['wake', 'meter', '--wait', '5'], {
      status: 202,
      json,
    });
    assert.equal(exitCode, 0);
    assert.ok(request?.url.endsWith('/devices/meter/wake?wait=5'));
    assert.match(
      out,
      /meter has not answered yet. The short message to 491700000001 is submitted; dunlin sms/,
    );
  });

  it('says which budget stands in the way', async () => {
    const json = {
      error: 'not-sent',
      message: 'of the budget for all numbers, 1000 in 24 hours, 0 are left',
    };
    const { exitCode, err } = await runCommand(['wake', 'meter'], { status: 503, json });
    assert.notEqual(exitCode, 0);
    assert.match(err, /of the budget for all numbers/);
  });
});

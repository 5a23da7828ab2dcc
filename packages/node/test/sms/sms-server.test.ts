// A server with short messages among its bindings: registrations, operations by binding mode, and waking devices.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { milliseconds, TransmissionError, utf8Encode } from '@dunlin/base';
import { formatCode, Method, ResponseCode } from '@dunlin/coap';
import { MemoryDeviceStore } from '@dunlin/server';

import { endpoint, minute, number, platform, SmsBench } from './support/sms-bench.ts';

const fastAsleep = 10 * minute;

describe('R-922: a Register by short message', () => {
  it('is answered to the number that it came from, in two messages up and one down', async () => {
    await using bench = await SmsBench.open();
    const links = Array.from({ length: 15 }, (_, index) => `</3303/${index}>`).join(',');
    const response = await bench.phone.register([`ep=${endpoint}`, 'b=S', `sms=${number}`], links);
    assert.equal(formatCode(response.code), '2.01');
    assert.deepEqual(bench.cost(), { to: 1, from: 2 });
    const registration = await bench.server.device(endpoint).registration();
    assert.deepEqual(
      [registration?.smsNumber, registration?.peer.key, registration?.localUri],
      [number, `sms:${number}`, `coap+sms://${platform}`],
    );
  });

  const refused: readonly (readonly [what: string, code: string, query: readonly string[]])[] = [
    ['has a binding mode without S', '4.00', ['b=UQ', `sms=${number}`]],
    ['has no number', '4.00', ['b=S']],
    ['has no number that is one', '4.00', ['b=S', 'sms=']],
    ['has the word null as its number', '4.00', ['b=S', 'sms=null']],
    ['has the binding mode UQSQ', '4.00', ['b=UQSQ', `sms=${number}`]],
    ['has another number than it came from', '4.03', ['b=S', 'sms=491700000002']],
  ];
  for (const [what, code, query] of refused) {
    it(`is refused with ${code} when it ${what}`, async () => {
      await using bench = await SmsBench.open();
      const response = await bench.phone.register([`ep=${endpoint}`, ...query]);
      assert.equal(formatCode(response.code), code);
      assert.equal(await bench.server.device(endpoint).registration(), undefined);
    });
  }

  it('is refused with 4.03 for another endpoint than the number is provisioned for', async () => {
    await using bench = await SmsBench.open();
    const response = await bench.phone.register(['ep=node-2', 'b=S', `sms=${number}`]);
    assert.equal(formatCode(response.code), '4.03');
  });

  it('of a number that is not provisioned costs nothing', async () => {
    await using bench = await SmsBench.open({ isProvisioned: false });
    await assert.rejects(bench.phone.register([`ep=${endpoint}`, 'b=S', `sms=${number}`]));
    assert.deepEqual(bench.cost(), { to: 0, from: 1 });
    assert.equal(bench.binding.statistics.dropped['unknown-sender'], 1);
  });

  it('is passed over where only answers count without protection', async () => {
    await using bench = await SmsBench.open({ binding: { unprotected: 'answers' } });
    await assert.rejects(bench.phone.register([`ep=${endpoint}`, 'b=S', `sms=${number}`]));
    assert.deepEqual(bench.cost(), { to: 0, from: 1 });
  });
});

describe('R-360: operations by binding mode', () => {
  it('go by short message to a device of mode S: one up, one down', async () => {
    await using bench = await SmsBench.open();
    await bench.phone.register([`ep=${endpoint}`, 'b=S', `sms=${number}`]);
    bench.cost();
    await bench.finish(bench.server.device(endpoint).execute('/3/0/4'));
    assert.deepEqual(bench.cost(), { to: 1, from: 1 });
    assert.deepEqual(bench.phone.asked, ['POST /3/0/4']);
  });

  it('go by short message to a device of mode S that registered over UDP', async () => {
    await using bench = await SmsBench.open();
    await bench.register('S');
    await bench.finish(bench.server.device(endpoint).execute('/3/0/4'));
    assert.deepEqual([bench.phone.asked, bench.device.received.length], [['POST /3/0/4'], 0]);
  });

  it('wait for a device of mode SQ until it was heard, and then go within five minutes', async () => {
    await using bench = await SmsBench.open();
    const { locationPath = [] } = await bench.phone.register([`ep=${endpoint}`, 'b=SQ', `sms=${number}`]);
    const device = bench.server.device(endpoint);
    await bench.pass(4 * minute);
    await bench.finish(device.execute('/3/0/4'));
    await bench.pass(fastAsleep);
    const waiting = device.execute('/3/0/5');
    await bench.pass(fastAsleep);
    assert.deepEqual(bench.phone.asked, ['POST /3/0/4']);
    await bench.phone.exchange({ method: Method.post, uriPath: locationPath });
    await bench.finish(waiting);
    assert.deepEqual(bench.phone.asked, ['POST /3/0/4', 'POST /3/0/5']);
  });

  it('go over UDP to a device of mode US, and by short message where that is asked for', async () => {
    await using bench = await SmsBench.open();
    await bench.register('US');
    const device = bench.server.device(endpoint);
    await bench.finish(device.execute('/3/0/4'));
    assert.deepEqual([bench.phone.asked, bench.device.received.length], [[], 1]);
    await bench.finish(device.execute('/3/0/5', '', { channel: 'sms' }));
    assert.deepEqual([bench.phone.asked, bench.device.received.length], [['POST /3/0/5'], 1]);
    assert.deepEqual(bench.cost(), { to: 1, from: 1 });
  });

  it('go by short message at once to a device of mode UQS that sleeps, where that is asked for', async () => {
    await using bench = await SmsBench.open();
    await bench.register('UQS');
    await bench.pass(fastAsleep);
    await bench.finish(bench.server.device(endpoint).execute('/3/0/5', '', { channel: 'sms' }));
    assert.deepEqual(bench.phone.asked, ['POST /3/0/5']);
    // That it answered by short message does not mean that it listens to UDP.
    assert.equal((await bench.server.device(endpoint).reachability())?.kind, 'asleep');
  });

  it('never go to a number that is only what a device says', async () => {
    await using bench = await SmsBench.open({ isProvisioned: false });
    await bench.register('US');
    const asked = bench.server.device(endpoint).execute('/3/0/4', '', { channel: 'sms' });
    await assert.rejects(bench.finish(asked), (error: unknown) => {
      assert.ok(error instanceof TransmissionError && error.code === 'not-sent');
      assert.match(error.message, /is only what node-1 says: provision it/);
      return true;
    });
    assert.deepEqual(bench.cost(), { to: 0, from: 0 });
  });

  it('go to a claimed number with an allowed prefix, and to any that is trusted', async () => {
    for (const policy of [{ prefixes: ['4917'] }, 'trust'] as const) {
      await using bench = await SmsBench.open({ isProvisioned: false, policy });
      await bench.register('US');
      await bench.finish(bench.server.device(endpoint).execute('/3/0/4', '', { channel: 'sms' }));
      assert.deepEqual(bench.cost(), { to: 1, from: 1 });
    }
    await using other = await SmsBench.open({ isProvisioned: false, policy: { prefixes: ['4916'] } });
    await other.register('US');
    await assert.rejects(
      other.finish(other.server.device(endpoint).execute('/3/0/4', '', { channel: 'sms' })),
      { code: 'not-sent' },
    );
  });

  it('are refused by name of the budget that is used up', async () => {
    await using bench = await SmsBench.open({ binding: { budgets: { perDevicePerDay: 1 } } });
    await bench.register('US');
    const device = bench.server.device(endpoint);
    await bench.finish(device.execute('/3/0/4', '', { channel: 'sms' }));
    await assert.rejects(bench.finish(device.execute('/3/0/4', '', { channel: 'sms' })), {
      code: 'not-sent',
      message: /the budget for the number 491700000001, 1 in 24 hours, 0 are left/,
    });
  });

  it('fail as soon as the message centre says that they did not arrive', async () => {
    await using bench = await SmsBench.open();
    await bench.register('US');
    const asked = bench.server.device(endpoint).execute('/3/0/4', '', { channel: 'sms' });
    asked.catch(() => undefined);
    await bench.pass(100);
    bench.centre.fail(number);
    await assert.rejects(bench.finish(asked), {
      code: 'no-answer',
      message: /the message centre says: failed/,
    });
  });

  it('do not go by short message to who registered with DTLS, without an association of its own there', async () => {
    await using bench = await SmsBench.open({ unprotected: 'triggers' });
    await bench.register('US');
    const asked = bench.server.device(endpoint).execute('/3/0/4', '', { channel: 'sms' });
    await assert.rejects(bench.finish(asked), { code: 'not-sent', message: /no DTLS association/ });
    assert.deepEqual(bench.cost(), { to: 0, from: 0 });
  });
});

describe('R-923: a trigger that somebody asks for', () => {
  it('goes at once by one short message, and is done when the device has answered', async () => {
    await using bench = await SmsBench.open({ unprotected: 'triggers' });
    await bench.register('UQS');
    await bench.finish(bench.server.device(endpoint).triggerUpdate());
    assert.deepEqual(bench.phone.asked, ['POST /1/0/8']);
    assert.deepEqual(bench.cost(), { to: 1, from: 1 });
  });

  it('is one for all who ask while it is under way, and for what waits for the device', async () => {
    await using bench = await SmsBench.open({ unprotected: 'triggers' });
    await bench.register('UQS');
    bench.wakeWhenTriggered();
    await bench.pass(fastAsleep);
    const device = bench.server.device(endpoint);
    await bench.finish(
      Promise.all([device.triggerUpdate(), device.triggerUpdate(), device.execute('/3/0/4')]),
    );
    assert.equal(bench.cost().to, 1);
    await bench.finish(device.triggerUpdate());
    assert.equal(bench.cost().to, 1, 'and the next one is another');
  });

  it('is done by an Update, though its answer is lost', async () => {
    await using bench = await SmsBench.open();
    await bench.register('UQS');
    bench.phone.behaviour = () => 'silence';
    const triggered = bench.server.device(endpoint).triggerUpdate();
    await bench.pass(minute);
    await bench.update();
    await bench.finish(triggered);
  });

  it('goes before the pause is over that triggers of the server keep, and lengthens that', async () => {
    await using bench = await SmsBench.open();
    await bench.register('UQS');
    bench.phone.behaviour = () => 'silence';
    await bench.pass(fastAsleep);
    const device = bench.server.device(endpoint);
    await device.operations.enqueue({ name: 'execute', target: '/3/0/4' });
    await bench.pass(11 * minute);
    assert.equal(bench.cost().to, 2);
    await assert.rejects(bench.finish(device.triggerUpdate()));
    assert.equal(bench.cost().to, 1);
    await bench.pass(23 * 60 * minute);
    assert.equal(bench.cost().to, 0);
  });

  it('wakes a device of any mode with S, and says why it does not one without', async () => {
    for (const mode of ['S', 'SQ', 'US']) {
      await using bench = await SmsBench.open();
      await bench.register(mode);
      await bench.finish(bench.server.device(endpoint).triggerUpdate());
      assert.deepEqual(bench.phone.asked, ['POST /1/0/8'], mode);
    }
    await using bench = await SmsBench.open();
    await bench.register('UQ');
    await assert.rejects(bench.finish(bench.server.device(endpoint).triggerUpdate()), {
      code: 'not-sent',
      message: /binding mode UQ, without short messages/,
    });
    await assert.rejects(bench.finish(bench.server.device('nobody').triggerUpdate()), {
      code: 'not-registered',
    });
  });

  it('is refused by name of the budget that is used up, and costs nothing then', async () => {
    await using bench = await SmsBench.open({ binding: { budgets: { perSecond: 100, perDevicePerDay: 1 } } });
    await bench.register('UQS');
    const device = bench.server.device(endpoint);
    await bench.finish(device.triggerUpdate());
    await assert.rejects(bench.finish(device.triggerUpdate()), {
      code: 'not-sent',
      message: /budget for the number 491700000001, 1 in 24 hours/,
    });
    assert.equal(bench.cost().to, 1);
    assert.deepEqual(bench.reasons('trigger-failed').length, 1);
  });

  it('rejects with the refusal of the device', async () => {
    await using bench = await SmsBench.open();
    await bench.register('UQS');
    bench.phone.behaviour = () => ({ code: ResponseCode.methodNotAllowed });
    await assert.rejects(bench.finish(bench.server.device(endpoint).triggerUpdate()), { coapCode: '4.05' });
  });
});

describe('R-809: a device of mode UQS that sleeps', () => {
  it('is woken by one short message, whatever waits for it', async () => {
    await using bench = await SmsBench.open({ unprotected: 'triggers' });
    await bench.register('UQS');
    bench.wakeWhenTriggered();
    await bench.pass(fastAsleep);
    const { operations } = bench.server.device(endpoint);
    for (let count = 0; count < 100; count += 1) {
      await operations.enqueue({ name: 'execute', target: '/3/0/4' });
    }
    await bench.pass(5 * minute);
    assert.deepEqual(bench.phone.asked, ['POST /1/0/8']);
    assert.deepEqual(bench.cost(), { to: 1, from: 1 });
    assert.equal(bench.device.received.length, 100);
    const done = await operations.list({ states: ['done'], limit: 200 });
    assert.equal(done.length, 100);
  });

  it('is woken for a request that somebody waits for', async () => {
    await using bench = await SmsBench.open();
    await bench.register('UQS');
    bench.wakeWhenTriggered();
    await bench.pass(fastAsleep);
    await bench.finish(bench.server.device(endpoint).execute('/3/0/4'));
    assert.equal(bench.cost().to, 1);
    assert.ok(bench.diagnostics.some(({ kind }) => kind === 'trigger-sent'));
  });

  it('is not woken while it is awake, nor for nothing', async () => {
    await using bench = await SmsBench.open();
    await bench.register('UQS');
    await bench.finish(bench.server.device(endpoint).execute('/3/0/4'));
    await bench.pass(24 * 60 * minute);
    assert.equal(bench.cost().to, 0);
  });

  it('is executed the trigger of the instance of Object 1 that it registered', async () => {
    await using bench = await SmsBench.open();
    await bench.register('UQS', '</1/7>,</3/0>');
    await bench.pass(fastAsleep);
    await bench.server.device(endpoint).operations.enqueue({ name: 'execute', target: '/3/0/4' });
    await bench.pass(minute);
    assert.deepEqual(bench.phone.asked, ['POST /1/7/8']);
  });

  it('is triggered again at growing pauses while it does not react, three times a day', async () => {
    await using bench = await SmsBench.open();
    await bench.register('UQS');
    bench.phone.behaviour = () => 'silence';
    await bench.pass(fastAsleep);
    const { operations } = bench.server.device(endpoint);
    const start = bench.network.clock.now;
    for (let hour = 0; hour < 23; hour += 1) {
      await operations.enqueue({ name: 'execute', target: '/3/0/4' });
      await bench.pass(60 * minute);
    }
    const minutes = bench.centre.sentTo(number).map(({ at }) => Math.round((at - start) / minute));
    assert.deepEqual(minutes, [0, 5, 15]);
    await bench.pass(24 * 60 * minute);
    assert.equal(bench.centre.sentTo(number).length, 4);
  });

  it('is triggered when the message centre is back, however long it was gone', async () => {
    await using bench = await SmsBench.open();
    await bench.register('UQS');
    bench.wakeWhenTriggered();
    await bench.pass(fastAsleep);
    bench.carrier.disconnect();
    await bench.pass(1000);
    await bench.server.device(endpoint).operations.enqueue({ name: 'execute', target: '/3/0/4' });
    await bench.pass(5 * 60 * minute);
    assert.equal(bench.cost().to, 0);
    assert.match(
      bench.reasons('trigger-failed')[0] ?? '',
      /its time was over before all of it could be sent/,
    );
    bench.carrier.connect();
    await bench.pass(10 * minute);
    assert.equal(bench.cost().to, 1);
    assert.equal(bench.device.received.length, 1);
  });

  it('is left alone after a trigger that it answered, for five minutes', async () => {
    await using bench = await SmsBench.open();
    await bench.register('UQS');
    await bench.pass(fastAsleep);
    const { operations } = bench.server.device(endpoint);
    await operations.enqueue({ name: 'execute', target: '/3/0/4' });
    await bench.pass(minute);
    await operations.enqueue({ name: 'execute', target: '/3/0/4' });
    await bench.pass(3 * minute);
    assert.equal(bench.centre.sentTo(number).length, 1);
    await bench.pass(2 * minute);
    assert.equal(bench.centre.sentTo(number).length, 2);
  });

  it('is not triggered anew by a restart of the server', async () => {
    const deviceStore = new MemoryDeviceStore();
    await using bench = await SmsBench.open({ server: { deviceStore } });
    await bench.register('UQS');
    await bench.pass(fastAsleep);
    const at = bench.network.clock.now;
    await using second = await SmsBench.open({
      server: { sms: { numbers: bench.numbers, sentTriggers: () => [{ number, at }] } },
    });
    await second.register('UQS');
    await second.pass(93_000);
    await second.server.device(endpoint).operations.enqueue({ name: 'execute', target: '/3/0/4' });
    await second.pass(minute);
    assert.equal(second.cost().to, 0);
  });

  it('is not triggered at a number that it only says, and the reason is told once', async () => {
    await using bench = await SmsBench.open({ isProvisioned: false });
    await bench.register('UQS');
    await bench.pass(fastAsleep);
    for (let count = 0; count < 10; count += 1) {
      await bench.server.device(endpoint).operations.enqueue({ name: 'execute', target: '/3/0/4' });
    }
    await bench.pass(minute);
    assert.equal(bench.cost().to, 0);
    assert.equal(bench.reasons('trigger-failed').length, 1);
    assert.match(bench.reasons('trigger-failed')[0] ?? '', /provision it, or allow its prefix/);
  });

  it('of another mode is not triggered', async () => {
    for (const mode of ['UQ', 'SQ']) {
      await using bench = await SmsBench.open();
      await bench.register(mode);
      await bench.pass(fastAsleep);
      await bench.server.device(endpoint).operations.enqueue({ name: 'execute', target: '/3/0/4' });
      await bench.pass(minute);
      assert.equal(bench.cost().to, 0, mode);
    }
  });
});

describe('R-921: a device with two ways', () => {
  it('may update by short message, and is asked where it registered all the same', async () => {
    await using bench = await SmsBench.open();
    await bench.register('US');
    const { location } = bench;
    const response = await bench.phone.exchange({ method: Method.post, uriPath: location });
    assert.equal(formatCode(response.code), '2.04');
    const registration = await bench.server.device(endpoint).registration();
    assert.equal(registration?.peer.transport, 'udp');
    assert.equal(registration.updatedAt, bench.network.clock.now - 2050);
    const changed = await bench.phone.exchange({
      method: Method.post,
      uriPath: location,
      uriQuery: ['lt=600'],
    });
    assert.equal(formatCode(changed.code), '2.04');
    const later = await bench.server.device(endpoint).registration();
    assert.deepEqual([later?.peer.transport, later?.lifetime], ['udp', 600]);
  });

  it('registers anew over UDP when it registered by short message', async () => {
    await using bench = await SmsBench.open();
    const { locationPath = [] } = await bench.phone.register([`ep=${endpoint}`, 'b=US', `sms=${number}`]);
    const response = await bench.device.exchange({ method: Method.post, uriPath: locationPath });
    assert.equal(formatCode(response.code), '4.04');
  });

  it('is told apart from who says a number that is provisioned otherwise', async () => {
    await using bench = await SmsBench.open();
    await bench.numbers.provision(endpoint, '491700000009', bench.network.clock.now);
    await bench.register('US');
    assert.match(bench.reasons('tolerated')[0] ?? '', /491700000009 is provisioned and counts/);
  });
});

describe('a spoofed flood', () => {
  it('of 1,000 requests in the name of a device costs no more than the budget for answers', async () => {
    const budgets = { perSecond: 100, answersPerDevicePerDay: 20 };
    await using bench = await SmsBench.open({ binding: { budgets } });
    await bench.register('UQS');
    bench.wakeWhenTriggered();
    for (let index = 0; index < 1000; index += 1) {
      const request = Uint8Array.of(0x40, 2, index >> 8, index & 0xff, 0xb2, ...utf8Encode('rd'));
      bench.centre.inject(number, platform, request);
    }
    await bench.pass(fastAsleep);
    assert.equal(bench.cost().to, 20);
    // What is of our own accord still goes.
    await bench.finish(
      bench.server.device(endpoint).execute('/3/0/4', '', { timeout: milliseconds(2 * minute) }),
    );
    assert.equal(bench.cost().to, 1);
  });

  it('of 1,000 requests of strangers costs nothing', async () => {
    await using bench = await SmsBench.open();
    for (let index = 0; index < 1000; index += 1) {
      const request = Uint8Array.of(0x40, 2, index >> 8, index & 0xff, 0xb2, ...utf8Encode('rd'));
      bench.centre.inject(`4917${String(index).padStart(8, '9')}`, platform, request);
    }
    await bench.pass(fastAsleep);
    assert.deepEqual(bench.cost(), { to: 0, from: 0 });
  });
});

describe('content over short messages', () => {
  it('is read and written whole as far as three short messages go', async () => {
    await using bench = await SmsBench.open();
    await bench.phone.register([`ep=${endpoint}`, 'b=S', `sms=${number}`]);
    bench.cost();
    bench.phone.behaviour = ({ method }) =>
      method === Method.get
        ? { code: ResponseCode.content, contentFormat: 0, payload: utf8Encode('x'.repeat(300)) }
        : { code: ResponseCode.changed };
    const device = bench.server.device(endpoint);
    const value = await bench.finish(device.read('/3/0/0', { format: 0 }));
    assert.equal(value.kind, 'resource');
    assert.deepEqual(bench.cost(), { to: 1, from: 3 });
    await bench.finish(device.write('/3/0/15', 'y'.repeat(200)));
    assert.deepEqual(bench.cost(), { to: 2, from: 1 });
  });

  it('is never firmware', async () => {
    await using bench = await SmsBench.open();
    await bench.phone.register([`ep=${endpoint}`, 'b=S', `sms=${number}`], '</1/0>,</3/0>,</5/0>');
    await assert.rejects(bench.server.device(endpoint).firmware.start('image'), {
      code: 'usage',
      message: /firmware does not go that way/,
    });
  });
});

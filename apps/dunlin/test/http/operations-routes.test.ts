import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { ProtocolError, StorageError, TransmissionError, UsageError } from '@dunlin/base';
import { pathOf } from '@dunlin/lwm2m';
import { ResponseError } from '@dunlin/server';

import { testApp } from '../support/test-app.ts';

const lamp = '/api/v1/devices/lamp';

describe('POST …/execute/{path}', () => {
  it('executes without arguments, with arguments as text, and as JSON', async () => {
    const { ask, device } = await testApp();
    assert.equal((await ask('POST', `${lamp}/execute/3/0/4`)).status, 204);
    await ask('POST', `${lamp}/execute/3/0/4`, Buffer.from("0='x'"), { 'content-type': 'text/plain' });
    await ask('POST', `${lamp}/execute/3/0/4`, { arguments: '1' });
    assert.deepEqual(
      device.asked.map(({ args }) => args),
      [undefined, "0='x'", '1'],
    );
  });

  it('answers 400 for a path that is none of a Resource, and for arguments that are no text', async () => {
    const { ask } = await testApp();
    assert.equal((await ask('POST', `${lamp}/execute/3/0`)).body['field'], 'path');
    assert.equal(
      (await ask('POST', `${lamp}/execute/3/0/4`, { arguments: 1 })).body['field'],
      'body.arguments',
    );
    assert.equal((await ask('POST', `${lamp}/execute/3/0/4`, { args: '1' })).body['field'], 'body.args');
  });
});

describe('GET …/discover/{path}', () => {
  it('gives names, versions, dimensions and attributes', async () => {
    const { ask, device } = await testApp();
    device.links = [
      { path: pathOf(3), version: '1.0', attributes: {} },
      { path: pathOf(3, 0, 6), dimension: 2, attributes: { gt: 1.5 } },
    ];
    const { body } = await ask('GET', `${lamp}/discover/3`);
    assert.deepEqual(body, {
      links: [
        { path: '/3', name: 'Device', version: '1.0', attributes: {} },
        { path: '/3/0/6', name: 'Available Power Sources', dimension: 2, attributes: { gt: 1.5 } },
      ],
    });
  });
});

describe('PUT …/attributes/{path}', () => {
  it('sets and unsets attributes', async () => {
    const { ask, device } = await testApp();
    assert.equal(
      (await ask('PUT', `${lamp}/attributes/3303/0/5700`, { pmin: 5, gt: -1.5, lt: null })).status,
      204,
    );
    assert.deepEqual(device.asked[0]?.['change'], { pmin: 5, gt: -1.5, lt: null });
  });

  for (const [body, field] of [
    [{ pmin: -1 }, 'body.pmin'],
    [{ pmax: 1.5 }, 'body.pmax'],
    [{ st: 0 }, 'body.st'],
    [{ pmn: 1 }, 'body.pmn'],
    [{}, 'body'],
    [undefined, 'body'],
  ] as const) {
    it(`answers 400 naming ${field} for ${JSON.stringify(body)}`, async () => {
      const { ask } = await testApp();
      const answer = await ask('PUT', `${lamp}/attributes/3303/0/5700`, body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body['field'], field);
    });
  }
});

describe('…/observations', () => {
  it('observes, lists and cancels', async () => {
    const { ask, device } = await testApp();
    const begun = await ask('PUT', `${lamp}/observations/3/0/0`, { attributes: { pmax: 60 } });
    assert.equal(begun.status, 201);
    assert.equal(begun.body['isNew'], true);
    assert.equal((begun.body['content'] as { value: string }).value, 'Dunlin');
    assert.deepEqual(device.asked[0]?.['attributes'], { pmax: 60 });
    assert.deepEqual((await ask('GET', `${lamp}/observations`)).body, {
      observations: [
        {
          path: '/3/0/0',
          name: 'Manufacturer',
          state: 'active',
          isDesired: true,
          since: '2026-01-01T12:00:00.000Z',
          observedAt: '2026-01-01T12:00:00.000Z',
        },
      ],
      next: null,
    });
    const again = await ask('PUT', `${lamp}/observations/3/0/0`);
    assert.deepEqual([again.status, again.body['isNew']], [200, false]);
    assert.equal((await ask('DELETE', `${lamp}/observations/3/0/0?way=passive`)).status, 204);
    assert.equal(device.asked.at(-1)?.['way'], 'passive');
  });

  it('answers 404 for cancelling what is not observed', async () => {
    const { ask } = await testApp();
    const { status, body } = await ask('DELETE', `${lamp}/observations/3/0/0`);
    assert.deepEqual([status, body['error']], [404, 'no-observation']);
  });

  it('answers 400 for an unknown way and for unknown attributes', async () => {
    const { ask } = await testApp();
    assert.equal((await ask('DELETE', `${lamp}/observations/3/0/0?way=hard`)).body['field'], 'query.way');
    const { body } = await ask('PUT', `${lamp}/observations/3/0/0`, { attributes: { pmix: 1 } });
    assert.equal(body['field'], 'body.attributes.pmix');
  });
});

describe('errors of devices', () => {
  const refusal = new ResponseError('lamp', 'the Read of /3/0/0', { code: 0x85, diagnostic: 'write only' });
  for (const [failure, status, word] of [
    [refusal, 502, 'device-refused'],
    [new ProtocolError('the answer has no content'), 502, 'device-misbehaved'],
    [new TransmissionError('reset', 'rejected'), 502, 'device-misbehaved'],
    [new TransmissionError('no-answer', 'nothing came'), 504, 'no-answer'],
    [new TransmissionError('expired', 'too late'), 504, 'no-answer'],
    [new TransmissionError('not-sent', 'no route'), 503, 'not-sent'],
    [new TransmissionError('overloaded', 'full'), 429, 'too-many-requests'],
    [new TransmissionError('closed', 'closing'), 503, 'unavailable'],
    [new TransmissionError('superseded', 'registered anew'), 503, 'unavailable'],
    [new StorageError('disk full'), 503, 'unavailable'],
    [new UsageError('not that way'), 400, 'bad-request'],
    [new TypeError('oops'), 500, 'internal'],
  ] as const) {
    it(`answers ${status} ${word} for ${failure.name} ${failure.message}`, async () => {
      const { ask, device, observed } = await testApp();
      device.failure = failure;
      const { status: answered, body, headers } = await ask('GET', `${lamp}/resources/3/0/0`);
      assert.equal(answered, status);
      assert.equal(body['error'], word);
      assert.equal('retry-after' in headers, status === 429 || word === 'unavailable');
      assert.ok(observed.includes(`read ${word}`));
    });
  }

  it('gives the code of a refusal, its meaning and what the device said', async () => {
    const { ask, device } = await testApp();
    device.failure = refusal;
    assert.deepEqual((await ask('GET', `${lamp}/resources/3/0/0`)).body, {
      error: 'device-refused',
      message: 'lamp refused the Read of /3/0/0 with 4.05 Method Not Allowed: write only',
      coapCode: '4.05',
      coapMeaning: 'Method Not Allowed',
      diagnostic: 'write only',
    });
  });

  it('says nothing of the inside when the server itself fails', async () => {
    const { ask, device } = await testApp();
    device.failure = new TypeError('secret inside');
    assert.doesNotMatch((await ask('GET', `${lamp}/resources/3/0/0`)).text, /secret/);
  });

  it('answers 503 when as many operations as it takes are under way', async () => {
    const { ask, device } = await testApp({ limits: { underWay: 1 } });
    const gate = Promise.withResolvers<void>();
    device.gate = gate.promise;
    const first = ask('GET', `${lamp}/resources/3/0/0`);
    while (device.asked.length === 0) await nextTurn();
    const second = await ask('GET', `${lamp}/resources/3/0/0`);
    assert.deepEqual([second.status, second.body['error']], [503, 'unavailable']);
    gate.resolve();
    assert.equal((await first).status, 200);
    assert.equal((await ask('GET', `${lamp}/resources/3/0/0`)).status, 200);
  });
});

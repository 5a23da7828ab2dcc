import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { DunlinApi } from '@dunlin/api';

function api(json: unknown) {
  const asked: string[] = [];
  const text = JSON.stringify(json);
  const { sms } = new DunlinApi({
    url: 'http://server:8080',
    fetch: (url) => {
      asked.push(url);
      const body = (async function* chunks() {
        yield new TextEncoder().encode(text);
      })();
      return Promise.resolve({
        status: 200,
        headers: { get: () => null },
        body,
        text: () => Promise.resolve(text),
      });
    },
  });
  return { sms, asked };
}

const at = '2026-01-01T12:00:00.000Z';

describe('short messages in the typed client', () => {
  it('pages through the outbox by ids', async () => {
    const facts = { purpose: 'trigger', parts: 1, spent: 1, state: 'delivered', queuedAt: at, changedAt: at };
    const entry = { id: 5, to: '491700000001', endpoint: null, ...facts, reason: null };
    const { sms, asked } = api({ entries: [entry], next: 5 });
    const { entries, next } = await sms.outbox({ contains: 'a b', after: 7, limit: 1 });
    assert.deepEqual([entries.map(({ id }) => id), next], [[5], 5]);
    assert.deepEqual(asked, ['http://server:8080/api/v1/sms/outbox?contains=a%20b&after=7&limit=1']);
  });

  it('pages through the numbers by endpoint names', async () => {
    const number = { endpoint: 'urn:a/b', number: '491700000001', provisionedAt: at };
    const { sms, asked } = api({ numbers: [number], next: 'urn:a/b' });
    const { numbers, next } = await sms.numbers({ contains: '49', after: 'urn:a', limit: 1 });
    assert.deepEqual([numbers.map(({ endpoint }) => endpoint), next], [['urn:a/b'], 'urn:a/b']);
    assert.deepEqual(asked, ['http://server:8080/api/v1/sms/numbers?contains=49&after=urn%3Aa&limit=1']);
  });

  it('refuses a page that does not say whether there is more', async () => {
    await assert.rejects(api({ numbers: [] }).sms.numbers(), { code: 'protocol-violation' });
  });
});

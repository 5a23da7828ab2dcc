import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { describe, it } from 'node:test';

import { registration } from '../support/fake-server.ts';
import { administratorHeader } from '../support/test-access.ts';
import { type TestApp, testApp } from '../support/test-app.ts';

async function stream({ app }: TestApp, url: string, headers: Record<string, string> = {}) {
  const answer = await app.inject({
    method: 'GET',
    url,
    headers: { ...administratorHeader, ...headers },
    payloadAsStream: true,
  });
  return { answer, body: answer.stream() };
}

/** Reads until the text has come that the pattern describes. */
async function readUntil(body: Readable, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (pattern.test(text)) break;
  }
  return text;
}

describe('GET /api/v1/events', () => {
  it('streams what happens as server-sent events', async () => {
    const test = await testApp();
    const { answer, body } = await stream(test, '/api/v1/events');
    assert.equal(answer.statusCode, 200);
    assert.match(String(answer.headers['content-type']), /^text\/event-stream/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    test.server.registered.emit({ registration: registration('lamp') });
    const text = await readUntil(body, /\}\n\n$/);
    assert.match(text, /id: e-1\nevent: registered\ndata: \{"type":"registered"/);
    test.events.close();
  });

  it('goes on after Last-Event-ID', async () => {
    const test = await testApp();
    test.server.expired.emit({ registration: registration('a') });
    test.server.expired.emit({ registration: registration('b') });
    const { body } = await stream(test, '/api/v1/events', { 'last-event-id': 'e-1' });
    const text = await readUntil(body, /\}\n\n$/);
    assert.deepEqual(text.match(/^id: .*$/gm), ['id: e-2']);
    test.events.close();
  });

  it('says reset after an id that is lost', async () => {
    const test = await testApp();
    const { body } = await stream(test, '/api/v1/events', { 'last-event-id': 'old-5' });
    assert.match(await readUntil(body, /\}\n\n$/), /event: reset\ndata: \{"type":"reset"/);
    test.events.close();
  });

  it('sends only events of the endpoint that is asked for', async () => {
    const test = await testApp();
    const { body } = await stream(test, '/api/v1/events?endpoint=a%2Fb');
    test.server.expired.emit({ registration: registration('other') });
    test.server.expired.emit({ registration: registration('a/b') });
    const text = await readUntil(body, /\}\n\n$/);
    assert.deepEqual(text.match(/^id: .*$/gm), ['id: e-2']);
    test.events.close();
  });

  it('answers 503 when as many readers as it takes are there, and takes others when one left', async () => {
    const test = await testApp();
    await stream(test, '/api/v1/events');
    await stream(test, '/api/v1/events');
    const { status, body } = await test.ask('GET', '/api/v1/events');
    assert.deepEqual([status, body['error']], [503, 'unavailable']);
    test.events.close();
    assert.equal(test.events.isFull, false);
  });

  it('answers 400 for an unknown query', async () => {
    const { ask } = await testApp();
    const { status, body } = await ask('GET', '/api/v1/events?ep=x');
    assert.deepEqual([status, body['field']], [400, 'query.ep']);
  });
});

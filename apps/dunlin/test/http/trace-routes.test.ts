import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { describe, it } from 'node:test';

import type { TraceMessage } from '@dunlin/api';
import { hexDecode, utf8Encode } from '@dunlin/base';
import { ContentFormat, MessageType, Method, OptionNumber, ResponseCode } from '@dunlin/coap';

import { administratorHeader } from '../support/test-access.ts';
import { type TestApp, testApp } from '../support/test-app.ts';
import { coap, content, TraceBench, uriPath } from '../support/trace-bench.ts';

async function bench(): Promise<TestApp & { readonly trace: TraceBench }> {
  const trace = new TraceBench();
  return { ...(await testApp({ traces: trace.traces })), trace };
}

const read = coap({
  options: [...uriPath('3303/0'), { number: OptionNumber.accept, value: ContentFormat.tlv }],
});
/** Sensor Value 21.5 as a float of 4 bytes. */
const answer = content(ContentFormat.tlv, hexDecode('e4164441ac0000') ?? new Uint8Array());

async function entries({ ask }: TestApp, query = ''): Promise<readonly TraceMessage[]> {
  const { body } = await ask('GET', `/api/v1/devices/lamp/trace${query}`);
  return body['entries'] as readonly TraceMessage[];
}

describe('GET /api/v1/devices/{endpoint}/trace', () => {
  it('gives nothing of a device that nobody watched', async () => {
    const { status, body } = await (await bench()).ask('GET', '/api/v1/devices/lamp/trace');
    assert.equal(status, 200);
    assert.deepEqual(body, {
      endpoint: 'lamp',
      isRecording: false,
      recordingUntil: null,
      entries: [],
      lost: 0,
      next: 0,
    });
  });

  it('tells all of a message, its content by the names of the definition', async () => {
    const test = await bench();
    await test.ask('PUT', '/api/v1/devices/lamp/trace', { seconds: 600 });
    test.trace.passes('out', read);
    test.trace.passes('in', answer);
    const [request, response] = await entries(test);
    assert.deepEqual(request, {
      kind: 'message',
      id: 1,
      time: '2026-01-01T12:00:00.000Z',
      direction: 'out',
      address: '192.0.2.7:40123',
      local: 'coap://0.0.0.0:5683',
      service: 'management',
      transport: 'udp',
      security: 'none',
      size: read.length,
      type: 'CON',
      code: '0.01',
      codeName: 'GET',
      messageId: 1,
      token: 'cafe',
      options: [
        { number: 11, name: 'Uri-Path', value: '3303' },
        { number: 11, name: 'Uri-Path', value: '0' },
        { number: 17, name: 'Accept', value: 11_542 },
      ],
      path: '/3303/0',
      isRepeated: false,
    });
    assert.equal(response?.codeName, 'Content');
    assert.equal(response?.path, '/3303/0');
    assert.deepEqual(response?.payload, {
      length: 7,
      contentFormat: 11_542,
      formatName: 'application/vnd.oma.lwm2m+tlv',
      hex: 'e4164441ac0000',
      content: {
        path: '/3303/0',
        kind: 'object-instance',
        name: 'Temperature',
        resources: { '5700': { name: 'Sensor Value', type: 'float', value: 21.5 } },
      },
    });
  });

  it('reads texts, links and diagnostics, and leaves parts of bodies alone', async () => {
    const test = await bench();
    await test.ask('PUT', '/api/v1/devices/lamp/trace', { seconds: 600 });
    const token = (id: number) => ({ messageId: id, token: Uint8Array.of(id) });
    test.trace.passes('out', coap({ ...token(1), options: uriPath('3') }));
    test.trace.passes('in', content(ContentFormat.linkFormat, utf8Encode('</3>;pmin=5'), token(1)));
    test.trace.passes('out', coap({ ...token(2), options: uriPath('9/9') }));
    test.trace.passes(
      'in',
      coap({
        ...token(2),
        type: MessageType.acknowledgement,
        code: ResponseCode.notFound,
        payload: utf8Encode('no such object'),
      }),
    );
    const block = [...uriPath('3303/0'), { number: OptionNumber.block1, value: 0b1_1110 }];
    test.trace.passes(
      'out',
      coap({
        ...token(3),
        code: Method.put,
        options: [...block, { number: OptionNumber.contentFormat, value: ContentFormat.tlv }],
        payload: Uint8Array.of(1, 2, 3),
      }),
    );
    const all = await entries(test);
    assert.deepEqual(all[1]?.payload?.links, [{ target: '/3', attributes: { pmin: '5' } }]);
    assert.equal(all[3]?.payload?.text, 'no such object');
    assert.deepEqual(all[4]?.block1, { number: 1, isMore: true, size: 1024 });
    assert.equal(all[4]?.payload?.content, undefined);
    assert.equal(all[4]?.payload?.problem, undefined);
  });

  it('says why a payload cannot be read, and what a datagram is that is no message', async () => {
    const test = await bench();
    await test.ask('PUT', '/api/v1/devices/lamp/trace', { seconds: 600 });
    test.trace.passes('out', read);
    test.trace.passes('in', content(ContentFormat.tlv, Uint8Array.of(0xff)));
    test.trace.passes('in', Uint8Array.of(0x40));
    const [, broken, malformed] = await entries(test);
    assert.equal(typeof broken?.payload?.problem, 'string');
    assert.deepEqual(
      { ...malformed, time: '' },
      {
        kind: 'malformed',
        id: 3,
        time: '',
        direction: 'in',
        address: '192.0.2.7:40123',
        local: 'coap://0.0.0.0:5683',
        service: 'management',
        transport: 'udp',
        security: 'none',
        size: 1,
        reason: 'too-short',
        hex: '40',
      },
    );
  });

  it('withholds keys: neither bytes nor meaning', async () => {
    const test = await bench();
    await test.ask('PUT', '/api/v1/devices/lamp/trace', { seconds: 600 });
    const options = [...uriPath('0/1'), { number: OptionNumber.contentFormat, value: ContentFormat.tlv }];
    test.trace.passes('out', coap({ code: Method.put, options, payload: utf8Encode('a very secret key') }));
    const [entry] = await entries(test);
    assert.deepEqual(entry?.payload, {
      length: 17,
      contentFormat: 11_542,
      formatName: 'application/vnd.oma.lwm2m+tlv',
      withheld: 'security-material',
    });
    const capture = await test.app.inject({
      url: '/api/v1/devices/lamp/trace/pcapng',
      headers: administratorHeader,
    });
    assert.equal(capture.statusCode, 200);
    assert.equal(capture.rawPayload.includes('secret'), false);
  });

  it('waits for what comes, and records meanwhile', async () => {
    const test = await bench();
    const waiting = test.ask('GET', '/api/v1/devices/lamp/trace?wait=30');
    while (!test.trace.traces.isWatching) await new Promise(setImmediate);
    test.trace.passes('out', read);
    const { body } = await waiting;
    assert.equal(body['isRecording'], true);
    assert.equal((body['entries'] as readonly unknown[]).length, 1);
    assert.equal(body['next'], 1);
  });

  it('goes on after an id, so many at a time', async () => {
    const test = await bench();
    await test.ask('PUT', '/api/v1/devices/lamp/trace', { seconds: 600 });
    for (let messageId = 1; messageId <= 5; messageId += 1) test.trace.passes('out', coap({ messageId }));
    assert.deepEqual(
      (await entries(test, '?after=2&limit=2')).map(({ id }) => id),
      [3, 4],
    );
  });

  it('refuses what makes no sense, naming the field', async () => {
    const { ask } = await bench();
    const wrong = await ask('GET', '/api/v1/devices/lamp/trace?wait=100');
    assert.deepEqual([wrong.status, wrong.body['field']], [400, 'query.wait']);
    const short = await ask('PUT', '/api/v1/devices/lamp/trace', { seconds: 0 });
    assert.deepEqual([short.status, short.body['field']], [400, 'body.seconds']);
  });

  it('is forgotten with DELETE', async () => {
    const test = await bench();
    await test.ask('PUT', '/api/v1/devices/lamp/trace', { seconds: 600 });
    test.trace.passes('out', read);
    assert.equal((await test.ask('DELETE', '/api/v1/devices/lamp/trace')).status, 204);
    assert.deepEqual(await entries(test), []);
  });
});

describe('GET /api/v1/devices/{endpoint}/trace/live', () => {
  async function open({ app }: TestApp, headers: Record<string, string> = {}) {
    const url = '/api/v1/devices/lamp/trace/live';
    const opened = await app.inject({
      method: 'GET',
      url,
      headers: { ...administratorHeader, ...headers },
      payloadAsStream: true,
    });
    return { opened, body: opened.stream() };
  }

  async function readUntil(body: Readable, pattern: RegExp): Promise<string> {
    let text = '';
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      if (pattern.test(text)) break;
    }
    return text;
  }

  it('streams what is recorded and then what comes', async () => {
    const test = await bench();
    await test.ask('PUT', '/api/v1/devices/lamp/trace', { seconds: 600 });
    test.trace.passes('out', read);
    const { opened, body } = await open(test);
    assert.match(String(opened.headers['content-type']), /^text\/event-stream/);
    test.trace.passes('in', answer);
    const text = await readUntil(body, /id: 2\n.*\n.*\n\n$/);
    assert.match(text, /id: 1\nevent: trace\ndata: \{"kind":"message","id":1,/);
    await test.app.close();
  });

  it('goes on after Last-Event-ID', async () => {
    const test = await bench();
    await test.ask('PUT', '/api/v1/devices/lamp/trace', { seconds: 600 });
    test.trace.passes('out', read);
    test.trace.passes('in', answer);
    const { body } = await open(test, { 'last-event-id': '1' });
    assert.deepEqual((await readUntil(body, /\}\n\n$/)).match(/^id: .*$/gm), ['id: 2']);
    await test.app.close();
  });

  it('ends when the server stops', async () => {
    const test = await bench();
    const { body } = await open(test);
    const ended = readUntil(body, /never/);
    await test.app.close();
    assert.match(await ended, /^retry/);
  });
});

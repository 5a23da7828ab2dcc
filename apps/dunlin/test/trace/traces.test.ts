import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { hexEncode, utf8Encode } from '@dunlin/base';
import { ContentFormat, MessageType, Method, OptionNumber, ResponseCode, udpPeer } from '@dunlin/coap';
import type { DtlsDiagnostic } from '@dunlin/node';

import { noon } from '../support/fake-server.ts';
import { coap, content, TraceBench, uriPath } from '../support/trace-bench.ts';

const read = coap({ options: uriPath('3/0/0') });

function recorded(bench: TraceBench, endpoint = 'lamp') {
  return (bench.traces.find(endpoint)?.ring.since(0, 1000).records ?? []).map(({ record }) => record);
}

function datagrams(bench: TraceBench, endpoint = 'lamp') {
  return recorded(bench, endpoint).flatMap((record) => (record.kind === 'datagram' ? [record] : []));
}

describe('the traces of devices', () => {
  it('want to be told of no message while nobody watches', async () => {
    const bench = new TraceBench();
    assert.equal(bench.traces.isWatching, false);
    bench.passes('out', read);
    using _watch = await bench.traces.watch('lamp');
    assert.equal(bench.traces.isWatching, true);
    assert.deepEqual(recorded(bench), []);
  });

  it('hold the messages of the device that is watched, and of no other', async () => {
    const bench = new TraceBench();
    using _watch = await bench.traces.watch('lamp');
    bench.passes('out', read);
    bench.passes('out', read, udpPeer('192.0.2.8', 1));
    bench.passes('in', content(ContentFormat.text, utf8Encode('Acme')));
    assert.deepEqual(
      datagrams(bench).map(({ direction, request }) => [direction, request?.segments.join('/')]),
      [
        ['out', '3/0/0'],
        ['in', '3/0/0'],
      ],
    );
  });

  it('keep bytes of their own: the datagram is the shell’s', async () => {
    const bench = new TraceBench();
    using _watch = await bench.traces.watch('lamp');
    const datagram = read.slice();
    bench.passes('out', datagram);
    datagram.fill(0);
    assert.equal(hexEncode(datagrams(bench)[0]?.datagram ?? new Uint8Array()), hexEncode(read));
  });

  it('recognise a device that is not registered by the name it registers or asks for a bootstrap with', async () => {
    const bench = new TraceBench();
    using _watch = await bench.traces.watch('new');
    const [peer, other] = [udpPeer('192.0.2.9', 1), udpPeer('192.0.2.9', 2)];
    const named = (path: string, name: string) =>
      coap({
        code: Method.post,
        options: [...uriPath(path), { number: OptionNumber.uriQuery, value: `ep=${name}` }],
      });
    bench.passes('in', named('rd', 'somebody'), other);
    bench.passes('in', named('rd', 'new'), peer);
    bench.passes('in', named('bs', 'new'), udpPeer('192.0.2.9', 3));
    bench.passes('out', coap({ type: MessageType.acknowledgement, code: ResponseCode.created }), peer);
    assert.deepEqual(
      datagrams(bench, 'new').map(({ peer: { port } }) => port),
      [1, 3, 1],
    );
  });

  it('recognise a device that has moved by the location it updates', async () => {
    const bench = new TraceBench();
    using _watch = await bench.traces.watch('lamp');
    const elsewhere = udpPeer('198.51.100.1', 7);
    bench.passes('in', coap({ code: Method.post, options: uriPath('rd/other') }), elsewhere);
    bench.passes('in', coap({ code: Method.post, options: uriPath('rd/r1') }), elsewhere);
    bench.passes('out', read, elsewhere);
    assert.equal(recorded(bench).length, 2);
  });

  it('mark what was sent or received before, for as long as a message id means the same (RFC 7252 §4.8.2)', async () => {
    const bench = new TraceBench();
    using _watch = await bench.traces.watch('lamp');
    bench.passes('out', read);
    bench.later(2000);
    bench.passes('out', read);
    bench.passes('out', coap({ options: uriPath('3/0/0'), messageId: 2 }));
    bench.later(250_000);
    bench.passes('out', read);
    assert.deepEqual(
      datagrams(bench).map(({ isRepeated }) => isRepeated),
      [false, true, false, false],
    );
  });

  it('know what the notifications of an observation answer that was there before', async () => {
    const bench = new TraceBench();
    const peer = udpPeer('192.0.2.7', 40_123);
    bench.observations.push({
      registrationId: 'r1',
      path: '/3303/0/5700',
      observedAt: noon,
      record: {
        peer,
        token: Uint8Array.of(0xca, 0xfe),
        request: { method: Method.get, uriPath: ['3303', '0', '5700'] },
      },
    });
    using _watch = await bench.traces.watch('lamp');
    bench.passes('in', content(ContentFormat.text, utf8Encode('21'), { type: MessageType.confirmable }));
    assert.deepEqual(datagrams(bench)[0]?.request?.segments, ['3303', '0', '5700']);
    assert.equal(datagrams(bench)[0]?.withheld, undefined);
  });

  it('go on for a minute after the last who watched has gone, and keep what they have for a while', async () => {
    const bench = new TraceBench();
    const watch = await bench.traces.watch('lamp');
    bench.later(3_600_000);
    bench.passes('out', read);
    watch?.[Symbol.dispose]();
    bench.later(59_000);
    bench.passes('out', coap({ messageId: 2 }));
    bench.later(2000);
    bench.passes('out', coap({ messageId: 3 }));
    assert.equal(recorded(bench).length, 2);
    bench.later(14 * 60_000);
    assert.equal(recorded(bench).length, 2);
    bench.later(2 * 60_000);
    assert.equal(bench.traces.find('lamp'), undefined);
    assert.equal(bench.traces.isWatching, false);
  });

  it('are recorded while they are switched on although nobody watches', async () => {
    const bench = new TraceBench();
    await bench.traces.switchOn('lamp', 600_000);
    bench.later(599_000);
    bench.passes('out', read);
    bench.later(2000);
    bench.passes('out', coap({ messageId: 2 }));
    assert.equal(recorded(bench).length, 1);
  });

  it('are of at most so many devices at a time', async () => {
    const bench = new TraceBench({ devices: 1 });
    using _watch = await bench.traces.watch('lamp');
    assert.equal(await bench.traces.watch('other'), undefined);
    using again = await bench.traces.watch('lamp');
    assert.notEqual(again, undefined);
  });

  it('are gone when they are cleared', async () => {
    const bench = new TraceBench();
    await bench.traces.switchOn('lamp', 600_000);
    bench.passes('out', read);
    bench.traces.clear('lamp');
    assert.deepEqual(recorded(bench), []);
    assert.equal(bench.traces.isWatching, false);
  });
});

describe('the trace of a device with DTLS', () => {
  const address = { key: 'k', address: '192.0.2.7', port: 5 };
  const who = { kind: 'psk', identity: 'lamp-key' } as const;

  it('shows its handshakes by the identity it claims', async () => {
    const bench = new TraceBench();
    bench.credentials.push({ id: 'c1', endpointName: 'lamp', proof: who, createdAt: noon });
    using _watch = await bench.traces.watch('lamp');
    bench.traces.dtlsDiagnosed({ kind: 'claimed', address, claimed: who }, 'management');
    bench.traces.dtlsDiagnosed(
      { kind: 'claimed', address: { ...address, port: 6 }, claimed: { kind: 'psk', identity: 'other' } },
      'management',
    );
    bench.traces.dtlsDiagnosed({ kind: 'closed', address, reason: 'idle' }, 'management');
    assert.deepEqual(
      recorded(bench).map((record) => record.kind === 'association' && record.facts),
      [
        { address: '192.0.2.7:5', event: 'claimed', security: 'psk', identity: 'lamp-key' },
        { address: '192.0.2.7:5', event: 'closed', reason: 'idle' },
      ],
    );
  });

  it('holds the messages of an association that its credential vouches for', async () => {
    const bench = new TraceBench();
    bench.credentials.push({ id: 'c1', endpointName: 'lamp', proof: who, createdAt: noon });
    using _watch = await bench.traces.watch('lamp');
    const association = { isResumed: false, hasConnectionId: false, credentialId: 'c1' };
    const peer = { ...udpPeer('192.0.2.7', 5), key: 'dtls:1', security: who, association };
    bench.passes('out', read, peer);
    assert.equal(recorded(bench).length, 1);
  });

  it('tells nothing of diagnostics that are of no device', async () => {
    const bench = new TraceBench();
    using _watch = await bench.traces.watch('lamp');
    const diagnostic: DtlsDiagnostic = { kind: 'state-saved', associations: 3 };
    bench.traces.dtlsDiagnosed(diagnostic, 'management');
    assert.deepEqual(recorded(bench), []);
  });
});

describe('keys in a trace', () => {
  const key = utf8Encode('a very secret key');

  async function passed(...messages: readonly (readonly ['in' | 'out', Uint8Array])[]) {
    const bench = new TraceBench();
    using _watch = await bench.traces.watch('lamp');
    for (const [direction, message] of messages) bench.passes(direction, message);
    return datagrams(bench);
  }

  for (const path of ['0/1', '0', '0/1/5', 'lwm2m/0/1', '21/0']) {
    it(`are not kept when they are written to /${path}`, async () => {
      const options = [...uriPath(path), { number: OptionNumber.contentFormat, value: ContentFormat.tlv }];
      const [record] = await passed(['out', coap({ code: Method.put, options, payload: key })]);
      assert.equal(record?.withheld, 'security-material');
      assert.equal(record.size - record.datagram.length, key.length + 1);
      assert.equal(Buffer.from(record.datagram).includes('secret'), false);
    });
  }

  it('are not kept when a device answers with them', async () => {
    const records = await passed(
      ['out', coap({ options: uriPath('0') })],
      ['in', content(ContentFormat.tlv, key)],
    );
    assert.deepEqual(
      records.map(({ withheld }) => withheld),
      [undefined, 'security-material'],
    );
  });

  it('are not kept of an answer to a request that nobody saw', async () => {
    const [record] = await passed(['in', content(ContentFormat.opaque, key)]);
    assert.equal(record?.withheld, 'unknown-request');
  });

  it('do not hide links, in which there are none, nor what is of another Object', async () => {
    const records = await passed(
      ['out', coap({ options: [] })],
      ['in', content(ContentFormat.linkFormat, utf8Encode('</0/1>'))],
      ['out', coap({ messageId: 2, token: Uint8Array.of(1), options: uriPath('3/0/0') })],
      ['in', content(ContentFormat.text, key, { messageId: 2, token: Uint8Array.of(1) })],
    );
    assert.deepEqual(
      records.map(({ withheld }) => withheld),
      [undefined, undefined, undefined, undefined],
    );
  });
});

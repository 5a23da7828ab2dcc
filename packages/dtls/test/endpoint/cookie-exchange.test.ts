import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { addDuration, milliseconds, noBytes } from '@dunlin/base';

import { associationOptionsDefaults } from '../../src/association-options.ts';
import { CookieIssuer } from '../../src/cookie.ts';
import type { ClientHello } from '../../src/wire/client-hello.ts';
import { encodeClientHello } from '../../src/wire/client-hello.ts';
import { ContentType } from '../../src/wire/content-type.ts';
import { encodeHandshakeFragment } from '../../src/wire/handshake-header.ts';
import { HandshakeType } from '../../src/wire/handshake-type.ts';
import { encodeHelloVerifyRequest } from '../../src/wire/hello-verify-request.ts';
import { validTime } from '../support/certificate-authority.ts';
import { modeOf, pairOf } from '../support/modes.ts';
import { addressOf, lastEstablished, type Party, randomOf } from '../support/party.ts';
import {
  cookieIn,
  firstTypeOf,
  helloRecord,
  messageRecord,
  plainHello,
  plainRecord,
  recordsOf,
} from '../support/raw.ts';

const mode = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
const attacker = addressOf('203.0.113.66', 1234);

/** What a server sends back for a datagram from the attacker's address. */
function answersTo(
  server: Party,
  datagram: Uint8Array,
  at = validTime,
  from = attacker,
): readonly Uint8Array[] {
  server.endpoint.handle(datagram, from, at);
  return server.drain(at).map((flying) => flying.datagram);
}

/** The cookie for a hello. */
function cookieFor(
  server: Party,
  hello: Partial<ClientHello> = {},
  at = validTime,
  from = attacker,
): Uint8Array {
  return cookieIn(answersTo(server, helloRecord(hello), at, from)[0]);
}

describe('a ClientHello without a right cookie', () => {
  test('gets a HelloVerifyRequest, no state and no look-up, however many come (checklist 1)', () => {
    const { server } = pairOf(mode, 1);
    for (let port = 1; port <= 2000; port += 1) {
      const answers = answersTo(
        server,
        helloRecord({ random: new Uint8Array(32).fill(port & 255) }),
        validTime,
        addressOf('203.0.113.9', port),
      );
      assert.deepEqual(answers.map(firstTypeOf), ['helloVerifyRequest']);
    }
    assert.equal(server.endpoint.associations, 0);
    assert.equal(server.endpoint.deadline, undefined);
    assert.deepEqual(server.outputs, []);
  });

  test('never gets more bytes than it has (checklist 1)', () => {
    const { server } = pairOf(mode, 1);
    const shortest = helloRecord({ cipherSuites: [0xc0a8], extensions: {} });
    assert.ok((answersTo(server, shortest)[0]?.length ?? Infinity) < shortest.length);
    for (let sessionIdLength = 0; sessionIdLength <= 32; sessionIdLength += 1) {
      for (let suites = 1; suites <= 40; suites += 1) {
        for (const extensions of [{}, plainHello.extensions]) {
          const sessionId = new Uint8Array(sessionIdLength);
          const cipherSuites = Array.from({ length: suites }, (_, index) => index + 1);
          const hello = helloRecord({ sessionId, cipherSuites, extensions });
          const answers = answersTo(server, hello);
          assert.equal(answers.length, 1);
          assert.ok((answers[0]?.length ?? 0) <= hello.length);
        }
      }
    }
  });

  test('is answered with its own record number (RFC 6347 §4.2.1, checklist 1)', () => {
    const { server } = pairOf(mode, 1);
    const [answer] = answersTo(server, helloRecord({}, 2 ** 40 + 5));
    assert.equal(recordsOf(answer ?? noBytes)[0]?.sequenceNumber, 2 ** 40 + 5);
  });

  test('gets no way around it by asking for a session (CVE-2022-2576, checklist 3)', () => {
    const { server } = pairOf(mode, 1);
    const [answer, ...more] = answersTo(server, helloRecord({ sessionId: new Uint8Array(32).fill(1) }));
    assert.equal(firstTypeOf(answer ?? noBytes), 'helloVerifyRequest');
    assert.deepEqual(more, []);
    const pair = pairOf(mode, 2);
    pair.client.endpoint.connect(pair.server.address, mode.client, pair.world.now);
    pair.world.run(2000);
    const session = lastEstablished(pair.client)?.session;
    const known = answersTo(pair.server, helloRecord({ sessionId: session?.id ?? noBytes }));
    assert.deepEqual(known.map(firstTypeOf), ['helloVerifyRequest']);
    assert.deepEqual(pair.server.all('verify-peer'), []);
  });

  test('is dropped in silence when it is fragmented or not a hello at all (checklist 4)', () => {
    const { server } = pairOf(mode, 1);
    const body = encodeClientHello(plainHello);
    const part = (fragmentOffset: number, end: number): Uint8Array =>
      plainRecord(
        ContentType.handshake,
        encodeHandshakeFragment({
          type: HandshakeType.clientHello,
          length: body.length,
          messageSeq: 0,
          fragmentOffset,
          fragment: body.subarray(fragmentOffset, end),
        }),
      );
    const hello = helloRecord();
    const withByte = (index: number, value: number): Uint8Array => {
      const changed = hello.slice();
      changed[index] = value;
      return changed;
    };
    const silent: Readonly<Record<string, Uint8Array>> = {
      'its first part': part(0, 20),
      'its last part': part(20, body.length),
      'no bytes': noBytes,
      'less than a header': hello.subarray(0, 12),
      'cut short': hello.subarray(0, hello.length - 1),
      'another content type': withByte(0, 99),
      'application data': withByte(0, ContentType.applicationData),
      'an alert': plainRecord(ContentType.alert, Uint8Array.of(2, 40)),
      'another major version': withByte(1, 3),
      'a protected epoch (CVE-2021-42141)': withByte(4, 1),
      'another message': messageRecord(HandshakeType.serverHello, body, 0),
      'a message number out of reach': messageRecord(HandshakeType.clientHello, body, 4),
      'without null compression': helloRecord({ compressionMethods: [1] }),
    };
    for (const [what, datagram] of Object.entries(silent)) {
      assert.deepEqual(answersTo(server, datagram), [], what);
    }
    assert.equal(server.endpoint.associations, 0);
  });
});

describe('a cookie', () => {
  const bound: Readonly<Record<string, Partial<ClientHello>>> = {
    version: { version: 0xfefc },
    random: { random: new Uint8Array(32).fill(8) },
    'session id': { sessionId: Uint8Array.of(1) },
    suites: { cipherSuites: [0xc0a8, 0x00ae] },
    compression: { compressionMethods: [0, 1] },
  };
  for (const [what, change] of Object.entries(bound)) {
    test(`is bound to the ${what} of the hello (RFC 6347 §4.2.1, checklist 2)`, () => {
      const { server } = pairOf(mode, 1);
      const cookie = cookieFor(server);
      const [answer] = answersTo(server, helloRecord({ ...change, cookie }, 1));
      assert.equal(firstTypeOf(answer ?? noBytes), 'helloVerifyRequest');
      assert.equal(server.endpoint.associations, 0);
    });
  }

  test('is bound to address and port (checklist 2)', () => {
    const { server } = pairOf(mode, 1);
    const cookie = cookieFor(server);
    for (const other of [addressOf(attacker.address, 1235), addressOf('203.0.113.67', attacker.port)]) {
      const [answer] = answersTo(server, helloRecord({ cookie }, 1), validTime, other);
      assert.equal(firstTypeOf(answer ?? noBytes), 'helloVerifyRequest');
    }
  });

  test('is not bound to extensions, which some clients add later (RFC 6347 §4.2.1)', () => {
    const { server } = pairOf(mode, 1);
    const cookie = cookieFor(server, { extensions: {} });
    const [answer] = answersTo(server, helloRecord({ cookie }, 1));
    assert.equal(firstTypeOf(answer ?? noBytes), 'serverHello');
  });

  test('of other length or content is wrong (checklist 2)', () => {
    const { server } = pairOf(mode, 1);
    const cookie = cookieFor(server);
    const flipped = cookie.slice();
    flipped[15] = (flipped[15] ?? 0) ^ 1;
    for (const wrong of [flipped, cookie.subarray(1), new Uint8Array(255), Uint8Array.of(...cookie, 0)]) {
      const [answer] = answersTo(server, helloRecord({ cookie: wrong }, 1));
      assert.equal(firstTypeOf(answer ?? noBytes), 'helloVerifyRequest');
    }
  });

  test('is right under the key before the present one, for a minute and no longer (checklist 2)', () => {
    const issuer = new CookieIssuer(randomOf(1), associationOptionsDefaults);
    const at = (seconds: number): typeof validTime => addDuration(validTime, milliseconds(seconds * 1000));
    const hello = { ...plainHello, cookie: issuer.issue(plainHello, 'a', validTime) };
    assert.equal(issuer.verify(hello, 'a', at(59)), true);
    assert.equal(issuer.verify(hello, 'a', at(61)), true);
    assert.equal(issuer.verify(hello, 'a', at(119)), true);
    assert.equal(issuer.verify(hello, 'a', at(122)), false);
    const late = new CookieIssuer(randomOf(2), associationOptionsDefaults);
    const old = { ...plainHello, cookie: late.issue(plainHello, 'a', validTime) };
    assert.equal(late.verify(old, 'a', at(121)), false, 'also when no key was needed in between');
  });

  test('goes with a hello whose number shows that it is not the first (checklist 16)', () => {
    const { server } = pairOf(mode, 1);
    const cookie = cookieFor(server);
    const body = encodeClientHello({ ...plainHello, cookie });
    assert.deepEqual(answersTo(server, messageRecord(HandshakeType.clientHello, body, 0)), []);
    const [answer] = answersTo(server, messageRecord(HandshakeType.clientHello, body, 2));
    assert.equal(firstTypeOf(answer ?? noBytes), 'serverHello');
    assert.equal(answer?.[18], 2, 'the ServerHello has the number of the hello it answers');
  });
});

describe('a client', () => {
  const verifyRequest = (cookie: Uint8Array, messageSeq = 0, version = 0xfeff): Uint8Array =>
    messageRecord(
      HandshakeType.helloVerifyRequest,
      encodeHelloVerifyRequest({ version, cookie }),
      messageSeq,
    );

  test('takes cookies of 0 to 255 bytes and any DTLS version with them (checklist 1, 2)', () => {
    for (const length of [0, 1, 32, 33, 254, 255]) {
      for (const version of [0xfeff, 0xfefd]) {
        const { client, server, world } = pairOf(mode, 3);
        client.endpoint.connect(server.address, mode.client, world.now);
        client.drain(world.now);
        client.endpoint.handle(
          verifyRequest(new Uint8Array(length).fill(9), 0, version),
          server.address,
          world.now,
        );
        const [hello] = client.drain(world.now);
        assert.equal(firstTypeOf(hello?.datagram ?? noBytes), 'clientHello');
      }
    }
  });

  test('answers three HelloVerifyRequests and no more (checklist 6)', () => {
    const { client, server, world } = pairOf(mode, 3);
    client.endpoint.connect(server.address, mode.client, world.now);
    let hellos = client.drain(world.now).length;
    for (let round = 0; round < 10; round += 1) {
      client.endpoint.handle(verifyRequest(Uint8Array.of(round), round), server.address, world.now);
      hellos += client.drain(world.now).length;
    }
    assert.equal(hellos, 4);
  });

  test('passes over a HelloVerifyRequest after the ServerHello, and completes (checklist 6)', () => {
    const { client, server, world } = pairOf(mode, 3);
    world.path = (flying) => {
      const late = { ...flying, datagram: verifyRequest(Uint8Array.of(1, 2, 3), 0) };
      return flying.to === client.address && firstTypeOf(flying.datagram) === 'serverHello'
        ? [flying, late, late]
        : [flying];
    };
    client.endpoint.connect(server.address, mode.client, world.now);
    world.run(5000);
    assert.ok(lastEstablished(client) && lastEstablished(server));
  });
});

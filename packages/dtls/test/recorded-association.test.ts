import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { type Secret, seededRandom, utf8Decode, utf8Encode } from '@dunlin/base';

import { cipherSuites } from '../src/crypto/cipher-suite.ts';
import {
  extendedMasterSecret,
  keyBlock,
  pskPremasterSecret,
  type Role,
  verifyData,
} from '../src/crypto/key-schedule.ts';
import { type HandshakeMessage, Transcript } from '../src/crypto/transcript.ts';
import { Reassembly } from '../src/handshake/reassembly.ts';
import { createRecordCipher } from '../src/record-layer/create-record-cipher.ts';
import { RecordLayer } from '../src/record-layer/record-layer.ts';
import { type Alert, decodeAlert } from '../src/wire/alert.ts';
import { checkChangeCipherSpec } from '../src/wire/change-cipher-spec.ts';
import { type ClientHello, decodeClientHello } from '../src/wire/client-hello.ts';
import { decodeClientKeyExchange } from '../src/wire/client-key-exchange.ts';
import { ContentType } from '../src/wire/content-type.ts';
import { decodeFinished } from '../src/wire/finished.ts';
import { decodeHandshakeFragments } from '../src/wire/handshake-header.ts';
import { HandshakeType } from '../src/wire/handshake-type.ts';
import { decodeHelloVerifyRequest } from '../src/wire/hello-verify-request.ts';
import { decodeRecords, recordReadingDefaults } from '../src/wire/record.ts';
import { decodeServerHello, type ServerHello } from '../src/wire/server-hello.ts';
import { checkServerHelloDone } from '../src/wire/server-hello-done.ts';
import { wellFormed } from './support/codec.ts';
import { hex } from './support/hex.ts';
import { recordedAssociations, recordedText } from './vectors/openssl-psk.ts';

/** Reads an association that others have, as one who knows the pre-shared key. */
class Listener {
  readonly texts: string[] = [];
  readonly alerts: Alert[] = [];
  readonly finished: Role[] = [];
  readonly #records: Readonly<Record<Role, RecordLayer>> = {
    client: new RecordLayer(),
    server: new RecordLayer(),
  };
  readonly #reassemblies: Readonly<Record<Role, Reassembly>> = {
    client: new Reassembly(),
    server: new Reassembly(),
  };
  #transcript = new Transcript();
  #clientHello: ClientHello | undefined;
  #serverHello: ServerHello | undefined;
  #master: Secret | undefined;

  hear(from: Role, datagram: Uint8Array): void {
    const { records, discarded } = decodeRecords(datagram, recordReadingDefaults);
    assert.deepEqual(discarded, []);
    for (const record of records) {
      const opened = this.#records[from].open(record);
      assert.ok(opened.kind === 'content', opened.kind === 'discarded' ? opened.reason : '');
      switch (opened.type) {
        case ContentType.handshake:
          for (const fragment of wellFormed(decodeHandshakeFragments(opened.content))) {
            assert.equal(this.#reassemblies[from].accept(fragment), 'held');
          }
          break;
        case ContentType.applicationData:
          this.texts.push(utf8Decode(opened.content) ?? '');
          break;
        case ContentType.alert:
          this.alerts.push(wellFormed(decodeAlert(opened.content)));
          break;
        case ContentType.changeCipherSpec:
          assert.equal(checkChangeCipherSpec(opened.content), undefined);
          break;
      }
      for (let next = this.#reassemblies[from].take(); next; next = this.#reassemblies[from].take()) {
        this.#understand(from, next);
      }
    }
  }

  #understand(from: Role, message: HandshakeMessage): void {
    const { type, body } = message;
    if (type === HandshakeType.helloVerifyRequest) {
      wellFormed(decodeHelloVerifyRequest(body));
      this.#transcript = new Transcript(); // Neither it nor the hello before it counts (RFC 6347 §4.2.1).
      return;
    }
    if (type === HandshakeType.finished) {
      assert.ok(this.#master);
      const expected = verifyData(this.#master, from, this.#transcript.hash());
      assert.deepEqual(wellFormed(decodeFinished(body)).verifyData, expected);
      this.finished.push(from);
    }
    this.#transcript.append(message);
    if (type === HandshakeType.clientHello) this.#clientHello = wellFormed(decodeClientHello(body));
    if (type === HandshakeType.serverHello) this.#serverHello = wellFormed(decodeServerHello(body));
    if (type === HandshakeType.serverHelloDone) assert.equal(checkServerHelloDone(body), undefined);
    if (type === HandshakeType.clientKeyExchange) this.#takeKeys(body);
  }

  #takeKeys(clientKeyExchange: Uint8Array): void {
    const [client, server] = [this.#clientHello, this.#serverHello];
    assert.ok(client && server);
    const suite = cipherSuites.find(({ code }) => code === server.cipherSuite);
    assert.ok(suite);
    const exchange = wellFormed(decodeClientKeyExchange(clientKeyExchange, suite.keyExchange));
    assert.deepEqual(exchange, { kind: 'psk', identity: utf8Encode('dev1') });
    const premaster = pskPremasterSecret(utf8Encode('secretPSK'));
    this.#master = extendedMasterSecret(premaster, this.#transcript.hash());
    const keys = keyBlock(this.#master, client.random, server.random, suite);
    for (const role of ['client', 'server'] as const) {
      const cipher = createRecordCipher(suite, keys[role], seededRandom(0));
      this.#records[role].protectReading({ cipher, connectionId: '' });
    }
  }
}

describe('an association of another implementation, recorded', () => {
  for (const [suite, datagrams] of Object.entries(recordedAssociations)) {
    it(`is understood from the first hello to the last alert (OpenSSL): ${suite}`, () => {
      const listener = new Listener();
      for (const { from, bytes } of datagrams) listener.hear(from, hex(bytes));
      assert.deepEqual(listener.finished, ['client', 'server']);
      assert.deepEqual(listener.texts, [recordedText]);
      assert.deepEqual(listener.alerts, [
        { level: 1, description: 0 },
        { level: 1, description: 0 },
      ]);
    });
  }
});

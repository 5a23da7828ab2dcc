import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { signWith } from '../../src/crypto/signature.ts';
import type { HandshakeInput } from '../../src/handshake/legal-messages.ts';
import { inputOf } from '../../src/handshake/legal-messages.ts';
import { decodeCertificate, encodeCertificate } from '../../src/wire/certificate.ts';
import { decodeCertificateRequest, encodeCertificateRequest } from '../../src/wire/certificate-request.ts';
import { decodeCertificateVerify, encodeCertificateVerify } from '../../src/wire/certificate-verify.ts';
import { decodeClientHello, encodeClientHello, type ClientHello } from '../../src/wire/client-hello.ts';
import { decodeClientKeyExchange, encodeClientKeyExchange } from '../../src/wire/client-key-exchange.ts';
import { CertificateType } from '../../src/wire/extension/certificate-types.ts';
import { decodeServerHello, encodeServerHello, type ServerHello } from '../../src/wire/server-hello.ts';
import { decodeServerKeyExchange, encodeServerKeyExchange } from '../../src/wire/server-key-exchange.ts';
import { agreeOnTerms, chooseSuite } from '../../src/negotiation/server-choice.ts';
import { negotiationOptionsDefaults } from '../../src/negotiation/handshake-options.ts';
import { makeKeys } from '../support/certificate-authority.ts';
import { alertOf, wellFormed } from '../support/codec.ts';
import { Machines } from '../support/machines.ts';
import { type Mode, modeOf } from '../support/modes.ts';

const psk = modeOf('TLS_PSK_WITH_AES_128_CCM_8');
const ecdhePsk = modeOf('TLS_ECDHE_PSK_WITH_AES_128_CCM_8');
const cbc = modeOf('TLS_PSK_WITH_AES_128_CBC');
const ecdsa = modeOf('TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 with raw');
const certified = modeOf('TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 with cert');

/** Steps a handshake, changes the body of one message on its way, and says how it ends for each side. */
function tampered(
  mode: Mode,
  input: HandshakeInput,
  change: (body: Uint8Array) => Uint8Array,
  resumed?: ConstructorParameters<typeof Machines>[1],
): Machines {
  const machines = new Machines(mode, resumed);
  let isChanged = false;
  do {
    const [next] = machines.pending;
    if (next?.kind === 'message' && inputOf(next.message.type) === input && !isChanged) {
      isChanged = true;
      const body = change(next.message.body);
      machines.pending[0] = { ...next, message: { ...next.message, body } };
    }
  } while (machines.step());
  assert.ok(isChanged, `there is a ${input}`);
  return machines;
}

/** The first alert of a role, which must not have completed. */
function alertOfRole(machines: Machines, role: 'client' | 'server'): number {
  assert.equal(machines.completed[role], undefined);
  const failure = machines.failures.find((text) => text.startsWith(role));
  return Number(/: (\d+)/.exec(failure ?? '')?.[1] ?? -1);
}

function changedServerHello(change: (hello: ServerHello) => ServerHello): (body: Uint8Array) => Uint8Array {
  return (body) => encodeServerHello(change(wellFormed(decodeServerHello(body))));
}

describe('a client refuses a ServerHello (RFC 5246 §7.4.1.3, checklist 20)', () => {
  const cases: Readonly<
    Record<string, { mode?: Mode; alert: number; change: (hello: ServerHello) => ServerHello }>
  > = {
    'of DTLS 1.0': { alert: 70, change: (hello) => ({ ...hello, version: 0xfeff }) },
    'of DTLS 1.3, as if by downgrade': { alert: 70, change: (hello) => ({ ...hello, version: 0xfefc }) },
    'with a suite that was not offered': {
      alert: 47,
      change: (hello) => ({ ...hello, cipherSuite: 0x00a8 }),
    },
    'with the null suite': { alert: 47, change: (hello) => ({ ...hello, cipherSuite: 0 }) },
    'with an extension that was not offered': {
      alert: 110,
      change: (hello) => ({ ...hello, extensions: { ...hello.extensions, connectionId: Uint8Array.of(1) } }),
    },
    'with a ticket that was not asked for': {
      alert: 110,
      change: (hello) => ({ ...hello, extensions: { ...hello.extensions, sessionTicket: true } }),
    },
    'without extended_master_secret (checklist 21)': {
      alert: 40,
      change: ({ extensions: { extendedMasterSecret: _absent, ...extensions }, ...hello }) => ({
        ...hello,
        extensions,
      }),
    },
    'of a CBC suite without encrypt_then_mac (checklist 14)': {
      mode: cbc,
      alert: 40,
      change: ({ extensions: { encryptThenMac: _absent, ...extensions }, ...hello }) => ({
        ...hello,
        extensions,
      }),
    },
    'that claims to renegotiate (RFC 5746 §3.4, checklist 23)': {
      alert: 40,
      change: (hello) => ({
        ...hello,
        extensions: { ...hello.extensions, renegotiationInfo: Uint8Array.of(1) },
      }),
    },
    'with a certificate type that was not offered (RFC 7250 §4.2)': {
      mode: ecdsa,
      alert: 47,
      change: (hello) => ({
        ...hello,
        extensions: { ...hello.extensions, serverCertificateType: CertificateType.x509 },
      }),
    },
    'that asks for a certificate, where the client has a raw public key (RFC 7250 §4.2)': {
      mode: ecdsa,
      alert: 43,
      change: ({ extensions: { clientCertificateType: _absent, ...extensions }, ...hello }) => ({
        ...hello,
        extensions,
      }),
    },
    'without uncompressed points (RFC 8422 §5.2)': {
      mode: ecdsa,
      alert: 47,
      change: (hello) => ({ ...hello, extensions: { ...hello.extensions, ecPointFormats: [1] } }),
    },
  };
  for (const [what, { mode = psk, alert, change }] of Object.entries(cases)) {
    test(what, () => {
      assert.equal(alertOfRole(tampered(mode, 'serverHello', changedServerHello(change)), 'client'), alert);
    });
  }

  test('with compression, or with an extension twice', () => {
    const withCompression = (body: Uint8Array): Uint8Array => {
      const changed = body.slice();
      const at = 2 + 32 + 1 + (body[34] ?? 0) + 2;
      changed[at] = 1;
      return changed;
    };
    assert.equal(alertOfRole(tampered(psk, 'serverHello', withCompression), 'client'), 47);
    const twice = (body: Uint8Array): Uint8Array => {
      const start = 2 + 32 + 1 + (body[34] ?? 0) + 3;
      const block = body.subarray(start + 2);
      return Uint8Array.from([...body.subarray(0, start), 0, block.length * 2, ...block, ...block]);
    };
    assert.equal(alertOfRole(tampered(psk, 'serverHello', twice), 'client'), 47);
  });

  test('that resumes with or without extended_master_secret, unlike before (RFC 7627 §5.3, checklist 21)', () => {
    const first = new Machines(psk);
    while (first.step());
    const { client, server } = first.completed;
    assert.ok(client && server);
    const resumed = { client: { ...client, hasExtendedMasterSecret: false }, server };
    assert.equal(
      alertOfRole(
        tampered(psk, 'serverHello', (body) => body, resumed),
        'client',
      ),
      40,
    );
  });
});

describe('a client refuses key exchanges', () => {
  const changedExchange =
    (change: (exchange: ReturnType<typeof exchangeIn>) => ReturnType<typeof exchangeIn>) =>
    (body: Uint8Array): Uint8Array =>
      encodeServerKeyExchange(change(exchangeIn(body)));
  const exchangeIn = (
    body: Uint8Array,
  ): Extract<ReturnType<typeof decodeServerKeyExchange>, { kind: 'ecdhe-ecdsa' }> => {
    const exchange = wellFormed(decodeServerKeyExchange(body, 'ecdhe-ecdsa'));
    assert.ok(exchange.kind === 'ecdhe-ecdsa');
    return exchange;
  };

  test('whose signature is wrong (CVE-2021-34433, checklist 19)', () => {
    const flipped = changedExchange((exchange) => ({
      ...exchange,
      signature: exchange.signature.map((byte, index) => (index === 20 ? byte ^ 1 : byte)),
    }));
    assert.equal(alertOfRole(tampered(ecdsa, 'serverKeyExchange', flipped), 'client'), 51);
  });

  test('whose parameters were signed by another key (checklist 19)', () => {
    const foreign = changedExchange((exchange) => ({
      ...exchange,
      signature: signWith(makeKeys().privateKey, 0x0403, new Uint8Array(10)),
    }));
    assert.equal(alertOfRole(tampered(ecdsa, 'serverKeyExchange', foreign), 'client'), 51);
  });

  test('whose key was exchanged for another one (checklist 19)', () => {
    const other = changedExchange((exchange) => {
      const publicKey = exchange.parameters.publicKey.slice();
      publicKey[5] = (publicKey[5] ?? 0) ^ 1;
      return { ...exchange, parameters: { ...exchange.parameters, publicKey } };
    });
    assert.equal(alertOfRole(tampered(ecdsa, 'serverKeyExchange', other), 'client'), 51);
  });

  test('signed with an algorithm that was not offered: SHA-1, RSA, none (checklist 19)', () => {
    for (const signatureScheme of [0x0203, 0x0401, 0x0003, 0x0400]) {
      const weak = changedExchange((exchange) => ({ ...exchange, signatureScheme }));
      assert.equal(alertOfRole(tampered(ecdsa, 'serverKeyExchange', weak), 'client'), 47);
    }
  });

  test('of a group that was not offered, or with a point off its curve (checklist 19)', () => {
    const change =
      (group: number, first: number) =>
      (body: Uint8Array): Uint8Array => {
        const exchange = wellFormed(decodeServerKeyExchange(body, 'ecdhe-psk'));
        assert.ok(exchange.kind === 'ecdhe-psk');
        const publicKey = exchange.parameters.publicKey.slice();
        publicKey[0] = first;
        if (first === 4) publicKey[7] = (publicKey[7] ?? 0) ^ 1;
        return encodeServerKeyExchange({ ...exchange, parameters: { group, publicKey } });
      };
    assert.equal(alertOfRole(tampered(ecdhePsk, 'serverKeyExchange', change(25, 4)), 'client'), 47);
    assert.equal(alertOfRole(tampered(ecdhePsk, 'serverKeyExchange', change(23, 2)), 'client'), 47);
    assert.equal(alertOfRole(tampered(ecdhePsk, 'serverKeyExchange', change(23, 4)), 'client'), 47);
  });

  test('of a CertificateRequest that our key cannot answer', () => {
    const change = (body: Uint8Array): Uint8Array =>
      encodeCertificateRequest({
        ...wellFormed(decodeCertificateRequest(body)),
        signatureAlgorithms: [0x0401],
      });
    assert.equal(alertOfRole(tampered(ecdsa, 'certificateRequest', change), 'client'), 40);
  });
});

describe('a server refuses', () => {
  test('a client without a certificate or key (checklist 17, 19)', () => {
    const chain = (): Uint8Array => encodeCertificate({ kind: 'x509', chain: [] });
    const key = (): Uint8Array =>
      encodeCertificate({ kind: 'raw-public-key', subjectPublicKeyInfo: new Uint8Array(0) });
    const fromClient = (mode: Mode, body: () => Uint8Array): Machines => tamperedSecond(mode, body);
    assert.equal(alertOfRole(fromClient(certified, chain), 'server'), 40);
    assert.equal(alertOfRole(fromClient(ecdsa, key), 'server'), 40);
  });

  test('a CertificateVerify that is wrong, or of an algorithm not asked for (checklist 19)', () => {
    const change =
      (scheme: number | undefined) =>
      (body: Uint8Array): Uint8Array => {
        const verify = wellFormed(decodeCertificateVerify(body));
        const signature = verify.signature.map((byte, index) => (index === 20 ? byte ^ 1 : byte));
        return encodeCertificateVerify({ signatureScheme: scheme ?? verify.signatureScheme, signature });
      };
    assert.equal(alertOfRole(tampered(ecdsa, 'certificateVerify', change(undefined)), 'server'), 51);
    assert.equal(alertOfRole(tampered(ecdsa, 'certificateVerify', change(0x0203)), 'server'), 47);
  });

  test('a key that is not the client’s: its certificate exchanged on the way (checklist 19)', () => {
    const other = makeKeys().publicKey.export({ format: 'der', type: 'spki' });
    const body = encodeCertificate({ kind: 'raw-public-key', subjectPublicKeyInfo: Uint8Array.from(other) });
    assert.equal(
      alertOfRole(
        tamperedSecond(ecdsa, () => body),
        'server',
      ),
      51,
    );
  });

  test('a key exchange with a point off its curve, in all modes with groups (checklist 19)', () => {
    for (const mode of [ecdhePsk, ecdsa]) {
      const change = (body: Uint8Array): Uint8Array => {
        const exchange = wellFormed(decodeClientKeyExchange(body, mode.suite.keyExchange));
        assert.ok(exchange.kind !== 'psk');
        const publicKey = exchange.publicKey.map((byte, index) => (index === 9 ? byte ^ 1 : byte));
        return encodeClientKeyExchange({ ...exchange, publicKey });
      };
      assert.equal(alertOfRole(tampered(mode, 'clientKeyExchange', change), 'server'), 47);
    }
  });

  test('a Finished that is wrong in any bit, on both sides (checklist 18)', () => {
    for (const role of ['client', 'server'] as const) {
      for (let bit = 0; bit < 96; bit += 1) {
        let seen = 0;
        const flip = (body: Uint8Array): Uint8Array => {
          seen += 1;
          return body.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        };
        const machines = role === 'server' ? tampered(psk, 'finished', flip) : tamperedLast(psk, flip);
        assert.equal(alertOfRole(machines, role), 51);
        assert.equal(seen, 1);
      }
    }
  });

  /** Changes the Certificate of the client, which is the second one. */
  function tamperedSecond(mode: Mode, change: (body: Uint8Array) => Uint8Array): Machines {
    return tamperedFor(mode, 'certificate', 'server', change);
  }

  /** Changes the Finished of the server. */
  function tamperedLast(mode: Mode, change: (body: Uint8Array) => Uint8Array): Machines {
    return tamperedFor(mode, 'finished', 'client', change);
  }

  function tamperedFor(
    mode: Mode,
    input: HandshakeInput,
    to: 'client' | 'server',
    change: (body: Uint8Array) => Uint8Array,
  ): Machines {
    const machines = new Machines(mode);
    do {
      const [next] = machines.pending;
      if (next?.kind === 'message' && next.to === to && inputOf(next.message.type) === input) {
        machines.pending[0] = { ...next, message: { ...next.message, body: change(next.message.body) } };
      }
    } while (machines.step());
    return machines;
  }
});

describe('any byte of any message changed on its way', () => {
  for (const mode of [psk, ecdhePsk, ecdsa]) {
    test(`never lets both sides complete: ${mode.suite.name} (checklist 18)`, () => {
      const lengths: number[] = [];
      const count = new Machines(mode);
      do {
        const [next] = count.pending;
        lengths.push(next?.kind === 'message' ? next.message.body.length : 0);
      } while (count.step());
      const stride = mode === ecdsa ? 11 : 3;
      for (const [at, length] of lengths.entries()) {
        for (let byte = 0; byte < length; byte += stride) {
          const machines = new Machines(mode);
          for (let step = 0; step < at; step += 1) machines.step();
          const [next] = machines.pending;
          assert.ok(next?.kind === 'message');
          const body = next.message.body.slice();
          if (byte >= body.length) continue; // Signatures are not always of the same length.
          body[byte] = (body[byte] ?? 0) ^ 0x41;
          const { messageSeq, type } = next.message;
          machines.pending[0] = { ...next, message: { messageSeq, type, body } };
          try {
            while (machines.step());
          } catch (error) {
            // The harness itself does not start a server for a hello that is refused.
            if (at > 0) throw error;
          }
          const { client, server } = machines.completed;
          assert.ok(client === undefined || server === undefined, `byte ${byte} of step ${at}`);
        }
      }
    });
  }
});

describe('a server that negotiates (checklist 20)', () => {
  const hello = (): ClientHello => {
    const machines = new Machines(ecdsa);
    const [first] = machines.pending;
    assert.ok(first?.kind === 'message');
    return wellFormed(decodeClientHello(first.message.body));
  };
  const terms = (change: Partial<ClientHello>): unknown =>
    agreeOnTerms({ ...hello(), ...change }, negotiationOptionsDefaults);
  const suite = (change: Partial<ClientHello['extensions']>, rest: Partial<ClientHello> = {}): unknown =>
    chooseSuite(
      { ...hello(), ...rest, extensions: { ...hello().extensions, ...change } },
      ecdsa.server.credentials ?? {},
      { ...negotiationOptionsDefaults },
    );

  test('refuses DTLS 1.0 and versions that are none, and takes newer ones for 1.2', () => {
    assert.equal(alertOf(terms({ version: 0xfeff })), 70);
    assert.equal(alertOf(terms({ version: 0x0303 })), 70);
    wellFormed(terms({ version: 0xfefc }));
  });

  test('refuses a client without extended_master_secret unless told otherwise (RFC 7627 §5.3, checklist 21)', () => {
    assert.equal(alertOf(terms({ extensions: {} })), 40);
    const lenient = { ...negotiationOptionsDefaults, requiresExtendedMasterSecret: false };
    wellFormed(agreeOnTerms({ ...hello(), extensions: {} }, lenient));
  });

  test('refuses an initial handshake that claims to renegotiate (RFC 5746 §3.6, checklist 23)', () => {
    assert.equal(
      alertOf(terms({ extensions: { ...hello().extensions, renegotiationInfo: Uint8Array.of(1) } })),
      40,
    );
  });

  test('refuses what has no suite, group, signature, point format or certificate type in common', () => {
    assert.equal(alertOf(suite({}, { cipherSuites: [0x1301, 0xc009] })), 40);
    assert.equal(alertOf(suite({ supportedGroups: [0x0100] })), 40);
    assert.equal(alertOf(suite({ signatureAlgorithms: [0x0401, 0x0203] })), 40);
    assert.equal(alertOf(suite({ ecPointFormats: [1, 2] })), 47);
    assert.equal(alertOf(suite({ serverCertificateTypes: [CertificateType.x509] })), 43);
    assert.equal(alertOf(suite({ clientCertificateTypes: [1] })), 43);
    assert.equal(alertOf(suite({ supportedGroups: [29] })), 40, 'its own key is on P-256');
  });

  test('chooses no CBC suite without encrypt_then_mac (RFC 7366 §3, checklist 14)', () => {
    assert.equal(alertOf(suite({}, { cipherSuites: [0xc023] })), 40);
    wellFormed(suite({ encryptThenMac: true }, { cipherSuites: [0xc023] }));
  });

  test('passes over code points it does not know (RFC 8701)', () => {
    const grease = {
      supportedGroups: [0x0a0a, 23],
      signatureAlgorithms: [0x0a0a, 0x0403],
      clientCertificateTypes: [77, 2],
    };
    wellFormed(suite(grease, { cipherSuites: [0x0a0a, 0xc0ae] }));
  });
});

test('a Certificate of the other type than was agreed on is refused (checklist 20)', () => {
  const change = (body: Uint8Array): Uint8Array => {
    const certificate = wellFormed(decodeCertificate(body, CertificateType.rawPublicKey));
    assert.ok(certificate.kind === 'raw-public-key');
    return encodeCertificate({ kind: 'x509', chain: [certificate.subjectPublicKeyInfo] });
  };
  const machines = tampered(ecdsa, 'certificate', change);
  assert.ok([42, 43, 50].includes(alertOfRole(machines, 'client')));
});

test('a second hello may not change what the first one offered without the transcript showing it (checklist 18)', () => {
  const change = (body: Uint8Array): Uint8Array => {
    const hello = wellFormed(decodeClientHello(body));
    return encodeClientHello({ ...hello, cipherSuites: [...hello.cipherSuites, 0x1234] });
  };
  const machines = tampered(psk, 'clientHello', change);
  assert.deepEqual([machines.completed.client, machines.completed.server], [undefined, undefined]);
});

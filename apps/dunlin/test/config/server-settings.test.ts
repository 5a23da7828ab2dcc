import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  serverSettings,
  settingsFromEnvironment,
  settingsFromFile,
} from '../../src/config/server-settings.ts';
import { isLoopback, parseSocketAddress } from '../../src/config/socket-address.ts';

const from = (name: string, texts: Parameters<typeof serverSettings>[0][number]['texts']) => ({
  name,
  texts,
});

describe('settings of the history', () => {
  const settings = (text: string) =>
    serverSettings([{ name: 'file', texts: settingsFromFile(text, 'dunlin.toml') }]).history;

  it('say how old values become and how many there are of a path', () => {
    assert.deepEqual(settings('[history]\nage = "12h"\nsamples = 500\nsize = "300 MiB"'), {
      age: 43_200_000,
      samples: 500,
      size: 314_572_800,
    });
    assert.deepEqual(settings('[history]\nage = "none"'), {
      age: undefined,
      samples: 100_000,
      size: 2 ** 31,
    });
    const environment = settingsFromEnvironment({ DUNLIN_HISTORY_SIZE: '1 GiB' });
    assert.equal(serverSettings([{ name: 'environment', texts: environment }]).history.size, 2 ** 30);
  });

  for (const [text, reason] of [
    ['age = "soon"', /history-age \(file\): "soon" is neither none nor a time/],
    ['age = "0d"', /history-age/],
    ['samples = 0', /history-samples/],
    ['size = "much"', /history-size \(file\): "much" is not a size such as/],
    ['days = 3', /history\.days is not a setting/],
  ] as const)
    it(`refuse ${text}`, () => {
      assert.throws(() => settings(`[history]\n${text}`), reason);
    });
});

describe('settings of the server', () => {
  it('are CoAP on 5683, CoAPs on 5684, bootstrap on 5783 and 5784, HTTP on loopback 8080 and ./dunlin-data by default', () => {
    assert.deepEqual(serverSettings([]), {
      coap: [{ host: '0.0.0.0', port: 5683 }],
      coaps: [{ host: '0.0.0.0', port: 5684 }],
      bootstrapCoap: [{ host: '0.0.0.0', port: 5783 }],
      bootstrapCoaps: [{ host: '0.0.0.0', port: 5784 }],
      http: { host: '127.0.0.1', port: 8080 },
      httpNames: [],
      reuseToken: [],
      serving: {
        tls: undefined,
        proxies: [],
        metricsAccess: 'viewer',
        auditDays: 90,
        sessions: { idle: 8 * 3_600_000, lifetime: 7 * 86_400_000 },
      },
      data: './dunlin-data',
      serverKey: undefined,
      serverCertificate: undefined,
      bootstrapKey: undefined,
      bootstrapCertificate: undefined,
      masterKeyFile: undefined,
      extendedMasterSecret: 'required',
      keyLog: undefined,
      readFacts: true,
      history: { age: 30 * 86_400_000, samples: 100_000, size: 2 ** 31 },
      sms: undefined,
      logLevel: 'info',
      firmware: {
        uris: [],
        http: undefined,
        https: undefined,
        imageSize: 268_435_456,
        totalSize: 10_737_418_240,
      },
    });
  });

  it('come from flags over environment over file', () => {
    const settings = serverSettings([
      from('flag', { http: ':1' }),
      from(
        'environment',
        settingsFromEnvironment({ DUNLIN_HTTP: ':2', DUNLIN_DATA: '/env', DUNLIN_COAP: '' }),
      ),
      from(
        'file',
        settingsFromFile('http = ":3"\ndata = "/file"\ncoap = "[::1]:3"\nlog-level = "warn"', 'dunlin.toml'),
      ),
    ]);
    assert.deepEqual(settings.http, { host: '0.0.0.0', port: 1 });
    assert.equal(settings.data, '/env');
    assert.deepEqual(settings.coap, [{ host: '::1', port: 3 }]);
    assert.equal(settings.logLevel, 'warn');
  });

  it('take several CoAP addresses: flags repeated, commas in the environment, a list in the file', () => {
    const wanted = [
      { host: '127.0.0.1', port: 0 },
      { host: '::1', port: 0 },
    ];
    for (const texts of [
      { coap: ['127.0.0.1:0', '[::1]:0'] },
      settingsFromEnvironment({ DUNLIN_COAP: '127.0.0.1:0, [::1]:0' }),
      settingsFromFile('coap = ["127.0.0.1:0", "[::1]:0"]', 'dunlin.toml'),
    ]) {
      assert.deepEqual(serverSettings([from('x', texts)]).coap, wanted);
    }
  });

  it('take CoAP over DTLS as they take CoAP, and none for no address of either', () => {
    for (const texts of [
      { coap: ['none'], coaps: ['127.0.0.1:0'] },
      settingsFromEnvironment({ DUNLIN_COAP: 'none', DUNLIN_COAPS: '127.0.0.1:0' }),
      settingsFromFile('coap = "none"\ncoaps = "127.0.0.1:0"', 'dunlin.toml'),
    ]) {
      const { coap, coaps } = serverSettings([from('x', texts)]);
      assert.deepEqual({ coap, coaps }, { coap: [], coaps: [{ host: '127.0.0.1', port: 0 }] });
    }
    assert.throws(() => serverSettings([from('flag', { coap: ['none'], coaps: ['none'] })]), {
      exitCode: 2,
      message: /both none: no device could reach the server$/,
    });
  });

  it('take the addresses of the Bootstrap-Server as they take those of the server', () => {
    for (const texts of [
      { bootstrapCoap: ['127.0.0.1:0', '[::1]:0'], bootstrapCoaps: ['none'] },
      settingsFromEnvironment({
        DUNLIN_BOOTSTRAP_COAP: '127.0.0.1:0, [::1]:0',
        DUNLIN_BOOTSTRAP_COAPS: 'none',
      }),
      settingsFromFile(
        'bootstrap-coap = ["127.0.0.1:0", "[::1]:0"]\nbootstrap-coaps = "none"',
        'dunlin.toml',
      ),
    ]) {
      const { bootstrapCoap, bootstrapCoaps } = serverSettings([from('x', texts)]);
      assert.deepEqual(bootstrapCoap, [
        { host: '127.0.0.1', port: 0 },
        { host: '::1', port: 0 },
      ]);
      assert.deepEqual(bootstrapCoaps, []);
    }
    assert.throws(() => serverSettings([from('flag', { bootstrapCoaps: ['5784'] })]), {
      exitCode: 2,
      message: /^bootstrap-coaps \(flag\): "5784" is not an address/,
    });
  });

  it('let a server run without a Bootstrap-Server, and a Bootstrap-Server without a server, but nothing that listens nowhere', () => {
    const noBootstrap = [from('flag', { bootstrapCoap: ['none'], bootstrapCoaps: ['none'] })];
    const noServer = [from('flag', { coap: ['none'], coaps: ['none'] })];
    assert.deepEqual(serverSettings(noBootstrap).bootstrapCoap, []);
    assert.deepEqual(serverSettings(noServer, 'bootstrap-server').coap, []);
    assert.throws(() => serverSettings(noBootstrap, 'bootstrap-server'), {
      exitCode: 2,
      message:
        /^bootstrap-coap and bootstrap-coaps are both none: no device could reach the bootstrap-server$/,
    });
  });

  it('name the files of keys and certificates in every source, the key log as a flag only', () => {
    const files = {
      serverKey: 'key',
      serverCertificate: 'certificate',
      bootstrapKey: 'other key',
      bootstrapCertificate: 'other certificate',
      masterKeyFile: 'master',
    };
    const env = {
      DUNLIN_SERVER_KEY: 'key',
      DUNLIN_SERVER_CERTIFICATE: 'certificate',
      DUNLIN_BOOTSTRAP_KEY: 'other key',
      DUNLIN_BOOTSTRAP_CERTIFICATE: 'other certificate',
      DUNLIN_MASTER_KEY_FILE: 'master',
      DUNLIN_KEY_LOG: 'keys',
    };
    const toml =
      'server-key = "key"\nserver-certificate = "certificate"\nbootstrap-key = "other key"\n' +
      'bootstrap-certificate = "other certificate"\nmaster-key-file = "master"';
    for (const texts of [files, settingsFromEnvironment(env), settingsFromFile(toml, 'dunlin.toml')]) {
      const settings = serverSettings([from('x', texts)]);
      for (const name of Object.keys(files) as (keyof typeof files)[])
        assert.equal(settings[name], files[name], name);
      assert.equal(settings.keyLog, undefined);
    }
    assert.equal(serverSettings([from('flag', { keyLog: 'keys' })]).keyLog, 'keys');
    assert.throws(() => settingsFromFile('key-log = "keys"', 'dunlin.toml'), { exitCode: 2 });
  });

  it('require the extended master secret of DTLS unless they say otherwise (RFC 7627 §5.3)', () => {
    const texts = [
      { extendedMasterSecret: 'optional' },
      settingsFromEnvironment({ DUNLIN_EXTENDED_MASTER_SECRET: 'optional' }),
      settingsFromFile('extended-master-secret = "optional"', 'dunlin.toml'),
    ];
    for (const source of texts)
      assert.equal(serverSettings([from('x', source)]).extendedMasterSecret, 'optional');
    assert.throws(() => serverSettings([from('x', { extendedMasterSecret: 'never' })]), {
      message: 'extended-master-secret (x): "never" is not one of required, optional',
    });
  });

  it('refuse a certificate without its key', () => {
    assert.throws(() => serverSettings([from('flag', { serverCertificate: 'certificate.pem' })]), {
      exitCode: 2,
      message: /^server-certificate needs server-key/,
    });
    assert.throws(() => serverSettings([from('flag', { bootstrapCertificate: 'certificate.pem' })]), {
      exitCode: 2,
      message: /^bootstrap-certificate needs bootstrap-key/,
    });
  });

  for (const [toml, message] of [
    ['dtaa = "x"', /^dunlin\.toml: dtaa is not a setting; did you mean data\?$/],
    [
      'colour = "x"',
      /^dunlin\.toml: colour is not a setting; there are coap, coaps, bootstrap-coap, bootstrap-coaps, http/,
    ],
    ['data = 5', /^dunlin\.toml: data must be string$/],
    ['data = ', /^dunlin\.toml:1:\d+: /],
    ['coap = []', /^dunlin\.toml: coap /],
  ] as const) {
    it(`refuse ${toml}`, () => {
      assert.throws(() => settingsFromFile(toml, 'dunlin.toml'), { exitCode: 2, message });
    });
  }

  it('refuse an empty data folder: the current one is "."', () => {
    assert.throws(() => serverSettings([from('flag', { data: '' })]), {
      exitCode: 2,
      message: /^data \(flag\): no folder is named/,
    });
  });

  it('refuse a wrong address or level, saying where it was set', () => {
    assert.throws(() => serverSettings([from('environment', { http: 'here' })]), {
      exitCode: 2,
      message: /^http \(environment\): "here" is not an address such as/,
    });
    assert.throws(() => serverSettings([from('file', { logLevel: 'inof' })]), {
      exitCode: 2,
      message: /did you mean info\?$/,
    });
  });
});

describe('socket addresses', () => {
  for (const [text, address] of [
    ['127.0.0.1:5683', { host: '127.0.0.1', port: 5683 }],
    ['[::1]:5683', { host: '::1', port: 5683 }],
    ['[::]:0', { host: '::', port: 0 }],
    ['localhost:80', { host: '127.0.0.1', port: 80 }],
    [':80', { host: '0.0.0.0', port: 80 }],
    ['::1:80', undefined],
    ['127.0.0.1', undefined],
    ['127.0.0.1:65536', undefined],
    ['127.0.0.1:-1', undefined],
    ['300.0.0.1:1', undefined],
    ['[127.0.0.1]:1', undefined],
    ['example.org:1', undefined],
    ['', undefined],
  ] as const) {
    it(`${JSON.stringify(text)} is ${JSON.stringify(address)}`, () => {
      assert.deepEqual(parseSocketAddress(text), address);
    });
  }

  it('know what only this machine reaches', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1']) assert.equal(isLoopback(host), true);
    for (const host of ['0.0.0.0', '::', '192.0.2.1']) assert.equal(isLoopback(host), false);
  });
});

describe('settings of HTTP', () => {
  const settings = (texts: Parameters<typeof from>[1]) => serverSettings([from('flag', texts)]).serving;

  it('take a certificate with its key, and neither alone', () => {
    assert.deepEqual(settings({ httpCertificate: 'a.crt', httpKey: 'a.key' }).tls, {
      certificate: 'a.crt',
      key: 'a.key',
    });
    for (const texts of [{ httpCertificate: 'a.crt' }, { httpKey: 'a.key' }]) {
      assert.throws(() => settings(texts), /http-certificate and http-key go together/);
    }
  });

  it('take addresses and networks of proxies, and nothing else', () => {
    const proxies = ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'];
    assert.deepEqual(settings({ httpProxies: proxies }).proxies, proxies);
    for (const wrong of ['proxy.example', '10.0.0.0/33', '10.0.0.0/x', '10.0.0/8', '', '1.2.3.4/8/8']) {
      assert.throws(() => settings({ httpProxies: [wrong] }), /http-proxies \(flag\)/, wrong);
    }
  });

  it('keep the audit log for a number of days', () => {
    assert.equal(settings({ auditDays: '30' }).auditDays, 30);
    for (const wrong of ['0', '-1', '1.5', 'x', '99999']) {
      assert.throws(() => settings({ auditDays: wrong }), /audit-days \(flag\).*days from 1 to 3660/);
    }
  });

  it('say how long sessions last', () => {
    const { sessions } = settings({ sessionIdle: '30m', sessionLifetime: '12h' });
    assert.deepEqual(sessions, { idle: 30 * 60_000, lifetime: 12 * 3_600_000 });
    for (const wrong of ['', '0h', '8', '401d', 'never']) {
      assert.throws(() => settings({ sessionIdle: wrong }), /session-idle \(flag\).*such as 30m/, wrong);
    }
  });

  it('let viewers or anyone read metrics', () => {
    assert.equal(settings({ metricsAccess: 'anyone' }).metricsAccess, 'anyone');
    assert.throws(() => settings({ metricsAccess: 'anyon' }), /metrics-access.*did you mean anyone\?/);
  });
});

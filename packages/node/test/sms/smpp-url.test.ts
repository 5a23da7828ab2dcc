import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Secret, UsageError, utf8Encode } from '@dunlin/base';
import { smpp } from '@dunlin/node';

import { readSmppUrl } from '../../src/sms/smpp-url.ts';

describe('the URL of a message centre', () => {
  for (const [url, host, port, isSecure] of [
    ['smpp://smsc.example', 'smsc.example', 2775, false],
    ['smpps://smsc.example/', 'smsc.example', 3550, true],
    ['smpp://127.0.0.1:2776', '127.0.0.1', 2776, false],
    ['smpps://[2001:db8::1]:443', '2001:db8::1', 443, true],
  ] as const) {
    it(`is read from ${url}, with the registered port where it has none`, () => {
      assert.deepEqual(readSmppUrl(url), { host, port, isSecure });
    });
  }

  for (const url of [
    '',
    'smsc.example:2775',
    'http://smsc.example',
    'smpp:',
    'smpp://',
    'smpp://smsc.example:99999',
    'smpp://lwm2m:s3cret@smsc.example',
    'smpp://smsc.example/s3cret',
    'smpp://smsc.example?password=s3cret',
  ]) {
    it(`is not ${url === '' ? 'empty' : url}, and is not repeated in the error`, () => {
      assert.throws(
        () => readSmppUrl(url),
        (error) => error instanceof UsageError && !error.message.includes('s3cret'),
      );
    });
  }
});

describe('smpp()', () => {
  const account = { systemId: 'lwm2m', password: new Secret(utf8Encode('s3cret')) };

  it('is idle until it is started', async () => {
    await using carrier = smpp({ url: 'smpp://127.0.0.1:1', ...account });
    assert.deepEqual(carrier.status, { kind: 'stopped' });
  });

  it('refuses certificates for a message centre without TLS', () => {
    assert.throws(() => smpp({ url: 'smpp://smsc.example', tls: { ca: 'x' }, ...account }), UsageError);
  });
});

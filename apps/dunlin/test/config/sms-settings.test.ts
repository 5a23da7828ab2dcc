import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  serverSettings,
  settingsFromEnvironment,
  settingsFromFile,
  type SettingTexts,
} from '../../src/config/server-settings.ts';
import type { SmsSettings } from '../../src/config/sms-settings.ts';

function from(...texts: readonly SettingTexts[]): SmsSettings | undefined {
  return serverSettings(texts.map((each) => ({ name: 'test', texts: each }))).sms;
}

const account = { smpp: 'smpp://smsc.example', smppSystemId: 'lwm2m', smsNumber: '10690' };

describe('settings of short messages', () => {
  it('are none without a message centre', () => {
    assert.equal(from({}), undefined);
    assert.equal(from({ smpp: 'none' }), undefined);
    assert.equal(from(settingsFromFile('[sms]\nper-day = 5', 'dunlin.toml')), undefined);
  });

  it('are careful by default: provisioned numbers, triggers only without DTLS, small budgets', () => {
    assert.deepEqual(from(account), {
      smpp: 'smpp://smsc.example',
      systemId: 'lwm2m',
      systemType: '',
      passwordFile: undefined,
      caFile: undefined,
      serverName: undefined,
      number: '10690',
      numberType: 0,
      countryCode: undefined,
      policy: 'provisioned',
      unprotected: 'triggers',
      maxParts: 3,
      window: 10,
      dataCoding: 4,
      validityFormat: 'relative',
      perSecond: 1,
      perDay: 1000,
      perDevicePerDay: 20,
      answersPerDay: 200,
      answersPerDevicePerDay: 20,
    });
  });

  it('come from flags, the environment and a file, in this order', () => {
    const environment = settingsFromEnvironment({
      DUNLIN_SMPP: 'smpp://environment.example',
      DUNLIN_SMPP_SYSTEM_ID: 'from-environment',
      DUNLIN_SMPP_PASSWORD_FILE: '/run/secrets/smpp',
      DUNLIN_SMS_NUMBER: '',
    });
    const file = settingsFromFile(
      [
        '[sms]',
        'smpp = "smpps://file.example:3551"',
        'system-id = "from-file"',
        'number = "+49 170 0000000"',
        'numbers = ["4917", "4915"]',
        'unprotected = "nothing"',
        'country-code = "49"',
        'per-second = 0.5',
        'per-day = 5000',
        'validity = "absolute"',
      ].join('\n'),
      'dunlin.toml',
    );
    const settings = from({ smpp: 'smpp://flag.example' }, environment, file);
    assert.deepEqual(
      [settings?.smpp, settings?.systemId, settings?.passwordFile, settings?.number],
      ['smpp://flag.example', 'from-environment', '/run/secrets/smpp', '491700000000'],
    );
    assert.deepEqual(
      [settings?.policy, settings?.unprotected, settings?.perSecond, settings?.perDay, settings?.countryCode],
      [{ prefixes: ['4917', '4915'] }, 'nothing', 0.5, 5000, '49'],
    );
    assert.equal(settings?.validityFormat, 'absolute');
  });

  it('name who vouches for a message centre over TLS, and only then', () => {
    const file = settingsFromFile('[sms]\nca-file = "/etc/ca.pem"\nserver-name = "smsc"', 'dunlin.toml');
    const settings = from({ ...account, smpp: 'smpps://smsc.example' }, file);
    assert.deepEqual([settings?.caFile, settings?.serverName], ['/etc/ca.pem', 'smsc']);
    assert.throws(() => from(account, file), { message: /sms\.ca-file is for message centres at smpps:/ });
  });

  it('are all that a server needs: it may listen nowhere else', () => {
    const texts = { ...account, coap: ['none'], coaps: ['none'] };
    assert.ok(from(texts) !== undefined);
  });

  const wrong: readonly (readonly [what: string, texts: SettingTexts, message: RegExp])[] = [
    ['without a number', { ...account, smsNumber: undefined }, /smpp needs sms-number/],
    ['without an account', { ...account, smppSystemId: undefined }, /smpp needs smpp-system-id/],
    ['with a number that is none', { ...account, smsNumber: 'Acme' }, /"Acme" is no number/],
    ['with another scheme', { ...account, smpp: 'http://smsc.example' }, /no URL such as smpp:/],
    ['with no URL', { ...account, smpp: 'smsc' }, /no URL such as smpp:/],
  ];
  for (const [what, texts, message] of wrong) {
    it(`are refused ${what}`, () => {
      assert.throws(() => from(texts), { message });
    });
  }

  it('are refused with a password in the URL, which is not repeated', () => {
    assert.throws(
      () => from({ ...account, smpp: 'smpp://lwm2m:s3cret@smsc.example' }),
      ({ message }: Error) => /holds no account/.test(message) && !message.includes('s3cret'),
    );
  });

  const wrongFiles: readonly (readonly [text: string, message: RegExp])[] = [
    ['[sms]\nper-dya = 5', /sms\.per-dya is not a setting.*per-day/],
    ['[sms]\nper-day = -1', /sms\.per-day/],
    ['[sms]\nnumbers = "all"', /sms\.numbers/],
    ['[sms]\nnumbers = ["+49"]', /sms\.numbers/],
    ['[sms]\nmax-parts = 9', /sms\.max-parts/],
  ];
  for (const [text, message] of wrongFiles) {
    it(`are refused in a file: ${text.replace('\n', ' ')}`, () => {
      assert.throws(() => settingsFromFile(text, 'dunlin.toml'), { message });
    });
  }

  it('are refused with a word for what goes without DTLS that is none', () => {
    assert.throws(() => from(account, settingsFromFile('[sms]\nunprotected = "all"', 'dunlin.toml')), {
      message: /sms\.unprotected: "all" is not one of nothing, triggers, everything/,
    });
  });
});

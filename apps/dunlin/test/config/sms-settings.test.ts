import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  serverSettings,
  settingsFromEnvironment,
  settingsFromFile,
  type SettingTexts,
} from '../../src/config/server-settings.ts';
import type { SmppSettings } from '../../src/config/smpp-settings.ts';
import type { SmsSettings } from '../../src/config/sms-settings.ts';

function from(...texts: readonly SettingTexts[]): SmsSettings | undefined {
  return serverSettings(texts.map((each) => ({ name: 'test', texts: each }))).sms;
}

const account = { smpp: 'smpp://smsc.example', smppSystemId: 'lwm2m', smsNumber: '10690' };

function accountOf(settings: SmsSettings | undefined): SmppSettings {
  assert.ok(settings?.carrier.kind === 'smpp');
  return settings.carrier;
}

const modem = { smsModem: '/dev/ttyUSB2', smsNumber: '491700000002' };

describe('settings of short messages', () => {
  it('are none without a message centre and a modem', () => {
    assert.equal(from({}), undefined);
    assert.equal(from({ smpp: 'none' }), undefined);
    assert.equal(from({ ...modem, smsModem: 'none' }), undefined);
    assert.equal(from(settingsFromFile('[sms]\nper-day = 5', 'dunlin.toml')), undefined);
  });

  it('are careful by default: provisioned numbers, triggers only without DTLS, small budgets', () => {
    assert.deepEqual(from(account), {
      carrier: {
        kind: 'smpp',
        url: 'smpp://smsc.example',
        systemId: 'lwm2m',
        passwordFile: undefined,
        bind: 'transceiver',
        systemType: '',
        serviceType: '',
        caFile: undefined,
        serverName: undefined,
        ownKind: { typeOfNumber: 0, numberingPlan: 1 },
        deviceKind: { typeOfNumber: 1, numberingPlan: 1 },
        window: 10,
        dataCoding: 4,
        validityFormat: 'relative',
      },
      number: '10690',
      countryCode: undefined,
      policy: 'provisioned',
      unprotected: 'triggers',
      maxParts: 3,
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
    const { url, systemId, passwordFile, validityFormat } = accountOf(settings);
    assert.deepEqual(
      [url, systemId, passwordFile, validityFormat, settings?.number],
      ['smpp://flag.example', 'from-environment', '/run/secrets/smpp', 'absolute', '491700000000'],
    );
    assert.deepEqual(
      [settings?.policy, settings?.unprotected, settings?.perSecond, settings?.perDay, settings?.countryCode],
      [{ prefixes: ['4917', '4915'] }, 'nothing', 0.5, 5000, '49'],
    );
  });

  it('name who vouches for a message centre over TLS, and only then', () => {
    const file = settingsFromFile('[sms]\nca-file = "/etc/ca.pem"\nserver-name = "smsc"', 'dunlin.toml');
    const settings = from({ ...account, smpp: 'smpps://smsc.example' }, file);
    const { caFile, serverName } = accountOf(settings);
    assert.deepEqual([caFile, serverName], ['/etc/ca.pem', 'smsc']);
    assert.throws(() => from(account, file), { message: /sms\.ca-file is for message centres at smpps:/ });
  });

  it('say what an account wants: how numbers and services are named in its contract', () => {
    const lines = [
      'bind = "pair"',
      'service-type = "CMT"',
      'number-type = 3',
      'number-plan = 9',
      'device-number-type = 2',
      'device-number-plan = 0',
    ];
    const settings = from(account, settingsFromFile(['[sms]', ...lines].join('\n'), 'dunlin.toml'));
    const { bind, serviceType, ownKind, deviceKind } = accountOf(settings);
    assert.deepEqual(
      [bind, serviceType, ownKind, deviceKind],
      ['pair', 'CMT', { typeOfNumber: 3, numberingPlan: 9 }, { typeOfNumber: 2, numberingPlan: 0 }],
    );
  });

  it('may be of a modem in place of an account, with the same budgets and policies', () => {
    const file = settingsFromFile(
      '[sms]\nmodem = "/dev/ttyUSB2"\npin-file = "/run/secrets/pin"\nnumber = "491700000002"\nper-day = 5',
      'dunlin.toml',
    );
    const settings = from(file);
    assert.deepEqual(settings?.carrier, { kind: 'modem', path: '/dev/ttyUSB2', pinFile: '/run/secrets/pin' });
    assert.deepEqual(
      [settings.number, settings.perDay, settings.policy, settings.unprotected],
      ['491700000002', 5, 'provisioned', 'triggers'],
    );
    assert.deepEqual(from({ smsModem: '/dev/ttyACM0', smpp: 'none' }, file)?.carrier, {
      kind: 'modem',
      path: '/dev/ttyACM0',
      pinFile: '/run/secrets/pin',
    });
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
    ['with a modem beside the account', { ...account, ...modem }, /smpp \(test\) and sms-modem \(test\)/],
    ['with a modem and no number', { ...modem, smsNumber: undefined }, /sms-modem needs sms-number/],
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
    ['[sms]\nbind = "receiver"', /sms\.bind/],
    ['[sms]\nservice-type = "longer"', /sms\.service-type/],
    ['[sms]\ndevice-number-type = 7', /sms\.device-number-type/],
  ];
  for (const [text, message] of wrongFiles) {
    it(`are refused in a file: ${text.replace('\n', ' ')}`, () => {
      assert.throws(() => settingsFromFile(text, 'dunlin.toml'), { message });
    });
  }

  it('are refused with a numbering plan that SMPP does not know', () => {
    assert.throws(() => from(account, settingsFromFile('[sms]\nnumber-plan = 2', 'dunlin.toml')), {
      message: /sms\.number-plan: 2 is none of the numbering plans 0, 1, 3/,
    });
  });

  it('are refused with what only an account has beside a modem', () => {
    assert.throws(() => from(modem, settingsFromFile('[sms]\ndata-coding = 245', 'dunlin.toml')), {
      message: /sms\.data-coding is for accounts at message centres/,
    });
  });

  it('are refused with a word for what goes without DTLS that is none', () => {
    assert.throws(() => from(account, settingsFromFile('[sms]\nunprotected = "all"', 'dunlin.toml')), {
      message: /sms\.unprotected: "all" is not one of nothing, triggers, everything/,
    });
  });
});

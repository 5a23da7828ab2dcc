import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { FirmwareTexts } from '../../src/config/firmware-settings.ts';
import {
  serverSettings,
  settingsFromEnvironment,
  settingsFromFile,
  type SettingTexts,
} from '../../src/config/server-settings.ts';

const settingsOf = (texts: SettingTexts) => serverSettings([{ name: 'flag', texts }]).firmware;

describe('settings of firmware', () => {
  it('come from flags, the environment and the table [firmware] alike', () => {
    const certificate = { serverCertificate: 'c.pem', serverKey: 'k.pem' };
    for (const texts of [
      {
        firmwareUri: ['coaps://a.example', 'https://a.example/images'],
        firmwareHttp: ':8081',
        firmwareHttps: ':8443',
        firmwareImageSize: '2 GiB',
        firmwareTotalSize: '20 GiB',
      },
      settingsFromEnvironment({
        DUNLIN_FIRMWARE_URI: 'coaps://a.example, https://a.example/images',
        DUNLIN_FIRMWARE_HTTP: ':8081',
        DUNLIN_FIRMWARE_HTTPS: ':8443',
        DUNLIN_FIRMWARE_IMAGE_SIZE: '2 GiB',
        DUNLIN_FIRMWARE_TOTAL_SIZE: '20 GiB',
      }),
      settingsFromFile(
        '[firmware]\nuri = ["coaps://a.example", "https://a.example/images"]\n' +
          'http = ":8081"\nhttps = ":8443"\nimage-size = 2147483648\ntotal-size = "20 GiB"',
        'dunlin.toml',
      ),
    ]) {
      assert.deepEqual(settingsOf({ ...texts, ...certificate }), {
        uris: ['coaps://a.example', 'https://a.example/images'],
        http: { host: '0.0.0.0', port: 8081 },
        https: { host: '0.0.0.0', port: 8443 },
        imageSize: 2 ** 31,
        totalSize: 20 * 2 ** 30,
      });
    }
    assert.deepEqual(settingsOf(settingsFromFile('[firmware]\nuri = "http://b"', 'f')).uris, ['http://b']);
    assert.deepEqual(settingsOf({ firmwareUri: ['none'], firmwareHttp: 'none' }).uris, []);
  });

  it('say the size of the largest image in bytes or units of 1024', () => {
    for (const [text, bytes] of [
      ['1', 1],
      ['10B', 10],
      ['512 KiB', 524_288],
      [' 3MiB ', 3_145_728],
    ] as const)
      assert.equal(settingsOf({ firmwareImageSize: text }).imageSize, bytes, text);
  });

  it('are refused with the setting, its source and what would be right', () => {
    const wrong: readonly (readonly [FirmwareTexts, RegExp])[] = [
      [{ firmwareImageSize: '0' }, /^firmware-image-size \(flag\): "0" is not a size such as/],
      [{ firmwareImageSize: '2 GB' }, /is not a size/],
      [{ firmwareTotalSize: '-1' }, /^firmware-total-size \(flag\): "-1" is not a size such as/],
      [{ firmwareImageSize: '-1' }, /is not a size/],
      [{ firmwareImageSize: '2048 GiB' }, /is not a size/],
      [{ firmwareUri: ['ftp://a.example'] }, /^firmware-uri \(flag\): "ftp:\/\/a\.example" is no base URI/],
      [{ firmwareUri: ['coap://a.example?x=1'] }, /is no base URI/],
      [{ firmwareUri: [`http://${'a'.repeat(250)}`] }, /has up to 227 bytes/],
      [{ firmwareHttp: 'everywhere' }, /^firmware-http \(flag\): "everywhere" is not an address/],
      [{ firmwareHttps: ':8443' }, /firmware-https needs server-certificate/],
    ];
    for (const [texts, message] of wrong)
      assert.throws(() => settingsOf(texts), { exitCode: 2, message }, JSON.stringify(texts));
  });

  it('have no other names in the table', () => {
    assert.throws(() => settingsFromFile('[firmware]\nimage-sice = 3', 'dunlin.toml'), {
      exitCode: 2,
      message: 'dunlin.toml: firmware.image-sice is not a setting; did you mean image-size?',
    });
    assert.throws(() => settingsFromFile('[firmware]\nhttp = 8081', 'dunlin.toml'), {
      exitCode: 2,
      message: /^dunlin\.toml: firmware\.http /,
    });
    assert.throws(() => settingsFromFile('firmware = "x"', 'dunlin.toml'), { exitCode: 2 });
  });
});

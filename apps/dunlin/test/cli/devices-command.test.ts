import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { coreDefinitions } from '@dunlin/lwm2m';

import { devicesTable, deviceTable } from '../../src/cli/commands/devices-command.ts';
import { deviceToSummary } from '../../src/http/device-to-summary.ts';
import { noon, registration } from '../support/fake-server.ts';

describe('devices for people', () => {
  const device = deviceToSummary(registration('lamp'), coreDefinitions);

  it('are rows of a table', () => {
    assert.equal(
      devicesTable([device], noon + 10_000),
      [
        'ENDPOINT  SECURITY  VERSION  BINDING  ADDRESS          LIFETIME  LAST CONTACT  LAPSES',
        'lamp      none      1.0      U        192.0.2.7:40123  5 min     10 s ago      in 5 min',
        '',
      ].join('\n'),
    );
  });

  it('are shown in full, with what the device added and its Objects', () => {
    const text = deviceTable(device, noon);
    assert.match(text, /^site +roof$/m);
    assert.match(text, /^\/3 +Device +1\.0 +0$/m);
    assert.match(text, /^\/3303 +1\.1 +0 1$/m);
  });
});

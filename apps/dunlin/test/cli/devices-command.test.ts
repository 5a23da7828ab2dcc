import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';
import { coreDefinitions } from '@dunlin/lwm2m';

import { devicesTable, deviceTable } from '../../src/cli/commands/devices-command.ts';
import { deviceToSummary } from '../../src/http/device-to-summary.ts';
import { noon, registration } from '../support/fake-server.ts';

describe('devices for people', () => {
  const device = deviceToSummary(registration('lamp'), { kind: 'always' }, { definitions: coreDefinitions });

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

  it('say whether they are awake when they are in queue mode', () => {
    const asleep = registration('meter', { bindingMode: 'UQ' });
    const awake = { kind: 'awake', until: instantFrom(noon + 60_000) } as const;
    const table = devicesTable(
      [deviceToSummary(asleep, { kind: 'asleep' }, { definitions: coreDefinitions })],
      noon,
    );
    assert.match(table, /^meter .* UQ \(asleep\) /m);
    const full = { ...deviceToSummary(asleep, awake, { definitions: coreDefinitions }), awakeWindow: 30 };
    assert.match(
      deviceTable(full, noon),
      /^binding +UQ \(awake\)\nawake until +\S+ \(in 60 s\)\nawake window +30 s$/m,
    );
  });

  it('are shown in full, with what the device added and its Objects', () => {
    const text = deviceTable(device, noon);
    assert.match(text, /^site +roof$/m);
    assert.match(text, /^\/3 +Device +1\.0 +0$/m);
    assert.match(text, /^\/3303 +1\.1 +0 1$/m);
  });
});

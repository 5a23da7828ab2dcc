import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { instantFrom } from '@dunlin/base';
import { udpPeer } from '@dunlin/coap';

import { deviceFilter } from '../../src/fleet/device-filter.ts';
import { FleetIndex } from '../../src/fleet/fleet-index.ts';
import { noon, registration } from '../support/fake-server.ts';

/** As many as are asked for what each of them has in common with some: how fast that goes is measured by the benchmarks. */
const count = 20_000;

describe('an index of 20,000 devices', () => {
  let index: FleetIndex;

  before(() => {
    index = new FleetIndex({ now: () => noon, reachabilityOf: () => ({ kind: 'always' }) });
    const { objects } = registration('model');
    for (let number = 0; number < count; number += 1) {
      const name = `urn:dev:ops:32473-lamp-${(number * 7919) % count}`;
      const peer = udpPeer(`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`, 5683);
      index.registered(registration(name, { objects, peer, updatedAt: instantFrom(noon - number) }));
      index.learned(
        name,
        { manufacturer: 'Acme', modelNumber: `X${number % 10}`, firmwareVersion: `2.${number % 20}` },
        noon,
      );
      if (number % 100 === 0) index.setTags(name, ['lab']);
    }
  });

  const filters: Readonly<Record<string, number>> = {
    '': count,
    'state:online model:"X1" seen<1h tag:lab has:/3303': 0,
    'state:online fw<2.10': count / 2,
    'endpoint:*lamp-1*99 -tag:lab': 111,
    'lamp-77': 111,
  };
  for (const [text, total] of Object.entries(filters))
    it(`finds ${total} by ${JSON.stringify(text)}`, () => {
      const filter = deviceFilter(text);
      assert.ok(filter.kind === 'filter');
      const { total: found, entries } = index.search({ filter, limit: 100 });
      assert.equal(found, total);
      assert.equal(entries.length, Math.min(total, 100));
    });

  it('lists on after a device came and one went', () => {
    index.registered(registration('new'));
    index.ended(registration('urn:dev:ops:32473-lamp-5'), '');
    index.forget('urn:dev:ops:32473-lamp-5');
    assert.equal(index.search({ limit: 10 }).total, count);
  });
});

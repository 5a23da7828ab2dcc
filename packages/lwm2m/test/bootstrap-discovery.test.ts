import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  type BootstrapDiscovery,
  formatBootstrapDiscovery,
  isFormatFailure,
  parseBootstrapDiscovery,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

function parsed(payload: string | Uint8Array): BootstrapDiscovery {
  const discovery = parseBootstrapDiscovery(payload);
  assert.ok(!isFormatFailure(discovery));
  return discovery;
}

/** Objects as texts such as `0: 0=101 1 2=102`. */
function shown({ objects }: BootstrapDiscovery): readonly string[] {
  return objects.map(({ objectId, version, instances }) =>
    [
      `${objectId}${version === undefined ? '' : ` v${version}`}:`,
      ...instances.map(({ objectInstanceId, shortServerId }) =>
        shortServerId === undefined ? String(objectInstanceId) : `${objectInstanceId}=${shortServerId}`,
      ),
    ].join(' '),
  );
}

describe('The answer to a Bootstrap-Discover', () => {
  const security = {
    objectId: 0,
    instances: [
      { objectInstanceId: 0, shortServerId: 101 },
      { objectInstanceId: 1 },
      { objectInstanceId: 2, shortServerId: 102 },
    ],
  };

  it('begins with the version of the enabler, and has the Short Server IDs of all but the Bootstrap-Server (R-250, R-251)', () => {
    const discovery = { enablerVersion: '1.0', objects: [security] };
    const text = 'lwm2m="1.0",</0/0>;ssid=101,</0/1>,</0/2>;ssid=102';
    assert.equal(formatBootstrapDiscovery(discovery), text);
    assert.deepEqual(parsed(text), discovery);
  });

  it('lists Objects without instances, and versions that must be said (R-250, R-121)', () => {
    const objects = [
      { objectId: 55, version: '1.9', instances: [{ objectInstanceId: 0 }] },
      { objectId: 5, instances: [] },
      { objectId: 3, instances: [{ objectInstanceId: 0 }] },
    ];
    const text = '</3/0>,</5>,</55>;ver="1.9",</55/0>';
    assert.equal(formatBootstrapDiscovery({ objects }), text);
    assert.deepEqual(shown(parsed(text)), ['3: 0', '5:', '55 v1.9: 0']);
  });

  const accounts = ['0: 0=1 1', '1: 0=1'];
  const lenient: readonly (readonly [string, string, readonly string[]])[] = [
    ['the version as in 1.1', '</>;lwm2m=1.1,</0/0>;ssid=1,</0/1>,</1/0>;ssid=1', accounts],
    ['no version', '</0/0>;ssid=1,</0/1>,</1/0>;ssid=1', accounts],
    ['the version without quotes', 'lwm2m=1.0,</0/0>;ssid=1,</0/1>,</1/0>;ssid=1', accounts],
    ['slashes at the end, blanks', 'lwm2m="1.0", </0/0/>;ssid=1 , </0/1/>,</1/0/>;ssid="1"', accounts],
    ['no first slash', '<0/0>;ssid=1,<0/1>,<1/0>;ssid=1', accounts],
    [
      'a uri, and attributes nobody knows',
      '</0/0>;ssid=1;uri="coaps://a",</0/1>;uri="coap://b",</1/0>;ssid=1;x',
      accounts,
    ],
    [
      'ids that are none',
      '</0/0>;ssid=0,</0/1>;ssid=65535,</0/2>;ssid=x,</0/3>;ssid=65534',
      ['0: 0 1 2 3=65534'],
    ],
    ['links that are not of instances', '</0/0/1>,</x>,</3/0>;ssid=2,</3/65535>,</65535>', ['3: 0=2']],
    ['a version that is none', '</3>;ver="x",</3/0>', ['3: 0']],
    ['nothing', '', []],
  ];
  for (const [what, text, expected] of lenient) {
    it(`is read with ${what} (R-252)`, () => {
      assert.deepEqual(shown(parsed(text)), expected);
    });
  }

  it('tells the version of the enabler where it is said (R-252)', () => {
    assert.equal(parsed('lwm2m="1.0",</3/0>').enablerVersion, '1.0');
    assert.equal(parsed('</>;lwm2m=1.1,</3/0>').enablerVersion, '1.1');
    assert.equal(parsed('</3/0>').enablerVersion, undefined);
  });

  it('may be any bytes: it is read or refused, and what is read is written the same way again', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string()), (payload) => {
        const discovery = parseBootstrapDiscovery(payload);
        if (isFormatFailure(discovery)) return;
        const { objects } = discovery;
        assert.deepEqual(parsed(formatBootstrapDiscovery({ objects })), { objects });
      }),
    );
  });

  it('is read back as it was written', () => {
    const id = fc.integer({ min: 0, max: 65534 });
    const instance = fc.record({
      objectInstanceId: id,
      shortServerId: fc.option(fc.integer({ min: 1, max: 65534 }), { nil: undefined }),
    });
    const object = fc.record({
      objectId: id,
      instances: fc.uniqueArray(instance, { selector: ({ objectInstanceId }) => objectInstanceId }),
    });
    const objects = fc.uniqueArray(object, { selector: ({ objectId }) => objectId, maxLength: 8 });
    fc.assert(
      fc.property(objects, (written) => {
        const read = parsed(formatBootstrapDiscovery({ enablerVersion: '1.0', objects: written }));
        assert.deepEqual(shown(read), shown({ objects: sorted(written) }));
      }),
    );
  });
});

function sorted(objects: BootstrapDiscovery['objects']): BootstrapDiscovery['objects'] {
  return objects
    .map(({ objectId, instances }) => ({
      objectId,
      instances: instances.toSorted((a, b) => a.objectInstanceId - b.objectInstanceId),
    }))
    .sort((a, b) => a.objectId - b.objectId);
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { seconds, utf8Encode } from '@dunlin/base';
import {
  type DiscoveredResource,
  formatDiscoverLinks,
  formatPath,
  isFormatFailure,
  type NotificationAttributes,
  parseDiscoverLinks,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

const dimensions = new Map([
  [6, 2],
  [7, 2],
  [8, 2],
  [11, 1],
]);

/** Object 3 as the conformance test of Discover has it, with attributes on one Resource. */
function resourcesWith(attributesOf7?: NotificationAttributes): readonly DiscoveredResource[] {
  return [16, 0, 1, 2, 3, 4, 6, 7, 8, 9, 11].map((resourceId) => ({
    resourceId,
    dimension: dimensions.get(resourceId),
    attributes: resourceId === 7 ? attributesOf7 : undefined,
  }));
}

const bare =
  '</3/0/0>,</3/0/1>,</3/0/2>,</3/0/3>,</3/0/4>,</3/0/6>;dim=2,</3/0/7>;dim=2,</3/0/8>;dim=2,</3/0/9>,</3/0/11>;dim=1,</3/0/16>';
const periods = { pmin: seconds(10), pmax: seconds(200) };
const thresholds = { lt: 1, gt: 6, st: 1 };

/** The links of an answer, each as `/3/0/7 dim=2 pmin=10`. */
function read(payload: string | Uint8Array, alternateRoot?: string): readonly string[] {
  const links = parseDiscoverLinks(payload, alternateRoot);
  assert.ok(!isFormatFailure(links));
  return links.map(({ path, version, dimension, attributes }) =>
    [
      formatPath(path),
      ...(version === undefined ? [] : [`ver=${version}`]),
      ...(dimension === undefined ? [] : [`dim=${dimension}`]),
      ...Object.entries(attributes).map(([name, value]) => `${name}=${String(value)}`),
    ].join(' '),
  );
}

describe('A Discover answer', () => {
  it('lists an Object, its instances and all their Resources, as ETS int-260 step 1 has it (R-431, R-432)', () => {
    const instances = [{ objectInstanceId: 0, resources: resourcesWith() }];
    assert.equal(formatDiscoverLinks({ kind: 'object', objectId: 3, instances }), `</3>,</3/0>,${bare}`);
  });

  it('shows attributes at the level where they were set, as ETS int-260 steps 3 and 5 have it (R-431, R-434)', () => {
    const instance = { objectInstanceId: 0, attributes: periods, resources: resourcesWith(thresholds) };
    const expected = `</3/0>;pmin=10;pmax=200,${bare.replace('</3/0/7>;dim=2', '</3/0/7>;dim=2;gt=6;lt=1;st=1')}`;
    assert.equal(formatDiscoverLinks({ kind: 'object-instance', objectId: 3, ...instance }), expected);
    const object = { objectId: 3, attributes: { pmin: seconds(5) }, instances: [instance] };
    assert.equal(formatDiscoverLinks({ kind: 'object', ...object }), `</3>;pmin=5,${expected}`);
  });

  it('on a Resource is one link with all attributes in effect, as ETS int-260 step 6 has it (R-431)', () => {
    const answer = formatDiscoverLinks({
      kind: 'resource',
      objectId: 3,
      objectInstanceId: 0,
      resourceId: 7,
      dimension: 2,
      attributes: { ...periods, ...thresholds },
    });
    assert.equal(answer, '</3/0/7>;dim=2;pmin=10;pmax=200;gt=6;lt=1;st=1');
    assert.deepEqual(read(answer), ['/3/0/7 dim=2 pmin=10 pmax=200 gt=6 lt=1 st=1']);
  });

  it('has numbers without exponents: 42.2, 50, 0.0000001 (R-435)', () => {
    const at = { kind: 'resource', objectId: 3, objectInstanceId: 0, resourceId: 7 } as const;
    assert.equal(formatDiscoverLinks({ ...at, attributes: { gt: 50, lt: 42.2 } }), '</3/0/7>;gt=50;lt=42.2');
    assert.equal(
      formatDiscoverLinks({ ...at, attributes: { gt: 1e-7, lt: -0.5 } }),
      '</3/0/7>;gt=0.0000001;lt=-0.5',
    );
  });

  it('has the number of Resource Instances of every multiple Resource, also when there is none (R-433)', () => {
    const none = [{ resourceId: 6, dimension: 0 }];
    const answer = formatDiscoverLinks({
      kind: 'object-instance',
      objectId: 3,
      objectInstanceId: 0,
      resources: none,
    });
    assert.equal(answer, '</3/0>,</3/0/6>;dim=0');
    assert.deepEqual(read(answer), ['/3/0', '/3/0/6 dim=0']);
  });

  it('has the version of an Object where it must be said, and instances in ascending order (R-121)', () => {
    const instances = [2, 0].map((objectInstanceId) => ({ objectInstanceId, resources: [] }));
    const answer = formatDiscoverLinks({ kind: 'object', objectId: 44, version: '2.2', instances });
    assert.equal(answer, '</44>;ver="2.2",</44/0>,</44/2>');
    assert.deepEqual(read(answer), ['/44 ver=2.2', '/44/0', '/44/2']);
  });

  it('has the alternate root in front, and is read with and without it (R-324)', () => {
    const answer = formatDiscoverLinks({ kind: 'object', objectId: 3, instances: [] }, '/lwm2m');
    assert.equal(answer, '</lwm2m/3>');
    assert.deepEqual(read('</lwm2m/3>,</3/0>,</lwm2mX/4>', '/lwm2m'), ['/3', '/3/0']);
  });
});

describe('Reading a Discover answer', () => {
  it('passes over what real devices add: other attributes, quotes, blanks, slashes, other links (R-435, R-1142)', () => {
    const answer =
      '</>;lwm2m=1.0, </3> ;ver="1.1";title="a, b",</3/0/>;pmin="10" ;pmax=60 ,<3/0/7>;dim=8;gt=50;lt=42.2;obs;epmin=5,</x>,lwm2m="1.0",</3/0/6/1>;gt=8';
    assert.deepEqual(read(answer), [
      '/3 ver=1.1',
      '/3/0 pmin=10 pmax=60',
      '/3/0/7 dim=8 gt=50 lt=42.2',
      '/3/0/6/1 gt=8',
    ]);
    assert.deepEqual(read(utf8Encode(answer)), read(answer));
    assert.deepEqual(read(''), []);
  });

  it('passes over values that are none (R-435)', () => {
    assert.deepEqual(read('</3/0/7>;dim=x;pmin=;pmax=-1;gt=a;st=-5;lt=1e1'), ['/3/0/7 lt=10']);
    assert.deepEqual(read('</3/0/7>;dim;pmin;gt'), ['/3/0/7']);
  });

  it('fails on what is not in link format', () => {
    for (const answer of ['</3', '</3>;dim="', Uint8Array.of(0x3c, 0xff, 0x3e)]) {
      assert.ok(isFormatFailure(parseDiscoverLinks(answer)));
    }
  });

  it('gives back any answer that is written, and never throws (R-431)', () => {
    const decimal = fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
      .map((value) => (value === 0 ? 0 : value));
    const period = fc.integer({ min: 0, max: 1e9 }).map(seconds);
    const attributes = fc.record(
      { pmin: period, pmax: period, gt: decimal, lt: decimal },
      { requiredKeys: [], noNullPrototype: true },
    );
    const id = fc.integer({ min: 0, max: 65534 });
    const resource = fc.record({ resourceId: id, dimension: fc.integer({ min: 0, max: 255 }), attributes });
    const answer = fc.record({
      objectId: id,
      objectInstanceId: id,
      attributes,
      resources: fc.uniqueArray(resource, { maxLength: 5, selector: ({ resourceId }) => resourceId }),
    });
    fc.assert(
      fc.property(answer, fc.constantFrom('/', '/lwm2m'), (instance, root) => {
        const links = parseDiscoverLinks(
          formatDiscoverLinks({ kind: 'object-instance', ...instance }, root),
          root,
        );
        assert.ok(!isFormatFailure(links));
        assert.deepEqual(links[0]?.attributes, instance.attributes);
        const sorted = instance.resources.toSorted((a, b) => a.resourceId - b.resourceId);
        assert.deepEqual(
          links.slice(1).map((link) => [link.dimension, link.attributes]),
          sorted.map((each) => [each.dimension, each.attributes]),
        );
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array()), (anything) => void parseDiscoverLinks(anything)),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { UsageError, utf8Encode } from '@dunlin/base';
import { ContentFormat, formatCode } from '@dunlin/coap';
import {
  canonicalObjectLinks,
  formatObjectLinks,
  isRefusal,
  type ObjectList,
  parseObjectLinks,
  type ParsedObjectLinks,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

const exampleClient = '</1/0>,</1/1>,</2/0>,</2/1>,</2/2>,</2/3>,</2/4>,</3/0>,</4/0>,</5>';

function parsed(payload: string): ParsedObjectLinks {
  const list = parseObjectLinks(payload);
  assert.ok(!isRefusal(list), payload);
  return list;
}

/** `1:0,1 3:0 44v2.2:0`. */
function objectsOf(payload: string): string {
  return [...parsed(payload).objects]
    .map(
      ([id, { version, instances }]) =>
        `${id}${version === undefined ? '' : `v${version}`}:${instances.join(',')}`,
    )
    .join(' ');
}

function refused(payload: string | Uint8Array): string {
  const list = parseObjectLinks(payload);
  assert.ok(isRefusal(list), String(payload));
  return `${formatCode(list.code)} ${list.reason}`;
}

function listOf(objects: ObjectList['objects'], others: Partial<ObjectList> = {}): ObjectList {
  return { rootPath: '/', contentFormats: [], objects, ...others };
}

describe('An object list', () => {
  it('of the example client is read and written (R-320, R-325)', () => {
    const { rootPath, contentFormats, otherLinks, warnings } = parsed(exampleClient);
    assert.equal(objectsOf(exampleClient), '1:0,1 2:0,1,2,3,4 3:0 4:0 5:');
    assert.deepEqual(
      { rootPath, contentFormats, otherLinks, warnings },
      { rootPath: '/', contentFormats: [], otherLinks: [], warnings: [] },
    );
    assert.equal(formatObjectLinks(parsed(exampleClient)), exampleClient);
    assert.deepEqual(parseObjectLinks(utf8Encode(exampleClient)), parsed(exampleClient));
  });

  it('may have Objects without instances (R-320)', () => {
    assert.equal(objectsOf('</1>,</2>,</3>'), '1: 2: 3:');
    assert.equal(objectsOf('</5>,</5/0>,</1/0>,</3/0>'), '1:0 3:0 5:0');
  });

  it('is read leniently: any order, blanks, slashes too many or too few, repeated links (R-322, R-1142)', () => {
    assert.equal(objectsOf('</3/0> , </1/1>,\r\n</1/0>,'), '1:0,1 3:0');
    assert.equal(objectsOf('<3/0>,</1/0/>,<1/0>'), '1:0 3:0');
    assert.equal(objectsOf('</1/0>,</1/0>,</3/0>'), '1:0 3:0');
  });

  it('has attributes that are not known ignored (R-322)', () => {
    assert.equal(objectsOf('</1/0>;title="a,b;c";obs,</3/0>;sz=5;lt=10;foo'), '1:0 3:0');
    assert.deepEqual(parsed('</1/0>;title="a,b";obs,</3/0>;sz=5').warnings, []);
  });

  it('never has Objects 0 and 21: they are passed over (R-321)', () => {
    const { objects, warnings } = parsed('</0/0>,</0/1>,</1/0>,</3/0>,</21/0>');
    assert.deepEqual([...objects.keys()], [1, 3]);
    assert.equal(warnings.length, 3);
  });

  it('without the mandatory Objects 1 and 3 is taken with a warning (R-321)', () => {
    assert.deepEqual(parsed('</5>').warnings, [
      'The mandatory Object 1 is not in the list.',
      'The mandatory Object 3 is not in the list.',
    ]);
  });

  it('has links below an instance, and reserved ids, passed over (R-110, R-320)', () => {
    const { warnings } = parsed('</1/0>,</3/0>,</3/0/1>,</3/0/6/0>,</7/65535>,</65535>');
    assert.equal(objectsOf('</1/0>,</3/0>,</3/0/1>,</3/0/6/0>,</7/65535>,</65535>'), '1:0 3:0');
    assert.equal(warnings.length, 4);
  });

  it('keeps links of other things aside (R-322)', () => {
    const { otherLinks } = parsed(
      '</>;rt="oma.lwm2m",</1/0>,</3/0>,</sensors/temp>;rt="temperature",</03/0>,</3/x>,</70000>',
    );
    assert.deepEqual(otherLinks, ['/sensors/temp', '/03/0', '/3/x', '/70000']);
  });

  it('has the version of an Object in quotes or not (R-121, R-122, R-123)', () => {
    assert.equal(objectsOf('</1/0>,</3/0>,</44>;ver="2.2",</44/0>'), '1:0 3:0 44v2.2:0');
    assert.equal(objectsOf('</1/0>,</3/0>,</55>;ver=1.9,</55/0>'), '1:0 3:0 55v1.9:0');
    assert.equal(objectsOf('</1/0>,</3/0>,</55/0>,</55>;ver=1.9'), '1:0 3:0 55v1.9:0');
  });

  it('with the version on an instance is taken with a warning; that on the Object counts (R-121)', () => {
    const { warnings } = parsed('</1/0>,</3/0>;ver=1.1');
    assert.equal(warnings.length, 1);
    assert.equal(objectsOf('</1/0>,</3/0>;ver=1.1'), '1:0 3v1.1:0');
    assert.equal(objectsOf('</1/0>,</3/0>;ver=1.1,</3>;ver=1.0'), '1:0 3v1.0:0');
    assert.equal(objectsOf('</1/0>,</3>;ver=1.0,</3/0>;ver=1.1'), '1:0 3v1.0:0');
  });

  it('with a version that is none is taken without it (R-122)', () => {
    for (const version of ['', 'x', '1', '1.', '"1.0.0"', '-1.0']) {
      const payload = `</1/0>,</3/0>,</44>;ver=${version},</44/0>`;
      assert.equal(objectsOf(payload), '1:0 3:0 44:0', version);
      assert.equal(parsed(payload).warnings.length, 1, version);
    }
  });

  it('names formats on the root link, in quotes or not, one or several (R-323)', () => {
    const formats = (root: string) => parsed(`${root},</1/0>,</3/0>`).contentFormats;
    assert.deepEqual(formats('</>;ct=11543'), [11543]);
    assert.deepEqual(formats('</>;ct="11543"'), [11543]);
    assert.deepEqual(formats('</>;ct="112 60 110"'), [60, 110, 112]);
    assert.deepEqual(formats('</>;ct="60,110"'), [60, 110]);
    assert.deepEqual(formats('</>;rt="oma.lwm2m";ct=11543'), [11543]);
    assert.deepEqual(formats('</>;rt="oma.lwm2m"'), []);
    assert.deepEqual(formats('</>;ct=1543'), [ContentFormat.json]);
    assert.deepEqual(formats('</>;ct="60 x 70000 60"'), [60]);
    assert.deepEqual(formats('</>;ct'), []);
    assert.deepEqual(parsed('</1/0>;ct=60,</3/0>').contentFormats, []);
  });

  it('is below the alternate root that its resource type marks (R-324)', () => {
    const payload =
      '</lwm2m>;rt="oma.lwm2m";ct=11543,</lwm2m/1/0>,</lwm2m/3/0>,</lwm2m/5>,</lwm2mX/7/0>,</9/0>';
    const { rootPath, contentFormats, otherLinks } = parsed(payload);
    assert.equal(objectsOf(payload), '1:0 3:0 5:');
    assert.deepEqual({ rootPath, contentFormats }, { rootPath: '/lwm2m', contentFormats: [11543] });
    assert.deepEqual(otherLinks, ['/lwm2mX/7/0', '/9/0']);
    assert.equal(parsed('</a/b/>;rt="core.rd oma.lwm2m",</a/b/1/0>,</a/b/3/0>').rootPath, '/a/b');
    assert.equal(parsed('</1/0>,</3/0>,</x>;rt="oma.lwm2m2"').rootPath, '/');
  });

  it('is refused with 4.00 when the root has a numeric or unusable segment (R-324)', () => {
    assert.match(
      refused('</lwm2m/1>;rt="oma.lwm2m",</lwm2m/1/1/0>'),
      /^4\.00 the root path has a numeric segment/,
    );
    assert.match(refused('</a//b>;rt="oma.lwm2m",</a//b/1/0>'), /^4\.00 the root path/);
    assert.match(refused('</a%20b>;rt="oma.lwm2m",</a%20b/1/0>'), /^4\.00 the root path/);
  });

  it('is refused with 4.00 when it names no Object (R-310)', () => {
    for (const payload of [
      '',
      ' ',
      ',',
      '</>;ct=11543',
      '</0/0>',
      '</sensors/temp>',
      '</lwm2m/1/0>,</lwm2m/3/0>',
      'lwm2m="1.0"',
    ]) {
      assert.equal(refused(payload), '4.00 the object list names no Object', payload);
    }
  });

  it('is refused with 4.00 when it is not link format, or too long (R-311)', () => {
    assert.match(refused('</1/0'), /^4\.00 the object list is not in link format: /);
    assert.match(refused('</1/0>;a="'), /^4\.00/);
    assert.match(refused(Uint8Array.of(0x3c, 0xff, 0x3e)), /^4\.00/);
    assert.match(refused(`</1/0>,${' '.repeat(70_000)}`), /^4\.00/);
    assert.match(refused('</1/0>,'.repeat(5000)), /^4\.00/);
  });

  it('gathers a limited number of warnings', () => {
    const { warnings } = parsed(`</1/0>,</3/0>${',</0/0>'.repeat(40)}`);
    assert.equal(warnings.length, 17);
    assert.equal(warnings.at(-1), 'And 24 more.');
  });
});

describe('Writing an object list', () => {
  it('is ascending and leaves out Object 0 (R-320, R-321)', () => {
    const objects = new Map([
      [3, { instances: [0] }],
      [0, { instances: [0, 1] }],
      [1, { instances: [10, 2] }],
      [5, { instances: [] }],
    ]);
    assert.equal(formatObjectLinks(listOf(objects)), '</1/2>,</1/10>,</3/0>,</5>');
  });

  it('says versions other than 1.0 of Objects outside of the enabler, in quotes, on the Object link (R-121, R-122, R-123)', () => {
    const objects = new Map([
      [3, { version: '1.1', instances: [0] }],
      [44, { version: '2.2', instances: [0] }],
      [45, { version: '1.0', instances: [0] }],
      [46, { version: '1.1', instances: [] }],
    ]);
    assert.equal(
      formatObjectLinks(listOf(objects)),
      '</3/0>,</44>;ver="2.2",</44/0>,</45/0>,</46>;ver="1.1"',
    );
  });

  it('announces JSON, and an alternate root, on the root link (R-323, R-324)', () => {
    const objects = new Map([[1, { instances: [0] }]]);
    assert.equal(formatObjectLinks(listOf(objects, { contentFormats: [11543] })), '</>;ct=11543,</1/0>');
    assert.equal(
      formatObjectLinks(listOf(objects, { rootPath: '/lwm2m', contentFormats: [11543] })),
      '</lwm2m>;rt="oma.lwm2m";ct=11543,</lwm2m/1/0>',
    );
    assert.equal(formatObjectLinks(listOf(objects, { contentFormats: [60, 110] })), '</>;ct="60 110",</1/0>');
    assert.throws(() => formatObjectLinks(listOf(objects, { rootPath: '/a b' })), UsageError);
  });
});

describe('The canonical form of an object list', () => {
  const id = fc.integer({ min: 1, max: 65534 }).filter((candidate) => candidate !== 21);
  const anyList: fc.Arbitrary<ObjectList> = fc.record({
    rootPath: fc.constantFrom('/', '/lwm2m', '/a/b'),
    contentFormats: fc
      .uniqueArray(fc.constantFrom(60, 110, 112, 11543), { maxLength: 3 })
      .map((formats) => formats.toSorted((a, b) => a - b)),
    objects: fc
      .uniqueArray(
        fc.tuple(
          id,
          fc.record(
            {
              version: fc.stringMatching(/^\d\.\d$/),
              instances: fc
                .uniqueArray(fc.integer({ min: 0, max: 65534 }), { maxLength: 4 })
                .map((ids) => ids.toSorted((a, b) => a - b)),
            },
            { requiredKeys: ['instances'], noNullPrototype: true },
          ),
        ),
        { minLength: 1, maxLength: 8, selector: ([objectId]) => objectId },
      )
      .map((objects) => new Map(objects.toSorted(([a], [b]) => a - b))),
  });

  it('is one text for lists that say the same in another order and spelling', () => {
    const texts = [
      '</>;ct="11543",</1/0>,</1/1>,</3/0>,</44>;ver=2.2,</44/0>',
      '</44/0>,</3/0>;foo=1,</>;ct=11543, </1/1>,</1/0>,</44>;ver="2.2"',
    ].map((text) => canonicalObjectLinks(parsed(text)));
    assert.equal(texts[0], '</>;ct=11543,</1/0>,</1/1>,</3/0>,</44>;ver="2.2",</44/0>');
    assert.equal(texts[1], texts[0]);
  });

  it('is read back as the same list (R-320)', () => {
    fc.assert(
      fc.property(anyList, (original) => {
        const text = canonicalObjectLinks(original);
        const { rootPath, contentFormats, objects } = parsed(text);
        assert.deepEqual({ rootPath, contentFormats, objects }, { ...original });
        assert.equal(canonicalObjectLinks({ rootPath, contentFormats, objects }), text);
      }),
    );
  });

  it('exists for whatever is read; arbitrary payloads never throw (R-322)', () => {
    const piece = fc.constantFrom(
      '</',
      '<',
      '>',
      '/',
      '1',
      '0',
      '65535',
      ',',
      ';',
      'ver=',
      '"',
      '1.1',
      'rt="oma.lwm2m"',
      'ct=',
      'x',
      ' ',
      '%41',
    );
    const payload = fc.oneof(
      fc.string(),
      fc.uint8Array(),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(payload, (anything) => {
        const links = parseObjectLinks(anything);
        if (isRefusal(links)) return;
        const again = parseObjectLinks(canonicalObjectLinks(links));
        assert.ok(!isRefusal(again));
        assert.deepEqual(again.objects, links.objects);
      }),
      { numRuns: 1000 },
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { UsageError, utf8Encode } from '@dunlin/base';
import {
  filterLinks,
  formatLinkFormat,
  isLinkFormatFailure,
  type Link,
  linkFormatLimitsDefaults,
  parseLinkFormat,
} from '@dunlin/coap';
import fc from 'fast-check';

const plain = { noNullPrototype: true } as const;

function parse(text: string): readonly Link[] {
  const links = parseLinkFormat(text);
  assert.ok(!isLinkFormatFailure(links), isLinkFormatFailure(links) ? links.reason : '');
  return links;
}

/** Links in few characters: target, then `name=value` or `name`. */
function brief(text: string): (string | undefined)[][] {
  return parse(text).map(({ target, attributes }) => {
    const texts = attributes.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`));
    return [target].concat(texts);
  });
}

function reasonOf(document: string | Uint8Array): string {
  const failure = parseLinkFormat(document);
  assert.ok(isLinkFormatFailure(failure));
  return failure.reason;
}

describe('R-1142, R-322, R-435: reading link format as devices write it', () => {
  const accepted: readonly (readonly [name: string, text: string, links: (string | undefined)[][]])[] = [
    ['nothing', '', []],
    ['blanks only', ' \r\n', []],
    ['a list', '</1/0>,</3/0>', [['/1/0'], ['/3/0']]],
    ['values with and without quotes', '</>;rt="oma.lwm2m";ct=11543', [['/', 'rt=oma.lwm2m', 'ct=11543']]],
    ['attributes without value', '</obs>;obs;title="x"', [['/obs', 'obs', 'title=x']]],
    ['blanks around everything', ' </1/0> ; dim = 2 ;lt=1 , </3> ', [['/1/0', 'dim=2', 'lt=1'], ['/3']]],
    ['line breaks after commas', '</1>,\r\n</2>,\n\t</3>', [['/1'], ['/2'], ['/3']]],
    ['commas and semicolons in quotes', '</1>;title="a,b;c",</2>', [['/1', 'title=a,b;c'], ['/2']]],
    ['commas and semicolons in a target', '</a,b;c>,</2>', [['/a,b;c'], ['/2']]],
    ['escapes in quotes', String.raw`</1>;title="a\"b\\c\d"`, [['/1', String.raw`title=a"b\cd`]]],
    ['a trailing slash, which is left to the caller', '</lwm2m/>,</1/>', [['/lwm2m/'], ['/1/']]],
    ['a target without leading slash', '<1/0>,<>', [['1/0'], ['']]],
    ['elements without a target', 'lwm2m="1.0",</0/0>', [[undefined, 'lwm2m=1.0'], ['/0/0']]],
    ['elements without a target and quotes', 'lwm2m=1.0,</0/0>', [[undefined, 'lwm2m=1.0'], ['/0/0']]],
    ['empty elements and attributes', ',</1>;;ct=0;,,</2>,', [['/1', 'ct=0'], ['/2']]],
    ['an empty value', '</1>;a=;b="",</2>', [['/1', 'a=', 'b='], ['/2']]],
    ['bare values with blanks', '</1>;ct=0 40 ;x', [['/1', 'ct=0 40', 'x']]],
    ['other scripts', '</1>;title="Größe 度"', [['/1', 'title=Größe 度']]],
    ['the same attribute twice', '</1>;rt=a;rt=b', [['/1', 'rt=a', 'rt=b']]],
    ['floats and negative numbers', '</1>;gt=42.2;lt=-5', [['/1', 'gt=42.2', 'lt=-5']]],
  ];
  for (const [name, text, links] of accepted) {
    it(`takes ${name}`, () => assert.deepEqual(brief(text), links));
  }

  it('tells quoted values from bare ones', () => {
    assert.deepEqual(parse('</1>;a="1";b=1;c')[0]?.attributes, [
      { name: 'a', value: '1', isQuoted: true },
      { name: 'b', value: '1', isQuoted: false },
      { name: 'c' },
    ]);
  });

  const refused: readonly (readonly [name: string, text: string | Uint8Array, reason: RegExp])[] = [
    ['a target without end', '</1/0', /">" is missing at character 1/],
    ['quotes without end', '</1>;a="b', /closing quote/],
    ['an escape at the end', '</1>;a="b\\', /closing quote/],
    ['targets side by side', '</1></2>', /"," or ";" is missing at character 4/],
    ['text behind quotes', '</1>;a="b"c', /"," or ";" is missing/],
    ['a value without name', '</1>;=2', /name of an attribute is missing/],
    ['a name with brackets', '</1>;a<b', /has "<"/],
    ['what is not UTF-8', Uint8Array.of(0x3c, 0xff, 0x3e), /not UTF-8/],
  ];
  for (const [name, text, reason] of refused) {
    it(`refuses ${name}`, () => assert.match(reasonOf(text), reason));
  }

  it('takes bytes as well as text', () => {
    assert.deepEqual(parseLinkFormat(utf8Encode('</1>')), [{ target: '/1', attributes: [] }]);
  });

  it('has limits for length, links and attributes', () => {
    const { maxLength, maxLinks, maxAttributes } = linkFormatLimitsDefaults;
    assert.match(reasonOf(' '.repeat(maxLength + 1)), /longer than/);
    assert.match(reasonOf('<>,'.repeat(maxLinks + 1)), /more than 8192 links/);
    assert.equal(parse('<>,'.repeat(maxLinks)).length, maxLinks);
    assert.match(reasonOf(`<>${';a'.repeat(maxAttributes + 1)}`), /more than 32 attributes/);
  });

  it('never throws, whatever comes', () => {
    const hostile = fc.string({ unit: fc.constantFrom('<', '>', '"', '\\', ';', ',', '=', ' ', 'a', '/') });
    fc.assert(fc.property(fc.oneof(hostile, fc.uint8Array()), (text) => void parseLinkFormat(text)));
  });
});

describe('writing link format strictly (RFC 6690 §2)', () => {
  it('quotes all but numbers, unless it is told otherwise', () => {
    const links: Link[] = [
      {
        target: '/',
        attributes: [
          { name: 'rt', value: 'oma.lwm2m' },
          { name: 'ct', value: '11543' },
        ],
      },
      { target: '/3', attributes: [{ name: 'ver', value: '1.1', isQuoted: true }, { name: 'obs' }] },
      { target: '/4', attributes: [{ name: 'ep', value: 'node', isQuoted: false }] },
      { target: undefined, attributes: [{ name: 'lwm2m', value: '1.0', isQuoted: true }] },
    ];
    assert.equal(
      formatLinkFormat(links),
      '</>;rt="oma.lwm2m";ct=11543,</3>;ver="1.1";obs,</4>;ep=node,lwm2m="1.0"',
    );
  });

  it('quotes and escapes what cannot stand bare', () => {
    const attributes = [
      { name: 'a', value: 'x"y\\z', isQuoted: false },
      { name: 'b', value: 'x,y', isQuoted: false },
      { name: 'c', value: '', isQuoted: false },
    ];
    assert.equal(formatLinkFormat([{ target: '/1', attributes }]), String.raw`</1>;a="x\"y\\z";b="x,y";c=""`);
  });

  it('refuses what the grammar has no place for', () => {
    for (const link of [
      { target: '/a>b', attributes: [] },
      { target: '/a b', attributes: [] },
      { target: '/ä', attributes: [] },
      { target: '/', attributes: [{ name: 'a b' }] },
      { target: '/', attributes: [{ name: '' }] },
      { target: '/', attributes: [{ name: 'a', value: 'line\nbreak' }] },
    ]) {
      assert.throws(() => formatLinkFormat([link]), UsageError);
    }
  });

  it('reads what it wrote', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/\p{Cc}/u.test(text));
    const attribute = fc.record(
      {
        name: fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '.', '_'), minLength: 1, maxLength: 6 }),
        value: fc.option(value, { nil: undefined }),
      },
      plain,
    );
    const target = fc.string({ unit: fc.constantFrom('/', '3', 'a', ',', ';', '%', '='), maxLength: 9 });
    const link = fc.record({ target, attributes: fc.array(attribute, { maxLength: 4 }) }, plain);
    fc.assert(
      fc.property(fc.array(link, { maxLength: 5 }), (links) => {
        const read = parse(formatLinkFormat(links)).map(({ target: readTarget, attributes }) => ({
          target: readTarget,
          attributes: attributes.map(({ name, value: readValue }) => ({ name, value: readValue })),
        }));
        assert.deepEqual(read, links);
        assert.equal(formatLinkFormat(parse(formatLinkFormat(links))), formatLinkFormat(links));
      }),
    );
  });
});

describe('filtering /.well-known/core (RFC 6690 §4.1, ETSI TD_COAP_LINK)', () => {
  const links = parse(
    '</link1>;rt="Type1 Type2";if="If1";sz=300,</link2>;rt="Type2 Type3";if="If2",' +
      '</link3>;rt=Type1;if=foo;sz=4,</path>;ct=40,</obs>;obs,lwm2m="1.0"',
  );
  const cases: readonly (readonly [test: string, queries: readonly string[], targets: readonly string[]])[] =
    [
      ['LINK_01 all links without a filter', [], ['/link1', '/link2', '/link3', '/path', '/obs', '-']],
      ['LINK_02 by resource type', ['rt=Type3'], ['/link2']],
      ['LINK_03 all that have a resource type', ['rt=*'], ['/link1', '/link2', '/link3']],
      ['LINK_04 by one word of several', ['rt=Type2'], ['/link1', '/link2']],
      ['LINK_04 by all words as they stand', ['rt=Type2 Type3'], ['/link2']],
      ['LINK_05 by the beginning of an interface', ['if=If*'], ['/link1', '/link2']],
      ['LINK_06 all that have a size', ['sz=*'], ['/link1', '/link3']],
      ['LINK_07 by target', ['href=/link1'], ['/link1']],
      ['LINK_08 by the beginning of a target', ['href=/link*'], ['/link1', '/link2', '/link3']],
      ['LINK_09 by content format', ['ct=40'], ['/path']],
      ['attributes without value', ['obs=*'], ['/obs']],
      ['all filters at once', ['rt=Type1', 'if=If1'], ['/link1']],
      ['nothing when nothing matches', ['rt=Type'], []],
      ['a star that is not at the end as a star', ['rt=*1'], []],
      [
        'queries that are no filters as if they were not there',
        ['x'],
        ['/link1', '/link2', '/link3', '/path', '/obs', '-'],
      ],
    ];
  for (const [test, queries, targets] of cases) {
    it(`gives ${test}`, () => {
      assert.deepEqual(
        filterLinks(links, queries).map(({ target }) => target ?? '-'),
        targets,
      );
    });
  }
});

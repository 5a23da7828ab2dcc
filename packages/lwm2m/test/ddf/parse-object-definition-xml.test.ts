import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import {
  type DdfLimits,
  type DefinitionFailure,
  isDefinitionFailure,
  type ObjectDefinition,
  parseObjectDefinitionXml,
  type ResourceDefinition,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

const fixtures = join(import.meta.dirname, 'fixtures');

async function load(name: string): Promise<readonly ObjectDefinition[]> {
  const result = await parseObjectDefinitionXml(readFileSync(join(fixtures, name)));
  assert.ok(!isDefinitionFailure(result), JSON.stringify(result));
  return result;
}

async function failure(xml: string | Uint8Array, limits?: Partial<DdfLimits>): Promise<DefinitionFailure> {
  const result = await parseObjectDefinitionXml(xml, limits);
  assert.ok(isDefinitionFailure(result));
  return result;
}

function names(resources: ReadonlyMap<number, ResourceDefinition> | undefined): readonly string[] {
  return Array.from(resources?.values() ?? [], ({ name }) => name);
}

function interval(minimum: number, maximum: number): object {
  return { range: { kind: 'interval', minimum, maximum } };
}

function length(minimum: number, maximum: number): object {
  return { range: { kind: 'length', minimum, maximum } };
}

describe('reading DDF files', () => {
  test('reads the facts of an Object (1.0 Appendix D, R-101 to R-104)', async () => {
    const [station, ...others] = await load('weather-station.xml');
    assert.equal(others.length, 0);
    assert.ok(station);
    const { resources, ...facts } = station;
    assert.deepEqual(facts, {
      id: 26_241,
      name: 'Weather Station',
      version: '2.1',
      isMultiple: true,
      isMandatory: false,
    });
    const single = { isMultiple: false, isMandatory: false };
    const modes = { range: { kind: 'enumeration', values: [0, 1, 2] } };
    assert.deepEqual(
      [...resources.values()],
      [
        {
          id: 0,
          name: 'Wind Speed',
          operations: 'R',
          ...single,
          isMandatory: true,
          type: 'float',
          ...interval(0, 75.5),
          units: 'm/s',
        },
        {
          id: 1,
          name: 'Wind Direction',
          operations: 'R',
          ...single,
          type: 'integer',
          ...interval(0, 359),
          units: 'deg',
        },
        { id: 2, name: 'Name', operations: 'RW', ...single, type: 'string', ...length(1, 32) },
        { id: 3, name: 'Reset', operations: 'E', ...single, type: 'none' },
        { id: 4, name: 'Alarm', operations: 'R', ...single, isMultiple: true, type: 'boolean' },
        { id: 5, name: 'Mode', operations: 'RW', ...single, type: 'unsigned-integer', ...modes },
        { id: 6, name: 'Calibration', operations: 'W', ...single, type: 'opaque', ...length(16, 16) },
        { id: 7, name: 'Started', operations: 'R', ...single, type: 'time' },
        { id: 8, name: 'Neighbour', operations: 'R', ...single, type: 'objlnk' },
        { id: 9, name: 'Layout', operations: 'R', ...single, type: 'corelnk' },
        { id: 10, name: 'Provisioning Key', operations: '', ...single, type: 'opaque' },
        { id: 11, name: 'Remark', operations: 'R', ...single, type: 'string' },
      ],
    );
    assert.deepEqual([...resources.keys()], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test('reads several Objects in one file, and takes an absent version as 1.0 (R-114, R-121)', async () => {
    const [gauge, dial, ...others] = await load('two-objects.xml');
    assert.equal(others.length, 0);
    assert.deepEqual(
      [gauge?.id, gauge?.version, gauge?.isMultiple, gauge?.isMandatory],
      [26_242, '1.0', false, true],
    );
    assert.deepEqual(
      [dial?.id, dial?.version, dial?.isMultiple, dial?.isMandatory],
      [26_243, '1.0', true, false],
    );
  });

  test('reads text as well as bytes, with or without a byte order mark', async () => {
    const bytes = readFileSync(join(fixtures, 'two-objects.xml'));
    const expected = await load('two-objects.xml');
    assert.deepEqual(await parseObjectDefinitionXml(bytes.toString('utf8')), expected);
    assert.deepEqual(await parseObjectDefinitionXml(`\u{FEFF}${bytes.toString('utf8')}`), expected);
    assert.deepEqual(
      await parseObjectDefinitionXml(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), bytes])),
      expected,
    );
  });

  test('makes executable Resources single and without a type where a published file does not (R-105)', async () => {
    const [object] = await load('as-published.xml');
    for (const id of [0, 1]) {
      const resource = object?.resources.get(id);
      assert.deepEqual([resource?.operations, resource?.isMultiple, resource?.type], ['E', false, 'none']);
    }
  });

  test('takes a value whose type a published file does not give as bytes', async () => {
    const [object] = await load('as-published.xml');
    assert.equal(object?.resources.get(2)?.type, 'opaque');
    assert.deepEqual(names(object?.resources), ['Go', 'Stop', 'Anything', 'Level']);
  });

  test('finds no Object in a list of reusable Resources (R-108)', async () => {
    assert.deepEqual(await load('reusable-resources.xml'), []);
  });
});

/** File, line, column and reason. */
const refusals: readonly (readonly [file: string, line: number, column: number, reason: string])[] = [
  ['billion-laughs.xml', 13, 2, 'it has a document type declaration (<!DOCTYPE>), which is refused'],
  ['duplicate-element.xml', 12, 5, 'a second <Mandatory> in <Object>, expected one'],
  ['duplicate-item.xml', 33, 7, 'a second <Item> has the ID 1, expected another ID'],
  ['duplicate-object.xml', 26, 3, 'Object 26241 is defined a second time in version 1.0, expected once'],
  ['empty.xml', 1, 1, 'it is not well-formed XML: document must contain a root element'],
  ['external-entity.xml', 2, 61, 'it has a document type declaration (<!DOCTYPE>), which is refused'],
  ['invalid-utf-8.xml', 4, 26, 'it is not UTF-8 text'],
  ['latin-1.xml', 1, 1, 'its encoding is said to be ISO-8859-1, expected UTF-8'],
  [
    'mismatched-tags.xml',
    11,
    35,
    'it is not well-formed XML: unexpected close tag, expected the end of <Mandatory>',
  ],
  ['missing-element.xml', 13, 7, '<Item> without <Type>, expected one'],
  ['missing-item-id.xml', 13, 7, "the ID of <Item> is '', expected a whole number from 0 to 65534"],
  ['negative-item-id.xml', 13, 7, "the ID of <Item> is '-1', expected a whole number from 0 to 65534"],
  ['negative-object-id.xml', 6, 5, "<ObjectID> is '-3', expected a whole number from 0 to 65534"],
  ['nested-in-name.xml', 4, 19, '<b> in <Name>, expected only text'],
  ['no-name.xml', 3, 3, 'Object 26241 is not well defined: it has no name'],
  ['no-object.xml', 2, 1, '<LWM2M> without <Object>, expected at least one'],
  ['not-xml.xml', 2, 1, 'it is not well-formed XML: text data outside of root node'],
  ['object-id-65535.xml', 6, 5, "<ObjectID> is '65535', expected a whole number from 0 to 65534"],
  ['object-type.xml', 3, 3, "the ObjectType of <Object> is 'MOInstance', expected MODefinition"],
  ['other-in-root.xml', 3, 3, '<Item> in <LWM2M>, expected <Object>'],
  ['text-between.xml', 3, 3, 'text in <Object>, expected only elements'],
  ['text-in-root.xml', 2, 1, 'text in <LWM2M>, expected only <Object> elements'],
  ['unclosed.xml', 26, 1, 'it is not well-formed XML: unclosed tag: LWM2M'],
  ['undeclared-entity.xml', 4, 16, 'it is not well-formed XML: undefined entity'],
  [
    'unexpected-element.xml',
    20,
    9,
    '<Unit> in <Item>, expected one of <Name>, <Operations>, <MultipleInstances>, <Mandatory>, <Type>, <RangeEnumeration>, <Units>, <Description>',
  ],
  ['unexpected-in-resources.xml', 13, 7, '<Resource> in <Resources>, expected <Item>'],
  ['unknown-mandatory.xml', 17, 9, "<Mandatory> is 'constructor', expected Mandatory, Optional"],
  ['unknown-multiple.xml', 10, 5, "<MultipleInstances> is 'Many', expected Multiple, Single"],
  ['unknown-operations.xml', 25, 9, "<Operations> is 'RWE', expected nothing, R, W, RW, E"],
  [
    'unknown-type.xml',
    18,
    9,
    "<Type> is 'Double', expected nothing, String, Integer, Unsigned Integer, Float, Boolean, Opaque, Time, Objlnk, Corelnk",
  ],
  [
    'urn-id.xml',
    7,
    5,
    "<ObjectURN> is 'urn:oma:lwm2m:x:26242', expected urn:oma:lwm2m:{oma, ext or x}:26241",
  ],
  [
    'urn-version.xml',
    7,
    5,
    "<ObjectURN> is 'urn:oma:lwm2m:x:26241', expected urn:oma:lwm2m:{oma, ext or x}:26241:1.1",
  ],
  ['version.xml', 9, 5, "<ObjectVersion> is 'v1', expected a version such as 1.0"],
  ['wrong-root.xml', 2, 1, 'the root is <DDFList>, expected <LWM2M>'],
];

describe('refusing DDF files', () => {
  for (const [file, line, column, reason] of refusals) {
    test(`says what is wrong with ${file}, where, and what was expected`, async () => {
      const { kind, ...found } = await failure(readFileSync(join(fixtures, 'bad', file)));
      assert.equal(kind, 'failure');
      assert.deepEqual(found, { reason, line, column });
    });
  }

  test('the URN must say the same id and version, where 1.0 may be left out (R-114)', async () => {
    const station = readFileSync(join(fixtures, 'weather-station.xml'), 'utf8');
    const withUrn = async (urn: string): Promise<boolean> => {
      const xml = station.replace('urn:oma:lwm2m:x:26241:2.1', urn);
      return !isDefinitionFailure(await parseObjectDefinitionXml(xml));
    };
    for (const registrar of ['oma', 'ext', 'x'])
      assert.ok(await withUrn(`urn:oma:lwm2m:${registrar}:26241:2.1`));
    assert.ok(await withUrn(''));
    for (const urn of [
      'urn:oma:lwm2m:x:26241',
      'urn:oma:lwm2m:x:3:2.1',
      'urn:oma:lwm2m:y:26241:2.1',
      '26241',
    ]) {
      assert.equal(await withUrn(urn), false, urn);
    }
    const first = readFileSync(join(fixtures, 'two-objects.xml'), 'utf8');
    const explicit = first.replace('urn:oma:lwm2m:x:26242<', 'urn:oma:lwm2m:x:26242:1.0<');
    assert.equal(isDefinitionFailure(await parseObjectDefinitionXml(explicit)), false);
  });

  test('every bad fixture is in the table', () => {
    assert.deepEqual(readdirSync(join(fixtures, 'bad')).sort(), refusals.map(([file]) => file).sort());
  });
});

const pieces =
  '<LWM2M> </LWM2M> <Object> </Object> <Item> </Item> <Name> </Name> <a/> <!DOCTYPE> <![CDATA[ ]]> <!-- --> &amp; &b; <?a?> \u{FEFF}'.split(
    ' ',
  );

/** As many of a part as make 200,000 characters. */
function fill(part: string): string {
  return part.repeat(Math.floor(200_000 / part.length));
}

describe('hostile DDF files', () => {
  const room = { maxSize: 20_000_000, maxElements: 5_000_000 };

  test('are refused unread when they are too large', async () => {
    const { reason, line, column } = await failure('<'.repeat(1_048_577));
    assert.deepEqual([reason, line, column], ['it is larger than 1048576 bytes', 1, 1]);
    assert.match((await failure(new Uint8Array(11), { maxSize: 10 })).reason, /larger than 10 bytes/);
  });

  test('do not exhaust the stack by 10 MB of nesting', async () => {
    const { reason, column } = await failure('<a>'.repeat(3_500_000), room);
    assert.equal(reason, 'its elements are nested more than 8 deep');
    assert.equal(column, 27);
  });

  test('do not exhaust memory by the number of elements', async () => {
    const { reason } = await failure(`<LWM2M>${'<a/>'.repeat(200_000)}</LWM2M>`);
    assert.equal(reason, 'it has more than 50000 elements');
    assert.match(
      (await failure('<LWM2M><Object/></LWM2M>', { maxElements: 1 })).reason,
      /more than 1 elements/,
    );
  });

  test('take time in proportion to their size, whatever is repeated in them', async () => {
    // Each is so large that anything quadratic would take a minute.
    const shapes = [
      `<LWM2M ${fill('a="" ')}/>`,
      `<LWM2M ${Array.from({ length: 20_000 }, (_, index) => `a${index}="" `).join('')}/>`,
      `<LWM2M><Object><Name>${fill('&amp;')}</Name></Object></LWM2M>`,
      `<LWM2M><![CDATA[${fill(']]')}]]></LWM2M>`,
      `<LWM2M>${fill('<![CDATA[a]]>')}</LWM2M>`,
      `<!--${fill(' -')}--><LWM2M/>`,
      `<LWM2M>&${fill('a')};</LWM2M>`,
      `<!DOCTYPE ${fill('[')}`,
      `<${fill('a')}/>`,
    ];
    for (const shape of shapes) {
      const { reason } = await failure(shape);
      assert.ok(reason.length < 200, reason);
    }
  });

  test('cannot reach names that every object has', async () => {
    const { reason } = await failure('<LWM2M __proto__="a" constructor="b"><Object toString="c"/></LWM2M>');
    assert.equal(reason, '<Object> without <Name>, expected one');
  });

  test('never make it throw, whatever they hold', async () => {
    const piece = fc.constantFrom(...pieces);
    const soup = fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          soup.map((parts) => parts.join('')),
          fc.uint8Array(),
        ),
        async (xml) => {
          const result = await parseObjectDefinitionXml(xml);
          if (!isDefinitionFailure(result)) return;
          assert.ok(result.line >= 1 && result.column >= 1);
        },
      ),
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { DefinitionDocument, KnownValueDocument } from '@dunlin/api';

import { commandLine, curlLine } from '../../src/pages/device/resources/command-lines.ts';
import { levelOf } from '../../src/pages/device/resources/level.ts';
import { readAttributes } from '../../src/pages/device/resources/read-attributes.ts';
import { resourceRows } from '../../src/pages/device/resources/resource-rows.ts';
import { treeItems } from '../../src/pages/device/resources/tree-items.ts';
import { treeStep } from '../../src/pages/device/resources/tree-step.ts';

const resource = (
  id: number,
  name: string,
  isMandatory: boolean,
): DefinitionDocument['resources'][number] => ({
  id,
  name,
  operations: 'R',
  isMultiple: false,
  isMandatory,
  type: 'string',
});

const definition: DefinitionDocument = {
  id: 3,
  name: 'Device',
  version: '1.0',
  isMultiple: false,
  isMandatory: true,
  source: 'built-in',
  resources: [
    resource(0, 'Manufacturer', false),
    resource(4, 'Reboot', true),
    resource(9, 'Battery Level', false),
  ],
};

const known = (path: string): KnownValueDocument => ({
  path,
  resource: { type: 'string', name: 'Known', value: 'x' },
  origin: 'read',
  knownAt: '2026-11-26T12:00:00.000Z',
});

describe('the Resources of an Object Instance', () => {
  const options = {
    instancePath: '/3/0',
    definition,
    known: [],
    discovered: new Set<string>(),
    isAll: false,
  };

  it('are those that are mandatory, known or discovered, in the order of their ids', () => {
    const rows = resourceRows({
      ...options,
      known: [known('/3/0/0')],
      discovered: new Set(['/3/0/9', '/3/0']),
    });
    assert.deepEqual(
      rows.map(({ id, name }) => [id, name]),
      [
        [0, 'Manufacturer'],
        [4, 'Reboot'],
        [9, 'Battery Level'],
      ],
    );
  });

  it('are all of the definition when that is asked for', () => {
    assert.equal(resourceRows(options).length, 1);
    assert.equal(resourceRows({ ...options, isAll: true }).length, 3);
  });

  it('are shown without a definition too, by what is known', () => {
    const rows = resourceRows({
      ...options,
      instancePath: '/33333/1',
      definition: undefined,
      known: [known('/33333/1/10'), known('/33333/1/2'), known('/33333/11/3')],
      discovered: new Set(['/33333/1/7', '/33333/1/2/0']),
    });
    assert.deepEqual(
      rows.map(({ id, name }) => [id, name]),
      [
        [2, 'Known'],
        [7, 'Resource 7'],
        [10, 'Known'],
      ],
    );
  });
});

describe('the tree of Objects', () => {
  const objects = [
    { id: 1, name: 'LwM2M Server', instances: [0, 1] },
    { id: 33_333, instances: [] },
  ];
  const view = { values: [known('/33333/0/1')], expanded: new Set(['/1']), search: '' };

  it('has instances below the Objects that are open, and a number for what has no name', () => {
    assert.deepEqual(
      treeItems(objects, view).map(({ path, label, level, isExpanded }) => [path, label, level, isExpanded]),
      [
        ['/1', 'LwM2M Server', 1, true],
        ['/1/0', 'LwM2M Server 0', 2, undefined],
        ['/1/1', 'LwM2M Server 1', 2, undefined],
        ['/33333', 'Object 33333', 1, undefined],
      ],
    );
    assert.equal(treeItems(objects, { ...view, expanded: new Set() }).length, 2);
  });

  it('is searched by name, path and the names of known Resources', () => {
    const found = (search: string): readonly string[] =>
      treeItems(objects, { ...view, search }).flatMap(({ path, level }) => (level === 1 ? [path] : []));
    assert.deepEqual(found('server'), ['/1']);
    assert.deepEqual(found('/333'), ['/33333']);
    assert.deepEqual(found('known'), ['/33333']);
    assert.deepEqual(found('nothing'), []);
  });

  it('is gone through by the arrows (WAI-ARIA APG, tree view)', () => {
    const items = treeItems(objects, view);
    assert.deepEqual(treeStep('ArrowDown', items, 0), { kind: 'move', index: 1 });
    assert.deepEqual(
      treeStep('ArrowLeft', items, 2),
      { kind: 'move', index: 0 },
      'to the Object it belongs to',
    );
    assert.deepEqual(treeStep('ArrowLeft', items, 0), { kind: 'collapse', item: items[0] });
    assert.deepEqual(treeStep('Enter', items, 1), { kind: 'open', item: items[1] });
    assert.deepEqual(treeStep('End', items, 0), { kind: 'move', index: 3 });
    assert.deepEqual(treeStep('j', items, 3), { kind: 'move', index: 3 });
    assert.equal(treeStep('q', items, 0), undefined);
    const closed = treeItems(objects, { ...view, expanded: new Set() });
    assert.deepEqual(treeStep('ArrowRight', closed, 0), { kind: 'expand', item: closed[0] });
  });

  it('takes paths apart', () => {
    assert.deepEqual(levelOf('/3'), {
      kind: 'object',
      objectId: 3,
      instancePath: undefined,
      resourceId: undefined,
    });
    assert.deepEqual(levelOf('/3/0/9'), {
      kind: 'resource',
      objectId: 3,
      instancePath: '/3/0',
      resourceId: 9,
    });
    assert.equal(levelOf(''), undefined);
  });
});

describe('the editor of attributes', () => {
  const empty = { pmin: '', pmax: '', gt: '', lt: '', st: '' };

  it('changes what was changed, unsets what was emptied, and leaves the rest', () => {
    const wished = { pmin: 5, pmax: 60, gt: 30 };
    assert.deepEqual(readAttributes({ ...empty, pmin: '5', pmax: '120' }, wished), {
      kind: 'change',
      change: { pmax: 120, gt: null },
    });
  });

  const wrong = [
    { pmin: 'x' },
    { pmin: '1.5' },
    { pmax: '-1' },
    { pmin: '10', pmax: '5' },
    { st: '0' },
    { lt: '10', gt: '10' },
    { lt: '1', gt: '2', st: '1' },
  ];
  for (const inputs of wrong) {
    it(`refuses what no device could do (1.0 §5.1.2): ${JSON.stringify(inputs)}`, () => {
      assert.equal(readAttributes({ ...empty, ...inputs }, {}).kind, 'problem');
    });
  }
});

describe('lines for a shell', () => {
  it('are quoted, because devices choose their names', () => {
    assert.equal(
      commandLine({ endpoint: 'lamp', path: '/3/0' }, { name: 'read' }),
      'npx dunlin read lamp /3/0',
    );
    assert.equal(
      commandLine({ endpoint: "a'; rm -rf ~ #", path: '/3' }, { name: 'discover' }),
      String.raw`npx dunlin discover 'a'\''; rm -rf ~ #' /3`,
    );
    assert.match(
      curlLine('http://h', '$(x)', '/3'),
      /'http:\/\/h\/api\/v1\/devices\/%24\(x\)\/resources\/3'$/,
    );
  });

  it('end options before a word that begins with a dash', () => {
    assert.equal(
      commandLine({ endpoint: '--help', path: '/3' }, { name: 'read' }),
      'npx dunlin read -- --help /3',
    );
    assert.equal(
      commandLine(
        { endpoint: 'lamp', path: '/3303/0/5700' },
        { name: 'write', input: { value: -5, type: 'float' } },
      ),
      'npx dunlin write --type float -- lamp /3303/0/5700 -5',
    );
  });

  it('have values as texts, those of Resources by their ids', () => {
    const resources = { '0': { value: 'a b' }, '1': { value: 9_007_199_254_740_993n } };
    assert.equal(
      commandLine({ endpoint: 'lamp', path: '/1/0' }, { name: 'update', resources }),
      "npx dunlin write --mode update lamp /1/0 '0=a b' 1=9007199254740993",
    );
    assert.equal(
      commandLine(
        { endpoint: 'lamp', path: '/3/0/11' },
        { name: 'write', input: { values: { '0': 1, '3': 2 } } },
      ),
      'npx dunlin write --multiple lamp /3/0/11 0=1 3=2',
    );
    assert.equal(
      commandLine({ endpoint: 'lamp', path: '/3303' }, { name: 'create', resources: {}, instanceId: 4 }),
      'npx dunlin create --instance 4 lamp /3303',
    );
    assert.equal(
      commandLine(
        { endpoint: 'lamp', path: '/3303/0' },
        { name: 'attributes', change: { pmin: 5, gt: null } },
      ),
      'npx dunlin attributes lamp /3303/0 pmin=5 gt=',
    );
    assert.equal(
      commandLine({ endpoint: 'lamp', path: '/3/0/14' }, { name: 'write', input: { value: '' } }),
      "npx dunlin write lamp /3/0/14 ''",
    );
  });

  it('have the terms on which the device is asked, as far as the operation has them', () => {
    const asked = { endpoint: 'lamp', path: '/3/0', terms: { timeout: 30, format: 'json' } } as const;
    assert.equal(
      commandLine(asked, { name: 'read' }),
      'npx dunlin read --timeout 30 --format json lamp /3/0',
    );
    assert.equal(commandLine(asked, { name: 'discover' }), 'npx dunlin discover --timeout 30 lamp /3/0');
    assert.equal(
      commandLine(asked, { name: 'attributes', change: { pmin: 1 } }),
      'npx dunlin attributes lamp /3/0 pmin=1',
    );
    const terms = { channel: 'sms' } as const;
    assert.equal(commandLine({ ...asked, terms }, { name: 'read' }), undefined, 'no command has the channel');
  });

  it('are not there for what no command can say', () => {
    const several = { '11': { values: { '0': 1 } } };
    assert.equal(
      commandLine({ endpoint: 'lamp', path: '/3/0' }, { name: 'update', resources: several }),
      undefined,
    );
    assert.equal(
      commandLine({ endpoint: 'lamp', path: '/3' }, { name: 'create', resources: several }),
      undefined,
    );
    assert.equal(
      commandLine({ endpoint: 'lamp', path: '/3/0' }, { name: 'update', resources: {} }),
      undefined,
    );
    assert.equal(
      commandLine({ endpoint: 'lamp', path: '/3/0' }, { name: 'attributes', change: {} }),
      undefined,
    );
    const withNothing = { value: 'a\0b' };
    assert.equal(
      commandLine({ endpoint: 'lamp', path: '/3/0/14' }, { name: 'write', input: withNothing }),
      undefined,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { coreDefinitions } from '@dunlin/lwm2m';

import { memoryDefinitionFiles } from '../../src/definitions/definition-files.ts';
import { UploadedDefinitions } from '../../src/definitions/uploaded-definitions.ts';
import { testApp } from '../support/test-app.ts';

/** A DDF file of one Object with one Resource. */
function pump(version = '1.0', name = 'Pump', id = 30_001): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<LWM2M><Object ObjectType="MODefinition">
<Name>${name}</Name><Description1>A pump.</Description1><ObjectID>${id}</ObjectID>
<ObjectURN>urn:oma:lwm2m:x:${id}${version === '1.0' ? '' : `:${version}`}</ObjectURN>
<LWM2MVersion>1.0</LWM2MVersion><ObjectVersion>${version}</ObjectVersion>
<MultipleInstances>Multiple</MultipleInstances><Mandatory>Optional</Mandatory>
<Resources><Item ID="1"><Name>Speed</Name><Operations>RW</Operations><MultipleInstances>Single</MultipleInstances>
<Mandatory>Mandatory</Mandatory><Type>Float</Type><RangeEnumeration>0..3000</RangeEnumeration><Units>1/min</Units>
<Description>Revolutions.</Description></Item></Resources>
</Object></LWM2M>`;
}

const xml = { 'content-type': 'application/xml' };
const route = '/api/v1/definitions';

describe('POST /definitions', () => {
  it('adds what a DDF file defines, descriptions and all, to be used at once', async () => {
    const { ask } = await testApp();
    const added = await ask('POST', route, pump(), xml);
    assert.equal(added.status, 201);
    assert.deepEqual(added.body, {
      definitions: [{ id: 30_001, name: 'Pump', version: '1.0', source: 'uploaded' }],
    });
    const { body } = await ask('GET', `${route}/30001`);
    assert.equal(body['description'], 'A pump.');
    assert.equal(body['source'], 'uploaded');
    assert.deepEqual(body['resources'], [
      {
        id: 1,
        name: 'Speed',
        operations: 'RW',
        isMultiple: false,
        isMandatory: true,
        type: 'float',
        range: { kind: 'interval', minimum: 0, maximum: 3000 },
        units: '1/min',
        description: 'Revolutions.',
      },
    ]);
    const write = await ask('PUT', '/api/v1/devices/lamp/resources/30001/0/1', { value: 'fast' });
    assert.deepEqual([write.status, write.body['field']], [400, 'body.value']);
  });

  it('keeps versions apart', async () => {
    const { ask } = await testApp();
    await ask('POST', route, pump('1.0', 'Old pump'), xml);
    await ask('POST', route, pump('2.0', 'New pump'), xml);
    const nameOf = async (query: string) => (await ask('GET', `${route}/30001${query}`)).body['name'];
    assert.deepEqual(
      [await nameOf(''), await nameOf('?version=1.0'), await nameOf('?version=2.3')],
      ['New pump', 'Old pump', 'New pump'],
    );
  });

  it('says at which line and column a file is wrong, and takes nothing of it', async () => {
    const { ask } = await testApp();
    const broken = pump().replace('<Type>Float</Type>', '<Type>Double</Type>');
    const { status, body } = await ask('POST', route, broken, xml);
    assert.deepEqual([status, body['field']], [400, 'body']);
    assert.match(String(body['message']), /line 8, column \d+: .*Double/);
    assert.equal((await ask('GET', `${route}/30001`)).status, 404);
  });

  for (const [what, body, headers] of [
    ['no XML', 'hello', xml],
    ['an entity', '<!DOCTYPE x [<!ENTITY a "b">]><LWM2M>&a;</LWM2M>', xml],
    ['nothing', undefined, {}],
    ['JSON', { id: 1 }, {}],
  ] as const)
    it(`refuses ${what}`, async () => {
      const { ask } = await testApp();
      assert.equal((await ask('POST', route, body, headers)).status, 400);
    });

  it('lets nobody redefine what the server rests on', async () => {
    const { ask } = await testApp();
    const { status, body } = await ask(
      'POST',
      route,
      pump('1.0', 'Security', 0).replace(/<ObjectURN>.*<\/ObjectURN>/, ''),
      xml,
    );
    assert.deepEqual([status, body['error']], [409, 'conflict']);
  });
});

describe('GET /definitions', () => {
  it('lists by id and version, page by page', async () => {
    const { ask } = await testApp();
    const first = await ask('GET', `${route}?limit=3`);
    const { definitions, next, total } = first.body as {
      definitions: { id: number; version: string; source: string }[];
      next: string;
      total: number;
    };
    assert.deepEqual(definitions[0], { id: 0, name: 'LwM2M Security', version: '1.0', source: 'built-in' });
    assert.ok(total > 300);
    const second = await ask('GET', `${route}?limit=3&after=${next}`);
    const ids = [...definitions, ...(second.body['definitions'] as typeof definitions)].map(
      ({ id, version }) => `${id}/${version}`,
    );
    assert.equal(new Set(ids).size, 6);
    assert.equal(next, ids[2]);
  });

  it('finds by name, by id and by source', async () => {
    const { ask } = await testApp();
    await ask('POST', route, pump(), xml);
    const found = async (query: string) =>
      ((await ask('GET', `${route}?${query}`)).body['definitions'] as { name: string }[]).map(
        ({ name }) => name,
      );
    assert.deepEqual(await found('search=pUmP&source=uploaded'), ['Pump']);
    assert.deepEqual(await found('search=30001'), ['Pump']);
    assert.deepEqual(await found('source=uploaded'), ['Pump']);
    assert.deepEqual(await found('search=nothing%20like%20it'), []);
  });
});

describe('DELETE /definitions/{object}/{version}', () => {
  it('removes what was uploaded, and nothing else', async () => {
    const { ask } = await testApp();
    await ask('POST', route, pump(), xml);
    assert.equal((await ask('DELETE', `${route}/30001/1.0`)).status, 204);
    assert.equal((await ask('GET', `${route}/30001`)).status, 404);
    assert.equal((await ask('DELETE', `${route}/30001/1.0`)).status, 404);
    assert.equal((await ask('DELETE', `${route}/3/1.0`)).status, 409);
  });
});

describe('uploaded definitions', () => {
  it('are there after a restart, and a file that is broken is passed over and told', async () => {
    const files = memoryDefinitionFiles();
    const builtIn = coreDefinitions;
    const before = await UploadedDefinitions.open({ builtIn, files }, () => undefined);
    await before.upload(new TextEncoder().encode(pump()));
    await files.put('30002-1.0.xml', new TextEncoder().encode('<LWM2M>'));
    const told: string[] = [];
    const after = await UploadedDefinitions.open({ builtIn, files }, (name, reason) =>
      told.push(`${name} ${reason}`),
    );
    assert.equal(after.find(30_001)?.name, 'Pump');
    assert.equal(after.isUploaded({ id: 30_001, version: '1.0' }), true);
    assert.match(told.join(), /^30002-1\.0\.xml line 1: /);
  });

  it('are as many as there is room for', async () => {
    const files = memoryDefinitionFiles();
    const definitions = await UploadedDefinitions.open(
      { builtIn: coreDefinitions, files, limit: 1 },
      () => undefined,
    );
    const upload = (text: string) => definitions.upload(new TextEncoder().encode(text));
    assert.ok(Array.isArray(await upload(pump())));
    assert.ok(Array.isArray(await upload(pump('1.0', 'Other name'))));
    const refused = await upload(pump('1.1'));
    assert.ok('kind' in refused && refused.problem === 'full');
  });
});

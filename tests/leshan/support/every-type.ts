import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { isDefinitionFailure, type ObjectDefinition, parseObjectDefinitionXml } from '@dunlin/lwm2m';

import { everyTypeFile } from './leshan-build.ts';

/** `/32800`, with a Resource of every data type of LwM2M 1.0, from the file that Leshan reads too. */
export async function everyType(): Promise<ObjectDefinition> {
  const definitions = await parseObjectDefinitionXml(readFileSync(everyTypeFile));
  assert.ok(!isDefinitionFailure(definitions));
  const [definition] = definitions;
  assert.ok(definition !== undefined);
  return definition;
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import type { ExecuteHandler, ObjectSetup, TreeResource } from '@dunlin/client';
import {
  isDefinitionFailure,
  type ObjectDefinition,
  parseObjectDefinitionXml,
  pathOf,
  type ResourceContent,
  type Value,
} from '@dunlin/lwm2m';

import { everyTypeFile } from './leshan-build.ts';

/** `/32800`, with a Resource of every data type of LwM2M 1.0, from the file that Leshan reads too. */
export async function everyType(): Promise<ObjectDefinition> {
  const definitions = await parseObjectDefinitionXml(readFileSync(everyTypeFile));
  assert.ok(!isDefinitionFailure(definitions));
  const [definition] = definitions;
  assert.ok(definition !== undefined);
  return definition;
}

/** `/32800/0/20`, which changes by itself. */
export const reading = {
  kind: 'resource-reference',
  path: pathOf(32_800, 0, 20),
  definition: {
    id: 20,
    name: 'Reading',
    operations: 'R',
    isMultiple: false,
    isMandatory: false,
    type: 'float',
  },
} as const;

/** The same values as those of Leshan's device. */
const values: Readonly<Record<number, Value | ReadonlyMap<number, Value>>> = {
  0: 'Grüße, 鳥',
  1: -9_007_199_254_740_993n,
  2: -0.1,
  3: true,
  4: Uint8Array.of(0, 1, 255),
  5: 1_700_000_000,
  6: { objectId: 3, objectInstanceId: 0 },
  10: new Map([
    [0, 'a'],
    [300, 'b'],
  ]),
  11: new Map([
    [1, -(2n ** 63n)],
    [2, 2n ** 63n - 1n],
  ]),
  12: new Map([
    [0, 1.5],
    [1, 1e300],
  ]),
  13: new Map([
    [0, false],
    [7, true],
  ]),
  14: new Map([
    [0, new Uint8Array()],
    [1, Uint8Array.of(127)],
  ]),
  15: new Map([
    [0, 0],
    [1, 1_000_000_000],
  ]),
  16: new Map([
    [0, { objectId: 3, objectInstanceId: 0 }],
    [1, { objectId: 65_535, objectInstanceId: 65_535 }],
  ]),
  20: 20.5,
};

/** The Object of a device of ours, with instance 0; `onExecute` runs `/32800/x/22`. */
export function everyTypeObject(definition: ObjectDefinition, onExecute: ExecuteHandler): ObjectSetup {
  const run: TreeResource = { kind: 'executable', execute: onExecute };
  const resources = new Map<number, TreeResource>([[22, run]]);
  for (const [id, value] of Object.entries(values)) {
    const { type } = definition.resources.get(Number(id)) ?? assert.fail(id);
    const content: ResourceContent =
      value instanceof Map
        ? { kind: 'multiple', type, values: value as ReadonlyMap<number, Value> }
        : { kind: 'single', type, value: value as Value };
    resources.set(Number(id), { kind: 'stored', content });
  }
  return {
    definition,
    instances: new Map([[0, resources]]),
    template: () => new Map([[22, run]]),
    isCreatable: true,
    isDeletable: true,
    supportedResources: new Set(definition.resources.keys()),
  };
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  defineObject,
  Device,
  type ExecutableReference,
  type FirmwareUpdate,
  type Integer,
  maxId,
  type ObjectLink,
  pathOf,
  type ReadableReference,
  type ReferredValue,
  type ResourceReference,
  type ResourceSpecification,
  type ResourceValues,
  Security,
  Server,
  type WritableReference,
} from '@dunlin/lwm2m';

/** True when the two types are the same. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** True when the first type can be used as the second. */
type Usable<A, B> = [A] extends [B] ? true : false;

/** Its arguments are claims about types: `true satisfies Same<A, B>` compiles only when it holds. */
function claims(...results: readonly boolean[]): void {
  assert.equal(results.length, 1);
}

const light = {
  id: 32768,
  name: 'Light',
  version: '2.1',
  isMultiple: true,
  isMandatory: false,
  resources: {
    onOff: { id: 0, name: 'On/Off', operations: 'RW', isMultiple: false, isMandatory: true, type: 'boolean' },
    colours: {
      id: 1,
      name: 'Colours',
      operations: 'R',
      isMultiple: true,
      isMandatory: false,
      type: 'string',
    },
    blink: { id: 2, name: 'Blink', operations: 'E', isMultiple: false, isMandatory: false, type: 'none' },
    key: { id: 3, name: 'Key', operations: 'W', isMultiple: false, isMandatory: false, type: 'opaque' },
  },
} as const;

describe('the types of references', () => {
  test('a reference knows the type of its value by the data type of the Resource (R-103, 1.0 Appendix C)', () => {
    claims(true satisfies Same<ReferredValue<typeof Device.manufacturer>, string>);
    claims(true satisfies Same<ReferredValue<typeof Device.batteryLevel>, Integer>);
    claims(true satisfies Same<ReferredValue<typeof Device.currentTime>, Integer>);
    claims(true satisfies Same<ReferredValue<typeof FirmwareUpdate.package>, Uint8Array>);
    const server = Server(0);
    claims(true satisfies Same<ReferredValue<typeof server.lifetime>, Integer>);
    claims(
      true satisfies Same<ReferredValue<typeof server.notificationStoringWhenDisabledOrOffline>, boolean>,
    );
    claims(true satisfies Same<typeof Device.manufacturer, ResourceReference<string, false, 'R'>>);
    claims(true satisfies Usable<typeof server.lifetime, ResourceReference<Integer, false>>);
  });

  test('a reference to a Multiple Resource stands for values by Resource Instance id (R-103)', () => {
    claims(true satisfies Same<ReferredValue<typeof Device.errorCode>, ReadonlyMap<number, Integer>>);
    claims(true satisfies Same<ReferredValue<typeof Device.extDevInfo>, ReadonlyMap<number, ObjectLink>>);
    claims(true satisfies Usable<typeof Device.errorCode, ResourceReference<Integer, true>>);
    claims(false satisfies Usable<typeof Device.errorCode, ResourceReference<Integer, false>>);
  });

  test('a reference to an executable Resource is not one to a value (R-105)', () => {
    claims(true satisfies Same<typeof Device.reboot, ExecutableReference>);
    claims(false satisfies Usable<typeof Device.reboot, ResourceReference>);
    claims(false satisfies Usable<typeof Device.manufacturer, ExecutableReference>);
  });

  test('a reference knows whether its Resource can be read and written (R-104)', () => {
    claims(
      true satisfies Usable<typeof Device.utcOffset, ReadableReference<string> & WritableReference<string>>,
    );
    claims(false satisfies Usable<typeof Device.manufacturer, WritableReference>);
    claims(false satisfies Usable<typeof FirmwareUpdate.package, ReadableReference>);
    const security = Security(0);
    claims(false satisfies Usable<typeof security.secretKey, ReadableReference | WritableReference>);
  });

  test('any reference to values can be used where the value does not matter', () => {
    claims(true satisfies Usable<typeof Device.manufacturer, ResourceReference>);
    claims(true satisfies Usable<typeof Device.errorCode, ResourceReference>);
    claims(false satisfies Usable<typeof Device.manufacturer, ResourceReference<Integer>>);
  });

  test('the values of an Object are typed by the names of its Resources, without executable ones', () => {
    type LightValues = ResourceValues<typeof light>;
    claims(true satisfies Same<keyof LightValues, 'onOff' | 'colours' | 'key'>);
    claims(true satisfies Same<NonNullable<LightValues['onOff']>, boolean>);
    claims(true satisfies Same<NonNullable<LightValues['colours']>, ReadonlyMap<number, string>>);
  });

  test('an executable Resource with a type, or another without one, does not compile (R-105)', () => {
    type Row<O, T, M> = { operations: O; type: T; isMultiple: M; id: 1; name: 'x'; isMandatory: true };
    claims(true satisfies Usable<Row<'E', 'none', false>, ResourceSpecification>);
    claims(false satisfies Usable<Row<'E', 'string', false>, ResourceSpecification>);
    claims(false satisfies Usable<Row<'E', 'none', true>, ResourceSpecification>);
    claims(false satisfies Usable<Row<'R', 'none', false>, ResourceSpecification>);
  });
});

describe('defineObject', () => {
  const Light = defineObject(light);

  test('refers to the Resources of the one instance of a Single Object by name (R-102)', () => {
    assert.equal(Device.manufacturer.kind, 'resource-reference');
    assert.deepEqual(Device.manufacturer.path, pathOf(3, 0, 0));
    assert.equal(Device.reboot.kind, 'executable-reference');
    assert.deepEqual(Device.reboot.path, pathOf(3, 0, 4));
    assert.deepEqual(Device.path, pathOf(3, 0));
    assert.equal(Device.manufacturer.definition, Device.definition.resources.get(0));
  });

  test('refers to the Resources of any instance of a Multiple Object by its id (R-102)', () => {
    assert.deepEqual(Light.path, pathOf(32768));
    assert.deepEqual(Light(7).path, pathOf(32768, 7));
    assert.deepEqual(Light(7).colours.path, pathOf(32768, 7, 1));
    assert.deepEqual(Server(65534).lifetime.path, pathOf(1, 65534, 1));
    assert.equal(Light(1).definition, Light.definition);
  });

  test('gives the definition with the Resources by id', () => {
    assert.equal(Light.definition.version, '2.1');
    assert.equal(Light.definition.isMultiple, true);
    assert.deepEqual([...Light.definition.resources.keys()], [0, 1, 2, 3]);
    assert.equal(Light.definition.resources.get(2)?.name, 'Blink');
    assert.equal(Light.resources.blink, Light.definition.resources.get(2));
  });

  test('refuses Object Instance ids that cannot be: 65535 is MAX_ID (R-110)', () => {
    for (const id of [maxId, -1, 0.5, Number.NaN, 70000]) {
      assert.throws(() => Light(id), { code: 'usage', message: /whole number from 0 to 65534/ });
    }
  });

  test('refuses an executable Resource that is multiple or has a type (R-105)', () => {
    const blink = { ...light.resources.blink };
    const multiple: object = { ...light, resources: { blink: { ...blink, isMultiple: true } } };
    const typed: object = { ...light, resources: { blink: { ...blink, type: 'string' } } };
    assert.throws(() => defineObject(multiple as typeof light), /Resource 2 is executable and multiple/);
    assert.throws(
      () => defineObject(typed as typeof light),
      /Resource 2 is executable and has the type string/,
    );
  });

  test('refuses a Resource without a type that is not executable (R-105)', () => {
    const untyped: object = { ...light, resources: { key: { ...light.resources.key, type: 'none' } } };
    assert.throws(
      () => defineObject(untyped as typeof light),
      /Resource 3 has no type and is not executable/,
    );
  });

  test('refuses two Resources of one id, and names that are taken', () => {
    const { onOff, key } = light.resources;
    assert.throws(() => defineObject({ ...light, resources: { onOff, key: { ...key, id: 0 } } }), {
      code: 'usage',
      message: /Resource 0 is defined twice: On\/Off and Key/,
    });
    for (const name of ['path', 'definition', 'resources']) {
      const taken: object = { ...light, resources: { [name]: key } };
      assert.throws(() => defineObject(taken as typeof light), /cannot be called/);
    }
  });

  test('refuses ids, names, versions and ranges that cannot be (R-110, R-120)', () => {
    const { key } = light.resources;
    assert.throws(() => defineObject({ ...light, id: 65535 }), /its id is 65535/);
    assert.throws(() => defineObject({ ...light, id: -1 }), /its id is -1/);
    assert.throws(() => defineObject({ ...light, name: '' }), /has no name/);
    assert.throws(
      () => defineObject({ ...light, resources: { key: { ...key, id: 65535 } } }),
      /Resource 65535/,
    );
    assert.throws(() => defineObject({ ...light, resources: { key: { ...key, name: '' } } }), /has no name/);
    for (const version of ['1', '1.0.0', '01.0', 'v1.0', '', '1.']) {
      assert.throws(() => defineObject({ ...light, version }), /not two numbers joined by a dot/);
    }
    const range = { kind: 'length', minimum: 3, maximum: 2 } as const;
    assert.throws(
      () => defineObject({ ...light, resources: { key: { ...key, range } } }),
      /empty range from 3 to 2/,
    );
    const nothing = { kind: 'enumeration', values: [] } as const;
    assert.throws(
      () => defineObject({ ...light, resources: { key: { ...key, range: nothing } } }),
      /without values/,
    );
  });
});

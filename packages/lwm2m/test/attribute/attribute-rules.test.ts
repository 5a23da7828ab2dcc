import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { seconds } from '@dunlin/base';
import { formatCode } from '@dunlin/coap';
import {
  applyAttributesChange,
  type DataType,
  effectiveAttributes,
  isRefusal,
  type NotificationAttributes,
  type NotificationAttributesChange,
  parseAttributeQuery,
  type ResourceDefinition,
  type ResourceOperations,
} from '@dunlin/lwm2m';

function resource(type: DataType, operations: ResourceOperations = 'R'): ResourceDefinition {
  return { id: 9, name: 'Battery Level', operations, isMultiple: false, isMandatory: false, type };
}

function changeOf(query: string): NotificationAttributesChange {
  const change = parseAttributeQuery(query.split('&'));
  assert.ok(!isRefusal(change));
  return change;
}

/** The code of the refusal of a change on an integer Resource, or what the attributes are after it. */
function applied(current: NotificationAttributes, query: string): NotificationAttributes | string {
  const result = applyAttributesChange('resource', current, changeOf(query), resource('integer'));
  return isRefusal(result) ? formatCode(result.code) : result;
}

describe('A change of attributes', () => {
  it('sets, unsets and keeps attribute by attribute (R-451)', () => {
    assert.deepEqual(applied({}, 'pmin=10&gt=5'), { pmin: 10, gt: 5 });
    assert.deepEqual(applied({ pmin: seconds(10), gt: 5 }, 'gt&pmax=60'), { pmin: 10, pmax: 60 });
    assert.deepEqual(applied({ pmin: seconds(10) }, 'pmin&st'), {});
    assert.deepEqual(applied({ pmin: seconds(10) }, 'pmin=20'), { pmin: 20 });
  });

  it('has gt, lt and st on a Resource only, else 4.00 (R-453, R-520)', () => {
    for (const level of ['object', 'object-instance'] as const) {
      for (const query of ['gt=1', 'lt=1', 'st=1', 'pmin=1&gt=1', 'gt']) {
        const result = applyAttributesChange(level, {}, changeOf(query));
        assert.ok(isRefusal(result), query);
        assert.equal(formatCode(result.code), '4.00');
      }
      assert.deepEqual(applyAttributesChange(level, {}, changeOf('pmin=1&pmax=2')), { pmin: 1, pmax: 2 });
    }
  });

  it('has gt, lt and st on a numeric Resource only, else 4.00 (R-453, R-539)', () => {
    for (const type of ['integer', 'unsigned-integer', 'float', 'time'] as const) {
      assert.deepEqual(applyAttributesChange('resource', {}, { gt: 1 }, resource(type)), { gt: 1 });
    }
    for (const type of ['string', 'boolean', 'opaque', 'objlnk', 'corelnk'] as const) {
      const result = applyAttributesChange('resource', {}, { gt: 1 }, resource(type));
      assert.ok(isRefusal(result), type);
      assert.equal(formatCode(result.code), '4.00');
      assert.deepEqual(applyAttributesChange('resource', {}, changeOf('pmin=1'), resource(type)), {
        pmin: 1,
      });
    }
    assert.deepEqual(applyAttributesChange('resource', {}, { gt: 1 }), { gt: 1 });
  });

  it('is refused with 4.05 on a Resource that cannot be read (R-104, R-406 step 9)', () => {
    for (const operations of ['W', 'E', ''] as const) {
      const result = applyAttributesChange(
        'resource',
        {},
        changeOf('pmin=1'),
        resource('integer', operations),
      );
      assert.ok(isRefusal(result));
      assert.equal(formatCode(result.code), '4.05');
    }
    assert.deepEqual(applyAttributesChange('resource', {}, changeOf('pmin=1'), resource('integer', 'RW')), {
      pmin: 1,
    });
  });

  it('is refused with 4.05 where there are no attributes (R-450)', () => {
    for (const level of ['root', 'resource-instance'] as const) {
      const result = applyAttributesChange(level, {}, changeOf('pmin=1'));
      assert.ok(isRefusal(result));
      assert.equal(formatCode(result.code), '4.05');
    }
  });

  it('is refused with 4.00 when the resulting set has lt + 2 * st not below gt (R-454)', () => {
    assert.equal(applied({}, 'lt=10&gt=10'), '4.00');
    assert.equal(applied({}, 'lt=11&gt=10'), '4.00');
    assert.equal(applied({}, 'lt=0&gt=2&st=1'), '4.00');
    assert.deepEqual(applied({}, 'lt=0&gt=3&st=1'), { gt: 3, lt: 0, st: 1 });
    assert.deepEqual(applied({}, 'lt=1&gt=6&st=1'), { gt: 6, lt: 1, st: 1 });
    assert.equal(applied({ lt: 0, gt: 10 }, 'st=5'), '4.00');
    assert.equal(applied({ lt: 0, st: 5 }, 'gt=10'), '4.00');
    assert.deepEqual(applied({ lt: 0, gt: 10 }, 'gt&st=5'), { lt: 0, st: 5 });
    assert.deepEqual(applied({ lt: 20 }, 'gt=40'), { lt: 20, gt: 40 });
    assert.equal(isRefusal(applyAttributesChange('resource', {}, { st: -1 })), true);
  });

  it('may leave pmax below pmin, which is then ignored (R-454)', () => {
    assert.deepEqual(applied({}, 'pmin=60&pmax=10'), { pmin: 60, pmax: 10 });
    assert.deepEqual(applied({ pmin: seconds(60) }, 'pmax=0'), { pmin: 60, pmax: 0 });
  });
});

describe('Attributes in effect', () => {
  it('are those of the innermost level that sets them, each on its own (R-521)', () => {
    const server = { pmin: seconds(1), pmax: seconds(100) };
    const object = { pmin: seconds(2) };
    const instance = { pmax: seconds(50) };
    const ofResource = { pmin: seconds(5), gt: 3 };
    assert.deepEqual(effectiveAttributes([server, object, instance, ofResource]), {
      pmin: 5,
      pmax: 50,
      gt: 3,
    });
    assert.deepEqual(effectiveAttributes([server, object, instance, undefined]), { pmin: 2, pmax: 50 });
    assert.deepEqual(effectiveAttributes([server, undefined, {}, {}]), { pmin: 1, pmax: 100 });
    assert.deepEqual(effectiveAttributes([undefined, undefined]), {});
    assert.deepEqual(effectiveAttributes([server, { pmin: seconds(0) }]), { pmin: 0, pmax: 100 });
  });

  it('end at the observed level for an Object or an Object Instance (R-523)', () => {
    assert.deepEqual(effectiveAttributes([{ pmin: seconds(1) }, { pmin: seconds(2) }]), { pmin: 2 });
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ContentFormat, formatCode, Method, ResponseCode } from '@dunlin/coap';
import {
  formatsFor,
  isListedRefusal,
  judgeResponse,
  type OperationName,
  operations,
  type RegistrationOperationName,
  registrationOperations,
} from '@dunlin/lwm2m';

function codes(name: RegistrationOperationName): readonly string[] {
  return [registrationOperations[name].success, ...registrationOperations[name].refusals].map(formatCode);
}

const names = Object.keys(operations) as readonly OperationName[];

describe('The table of operations', () => {
  const expected: Readonly<Record<OperationName, readonly [string, string, string, string]>> = {
    read: ['get', '1 2 3', '2.05', '4.00 4.01 4.04 4.05 4.06'],
    discover: ['get', '1 2 3', '2.05', '4.00 4.01 4.04 4.05'],
    'write-replace': ['put', '2 3', '2.04', '4.00 4.01 4.04 4.05 4.08 4.13 4.15'],
    'write-update': ['post', '2', '2.04', '4.00 4.01 4.04 4.05 4.08 4.13 4.15'],
    'write-attributes': ['put', '1 2 3', '2.04', '4.00 4.01 4.04 4.05'],
    execute: ['post', '3', '2.04', '4.00 4.01 4.04 4.05 4.15'],
    create: ['post', '1', '2.01', '4.00 4.01 4.04 4.05 4.15'],
    delete: ['delete', '2', '2.02', '4.00 4.01 4.04 4.05'],
    observe: ['get', '1 2 3', '2.05', '4.00 4.01 4.04 4.05 4.06'],
    'cancel-observation': ['get', '1 2 3', '2.05', '4.00 4.01 4.04 4.05 4.06'],
  };
  const depths = { root: 0, object: 1, 'object-instance': 2, resource: 3, 'resource-instance': 4 } as const;
  for (const name of names) {
    it(`has method, path depths, success and refusals of ${name} (R-406, 1.0 §8.2.5, §8.5 Table 27)`, () => {
      const { method, levels, success, refusals } = operations[name];
      const [expectedMethod, expectedDepths, expectedSuccess, expectedRefusals] = expected[name];
      assert.equal(method, Method[expectedMethod as keyof typeof Method]);
      assert.equal(levels.map((level) => depths[level]).join(' '), expectedDepths);
      assert.equal(formatCode(success), expectedSuccess);
      assert.equal(refusals.map(formatCode).sort().join(' '), `${expectedRefusals} 5.00`);
    });
  }

  it('has the codes of Register, Update and De-register (R-311, R-333, 1.0 §8.5)', () => {
    assert.deepEqual(codes('register'), ['2.01', '4.00', '4.03', '4.12', '5.00']);
    assert.deepEqual(codes('update'), ['2.04', '4.00', '4.04', '5.00']);
    assert.deepEqual(codes('deregister'), ['2.02', '4.00', '4.04', '5.00']);
  });

  it('has plain text and opaque for Resources only (R-423, R-442)', () => {
    const { text, opaque, tlv, json } = ContentFormat;
    assert.deepEqual(new Set(formatsFor('content', 'resource')), new Set([text, opaque, tlv, json]));
    for (const level of ['object', 'object-instance'] as const) {
      assert.deepEqual(formatsFor('content', level), [tlv, json]);
    }
    assert.deepEqual(formatsFor('links', 'object'), [ContentFormat.linkFormat]);
    assert.deepEqual(formatsFor('arguments', 'resource'), [text]);
    assert.deepEqual(formatsFor('nothing', 'resource'), []);
    assert.deepEqual(formatsFor('attributes', 'resource'), []);
  });
});

describe('Judging a response', () => {
  it('takes only the one success code of the operation (1.0 §8.5 Table 27)', () => {
    assert.equal(judgeResponse('read', ResponseCode.content), 'success');
    assert.equal(judgeResponse('read', ResponseCode.changed), 'unexpected');
    assert.equal(judgeResponse('create', ResponseCode.created), 'success');
    assert.equal(judgeResponse('create', ResponseCode.changed), 'unexpected');
    assert.equal(judgeResponse('delete', ResponseCode.deleted), 'success');
    assert.equal(judgeResponse('write-replace', ResponseCode.continue), 'unexpected');
    assert.equal(judgeResponse('register', ResponseCode.created), 'success');
    assert.equal(judgeResponse('update', ResponseCode.created), 'unexpected');
  });

  it('takes 2.04 of old clients for an Observe and its cancellation', () => {
    assert.equal(judgeResponse('observe', ResponseCode.changed), 'success');
    assert.equal(judgeResponse('cancel-observation', ResponseCode.changed), 'success');
  });

  it('takes every code of class 4 and 5 for a refusal, listed or not (R-452, RFC 7252 §5.9)', () => {
    for (const name of names) {
      for (const code of [ResponseCode.badRequest, ResponseCode.badOption, ResponseCode.serviceUnavailable]) {
        assert.equal(judgeResponse(name, code), 'refusal');
      }
      assert.ok(isListedRefusal(name, ResponseCode.badRequest));
      assert.ok(isListedRefusal(name, ResponseCode.internalServerError));
      assert.ok(!isListedRefusal(name, ResponseCode.badOption));
    }
    assert.ok(!isListedRefusal('update', ResponseCode.forbidden));
    assert.ok(isListedRefusal('register', ResponseCode.forbidden));
  });

  it('takes codes of other classes for no answer at all', () => {
    for (const code of [0x00, 0x01, 0x60, 0xe1]) assert.equal(judgeResponse('read', code), 'unexpected');
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { isFormatFailure, type JsonValue, parseJsonExactly } from '@dunlin/lwm2m';
import {
  desiredFromJson,
  firmwareUpdateFromJson,
  firmwareUpdateToJson,
  requestFromJson,
  requestToJson,
  stateFromJson,
} from '@dunlin/server';
import fc from 'fast-check';

import { firmwareUpdateOf } from '../support/firmware-update-records.ts';
import { everyRequest } from '../support/device-store-contract.ts';

describe('JSON of what a device store keeps', () => {
  test('is refused when it is no request', () => {
    const refused: readonly JsonValue[] = [
      null,
      {},
      { name: 'read' },
      { name: 'read', path: '3.0.0' },
      { name: 'observe', path: '/3' },
      { name: 'write-replace', path: '/3/0/1' },
      { name: 'write-replace', path: '/3/0/1', content: { kind: 'resource' } },
      { name: 'write-attributes', path: '/3', change: { pmin: '5' } },
      { name: 'write-attributes', path: '/3', change: { period: 5 } },
      { name: 'execute', path: '/3/0/4' },
    ];
    for (const json of refused) assert.equal(requestFromJson(json), undefined);
    for (const request of everyRequest) assert.deepEqual(requestFromJson(requestToJson(request)), request);
  });

  test('is refused when it is no state', () => {
    const refused: readonly JsonValue[] = [
      null,
      { kind: 'sent' },
      { kind: 'gone', at: 1 },
      { kind: 'done', at: 1 },
      { kind: 'done', at: 1, result: { kind: 'content' } },
      { kind: 'done', at: 1, result: { kind: 'created', path: '/3' } },
      { kind: 'done', at: 1, result: { kind: 'links', links: [{ path: '/3', attributes: { pmin: null } }] } },
      { kind: 'failed', at: 1, failure: { reason: 'bad luck', message: '' } },
    ];
    for (const json of refused) assert.equal(stateFromJson(json), undefined);
  });

  test('is refused when it is no wish', () => {
    const refused: readonly JsonValue[] = [
      null,
      { kind: 'observation', path: '/3' },
      { kind: 'attributes', path: '/3', since: 1 },
      { kind: 'tag', path: '/3', since: 1, change: {} },
      { kind: 'observation', path: '/3', since: 1, outcome: { kind: 'established' } },
      { kind: 'observation', path: '/3', since: 1, outcome: { kind: 'failed', registrationId: 'r', at: 1 } },
    ];
    for (const json of refused) assert.equal(desiredFromJson(json), undefined);
  });

  test('is refused when it is no update of firmware', () => {
    const good = firmwareUpdateToJson(firmwareUpdateOf('a'));
    assert.notEqual(firmwareUpdateFromJson(good), undefined);
    const transfer = { method: 'pull', isBegun: false, sent: 1 };
    const refused: readonly JsonValue[] = [
      null,
      {},
      ...Object.keys(good).map((key) => Object.assign({}, good, { [key]: null })),
      { ...good, state: { kind: 'asleep' } },
      { ...good, state: { kind: 'transferring', transfer } },
      { ...good, state: { kind: 'transferring', transfer: { ...transfer, method: 'push', sent: '1' } } },
      { ...good, state: { kind: 'installing' } },
      { ...good, state: { kind: 'succeeded' } },
      { ...good, state: { kind: 'failed', at: 1, failure: { reason: 'toString', message: '' } } },
      { ...good, delivery: { method: 'fax' } },
      { ...good, observed: [3] },
      { ...good, log: [{ at: 1 }] },
    ];
    for (const json of refused) assert.equal(firmwareUpdateFromJson(json), undefined, JSON.stringify(json));
  });

  test('is read without throwing, whatever it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const json = parseJsonExactly(text);
        if (isFormatFailure(json)) return;
        requestFromJson(json);
        stateFromJson(json);
        desiredFromJson(json);
        firmwareUpdateFromJson(json);
      }),
    );
  });
});

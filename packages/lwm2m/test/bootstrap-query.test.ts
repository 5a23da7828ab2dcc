import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { formatCode } from '@dunlin/coap';
import {
  type BootstrapParameters,
  type BootstrapQueryOptions,
  formatBootstrapQuery,
  isRefusal,
  parseBootstrapQuery,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

function parsed(query: string, options?: Partial<BootstrapQueryOptions>): BootstrapParameters | string {
  const parameters = parseBootstrapQuery(query === '' ? [] : query.split('&'), options);
  return isRefusal(parameters) ? `${formatCode(parameters.code)} ${parameters.reason}` : parameters;
}

describe('The query of a Bootstrap-Request', () => {
  it('names the endpoint (R-230)', () => {
    assert.deepEqual(parsed('ep=urn:dev:os:1=2'), { endpointName: 'urn:dev:os:1=2', unknown: [] });
  });

  it('is refused with 4.00 without an endpoint name, with an empty one, or with two (R-230)', () => {
    assert.equal(parsed(''), '4.00 the mandatory parameter ep is missing');
    assert.equal(parsed('x=1'), '4.00 the mandatory parameter ep is missing');
    assert.equal(parsed('ep='), '4.00 the endpoint name is empty');
    assert.equal(parsed('ep'), '4.00 the endpoint name is empty');
    assert.equal(parsed('ep=a&ep=a'), '4.00 the parameter ep appears twice');
  });

  it('may leave the name to the credentials of the peer', () => {
    assert.deepEqual(parsed('', { isEndpointNameRequired: false }), { unknown: [] });
  });

  it('may have parameters of later versions, which a strict reader refuses', () => {
    assert.deepEqual(parsed('ep=a&pct=112&&pct=1'), { endpointName: 'a', unknown: ['pct'] });
    assert.equal(
      parsed('ep=a&pct=112', { unknownParameters: 'refuse' }),
      '4.00 the parameter "pct" is unknown',
    );
  });

  it('is read back as it was written, and arbitrary arguments never throw', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (endpointName) => {
        assert.deepEqual(parseBootstrapQuery(formatBootstrapQuery({ endpointName })), {
          endpointName,
          unknown: [],
        });
      }),
    );
    fc.assert(fc.property(fc.array(fc.string()), (query) => void parseBootstrapQuery(query)));
    assert.deepEqual(formatBootstrapQuery({}), []);
  });
});

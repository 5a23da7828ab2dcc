import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { UsageError } from '@dunlin/base';
import { ContentFormat, formatCode, Method } from '@dunlin/coap';
import {
  type BootstrapOperationName,
  bootstrapOperations,
  formatPath,
  type IdentifiableRequest,
  identifyBootstrapOperation,
  judgeBootstrapResponse,
  type OutgoingBootstrapOperation,
  parsePath,
  type Path,
  requestForBootstrapOperation,
  rootPath,
} from '@dunlin/lwm2m';

const names = Object.keys(bootstrapOperations) as readonly BootstrapOperationName[];

function path(text: string): Path {
  const parsed = parsePath(text);
  assert.ok(parsed);
  return parsed;
}

/** `PUT /3/0`, then options. */
function identified(line: string, options: Partial<IdentifiableRequest> = {}): string {
  const [method = '', target = ''] = line.split(' ');
  const result = identifyBootstrapOperation({
    method: Method[method.toLowerCase() as keyof typeof Method],
    uriPath: target.split('/').slice(1).filter(Boolean),
    uriQuery: [],
    payload: new Uint8Array(),
    isBlockwise: false,
    ...options,
  });
  return result.kind === 'refused' ? formatCode(result.code) : `${result.name} ${formatPath(result.path)}`;
}

describe('The table of bootstrap operations', () => {
  const expected: Readonly<Record<BootstrapOperationName, readonly [string, string, string, string]>> = {
    'bootstrap-discover': ['get', '0 1', '2.05', '4.00 4.04'],
    'bootstrap-write': ['put', '1 2 3', '2.04', '4.00 4.04 4.15'],
    'bootstrap-delete': ['delete', '0 1 2', '2.02', '4.00'],
    'bootstrap-finish': ['post', '', '2.04', '4.00 4.06'],
  };
  const depths = { root: 0, object: 1, 'object-instance': 2, resource: 3, 'resource-instance': 4 } as const;
  for (const name of names) {
    it(`has method, path depths, success and refusals of ${name} (1.0 §8.2.3 Table 23, §8.5, R-240, R-245)`, () => {
      const { method, levels, success, refusals } = bootstrapOperations[name];
      const [expectedMethod, expectedDepths, expectedSuccess, expectedRefusals] = expected[name];
      assert.equal(method, Method[expectedMethod as keyof typeof Method]);
      assert.equal(levels.map((level) => depths[level]).join(' '), expectedDepths);
      assert.equal(formatCode(success), expectedSuccess);
      assert.equal(refusals.map(formatCode).sort().join(' '), `${expectedRefusals} 5.00`);
    });
  }

  it('takes 2.01 for a Write that made an instance, any 4.xx and 5.xx for a no, and nothing else (1.0 §8.5)', () => {
    assert.equal(judgeBootstrapResponse('bootstrap-write', 0x44), 'success');
    assert.equal(judgeBootstrapResponse('bootstrap-write', 0x41), 'success');
    assert.equal(judgeBootstrapResponse('bootstrap-delete', 0x42), 'success');
    assert.equal(judgeBootstrapResponse('bootstrap-delete', 0x41), 'unexpected');
    assert.equal(judgeBootstrapResponse('bootstrap-discover', 0x45), 'success');
    assert.equal(judgeBootstrapResponse('bootstrap-discover', 0x44), 'unexpected');
    assert.equal(judgeBootstrapResponse('bootstrap-finish', 0x86), 'refusal');
    assert.equal(judgeBootstrapResponse('bootstrap-finish', 0xa3), 'refusal');
  });
});

describe('The request of a bootstrap operation', () => {
  const payload = Uint8Array.of(0xc1, 0x01, 0x00);

  it('is PUT with a Content-Format for Write, at each level (R-240)', () => {
    for (const target of ['/0', '/0/1', '/0/1/2']) {
      const write = { name: 'bootstrap-write', path: path(target), contentFormat: 11542, payload } as const;
      assert.deepEqual(requestForBootstrapOperation(write), {
        method: Method.put,
        uriPath: target.split('/').slice(1),
        contentFormat: 11542,
        payload,
      });
    }
  });

  it('is DELETE for Delete, GET for links for Discover, POST to /bs without a payload for Finish (R-245, R-250, R-260)', () => {
    const requests = (
      [
        { name: 'bootstrap-delete', path: rootPath },
        { name: 'bootstrap-delete', path: path('/3') },
        { name: 'bootstrap-delete', path: path('/3/1') },
        { name: 'bootstrap-discover', path: rootPath },
        { name: 'bootstrap-discover', path: path('/0') },
        { name: 'bootstrap-finish' },
      ] as const satisfies readonly OutgoingBootstrapOperation[]
    ).map((operation) => requestForBootstrapOperation(operation));
    assert.deepEqual(requests, [
      { method: Method.delete, uriPath: [] },
      { method: Method.delete, uriPath: ['3'] },
      { method: Method.delete, uriPath: ['3', '1'] },
      { method: Method.get, uriPath: [], accept: ContentFormat.linkFormat },
      { method: Method.get, uriPath: ['0'], accept: ContentFormat.linkFormat },
      { method: Method.post, uriPath: ['bs'] },
    ]);
  });

  it('is none on a path of another level (R-245, R-247, R-253)', () => {
    const impossible: readonly OutgoingBootstrapOperation[] = [
      { name: 'bootstrap-write', path: rootPath, contentFormat: 11542, payload },
      { name: 'bootstrap-delete', path: path('/3/0/1') },
      { name: 'bootstrap-discover', path: path('/3/0') },
    ];
    for (const operation of impossible)
      assert.throws(() => requestForBootstrapOperation(operation), UsageError);
  });

  it('is identified as what it is', () => {
    const operations: readonly [OutgoingBootstrapOperation, string][] = [
      [
        { name: 'bootstrap-write', path: path('/0'), contentFormat: 11542, payload },
        'PUT bootstrap-write /0',
      ],
      [{ name: 'bootstrap-delete', path: rootPath }, 'DELETE bootstrap-delete /'],
      [{ name: 'bootstrap-discover', path: path('/1') }, 'GET bootstrap-discover /1'],
      [{ name: 'bootstrap-finish' }, 'POST bootstrap-finish /'],
    ];
    for (const [operation, expected] of operations) {
      const { method, uriPath, accept } = requestForBootstrapOperation(operation);
      const [verb, ...rest] = expected.split(' ');
      const line = `${verb} /${uriPath.join('/')}`;
      assert.equal(identified(line, { method, ...(accept !== undefined && { accept }) }), rest.join(' '));
    }
  });
});

describe('A request of a Bootstrap-Server', () => {
  const links = { accept: ContentFormat.linkFormat };
  const table: readonly (readonly [string, Partial<IdentifiableRequest>, string])[] = [
    ['GET /', links, 'bootstrap-discover /'],
    ['GET /3', links, 'bootstrap-discover /3'],
    ['GET /3/0', links, '4.00'],
    ['GET /3', {}, '4.00'],
    ['PUT /0', {}, 'bootstrap-write /0'],
    ['PUT /0/0', {}, 'bootstrap-write /0/0'],
    ['PUT /0/0/1', {}, 'bootstrap-write /0/0/1'],
    ['PUT /', {}, '4.00'],
    ['PUT /0/0/1/0', {}, '4.00'],
    ['DELETE /', {}, 'bootstrap-delete /'],
    ['DELETE /0', {}, 'bootstrap-delete /0'],
    ['DELETE /0/1', {}, 'bootstrap-delete /0/1'],
    ['DELETE /0/1/2', {}, '4.00'],
    ['DELETE /x', {}, '4.00'],
    ['DELETE /00', {}, '4.00'],
    ['POST /bs', {}, 'bootstrap-finish /'],
    ['POST /bs/1', {}, '4.00'],
    ['POST /3/0/4', {}, '4.00'],
    ['POST /3', {}, '4.00'],
    ['FETCH /', {}, '4.00'],
  ];
  for (const [line, options, expected] of table) {
    it(`${line} is ${expected} (R-240, R-245, R-247, R-250, R-253, R-260)`, () => {
      assert.equal(identified(line, options), expected);
    });
  }
});

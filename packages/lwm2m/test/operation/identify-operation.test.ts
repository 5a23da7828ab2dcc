import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ContentFormat, formatCode, Method } from '@dunlin/coap';
import {
  checkFormats,
  formatPath,
  type IdentifiableRequest,
  identifyOperation,
  type OperationName,
} from '@dunlin/lwm2m';
import fc from 'fast-check';

/** `PUT /3/0?pmin=1`, then options. */
function request(line: string, options: Partial<IdentifiableRequest> = {}): IdentifiableRequest {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query] = target.split('?');
  return {
    method: Method[method.toLowerCase() as keyof typeof Method],
    uriPath: path
      .split('/')
      .slice(1)
      .filter((segment, _, all) => all.length > 1 || segment !== ''),
    uriQuery: query === undefined ? [] : query.split('&'),
    payload: new Uint8Array(0),
    isBlockwise: false,
    ...options,
  };
}

function identified(line: string, options: Partial<IdentifiableRequest> = {}, root?: string): string {
  const result = identifyOperation(request(line, options), root);
  switch (result.kind) {
    case 'operation':
      return `${result.name} ${formatPath(result.path)}`;
    case 'bootstrap':
      return `${result.name} ${formatPath(result.path)} else ${formatCode(result.code)}`;
    case 'refused':
      return `${formatCode(result.code)}${result.path === undefined ? '' : ` ${formatPath(result.path)}`}`;
  }
}

function check(
  name: OperationName,
  level: 'object' | 'object-instance' | 'resource',
  formats: { readonly contentFormat?: number; readonly accept?: number },
): string {
  const refused = checkFormats(name, level, formats);
  return refused === undefined ? 'fits' : formatCode(refused.code);
}

const tlv = { contentFormat: ContentFormat.tlv, payload: Uint8Array.of(0xc1, 0, 1) };
const text = { contentFormat: ContentFormat.text, payload: Uint8Array.of(0x31) };
const links = { accept: ContentFormat.linkFormat };

describe('Dispatch of an incoming request', () => {
  const table: readonly (readonly [string, Partial<IdentifiableRequest>, string])[] = [
    ['GET /3', {}, 'read /3'],
    ['GET /3/0', {}, 'read /3/0'],
    ['GET /3/0/0', { accept: ContentFormat.text }, 'read /3/0/0'],
    ['GET /3', links, 'discover /3'],
    ['GET /3/0', links, 'discover /3/0'],
    ['GET /3/0/0', links, 'discover /3/0/0'],
    ['GET /3/0/0', { ...links, observe: 'register' }, 'discover /3/0/0'],
    ['GET /3', { observe: 'register' }, 'observe /3'],
    ['GET /3/0', { observe: 'register' }, 'observe /3/0'],
    ['GET /3/0/9', { observe: 'register' }, 'observe /3/0/9'],
    ['GET /3/0/9', { observe: 'deregister' }, 'cancel-observation /3/0/9'],
    ['PUT /3/0', tlv, 'write-replace /3/0'],
    ['PUT /3/0/14', text, 'write-replace /3/0/14'],
    ['PUT /3/0/14', { contentFormat: ContentFormat.text }, 'write-replace /3/0/14'],
    ['PUT /3/0/14?pmin=1', text, 'write-replace /3/0/14'],
    ['PUT /3?pmin=10', {}, 'write-attributes /3'],
    ['PUT /3/0?pmin=10&pmax=60', {}, 'write-attributes /3/0'],
    ['PUT /3/0/9?pmin', {}, 'write-attributes /3/0/9'],
    ['POST /3', tlv, 'create /3'],
    ['POST /3/0', tlv, 'write-update /3/0'],
    ['POST /3/0/4', {}, 'execute /3/0/4'],
    ['POST /3/0/4', text, 'execute /3/0/4'],
    ['POST /3/0/4', tlv, 'execute /3/0/4'],
    ['DELETE /3/0', {}, 'delete /3/0'],
  ];
  for (const [line, options, expected] of table) {
    it(`takes ${line} ${JSON.stringify(Object.keys(options))} for ${expected} (R-401, 1.0 §8.2.5 Table 25)`, () => {
      assert.equal(identified(line, options), expected);
    });
  }

  it('takes a PUT without Content-Format for a Write that lacks it unless it has a query and no payload (R-402)', () => {
    assert.equal(identified('PUT /3/0/14', { payload: Uint8Array.of(0x31) }), 'write-replace /3/0/14');
    assert.equal(identified('PUT /3/0/14?pmin=1', { payload: Uint8Array.of(0x31) }), 'write-replace /3/0/14');
    assert.equal(identified('PUT /3/0/14'), 'write-replace /3/0/14');
  });

  it('refuses operations that are illegal at the level of the path with 4.05 (R-406 step 5, R-448, R-480)', () => {
    assert.equal(identified('DELETE /3/0/1'), '4.05 /3/0/1');
    assert.equal(identified('PUT /', tlv), '4.05 /');
    assert.equal(identified('POST /', tlv), '4.05 /');
    assert.equal(identified('GET /'), '4.05 /');
    assert.equal(identified('PUT /?pmin=1'), '4.05 /');
    for (const method of ['PUT', 'POST', 'DELETE']) {
      assert.equal(identified(`${method} /3/0/6/0`, tlv), '4.05 /3/0/6/0', method);
    }
  });

  it('refuses the methods that 1.0 does not use with 4.05 (R-902)', () => {
    for (const method of ['FETCH', 'PATCH', 'IPATCH'])
      assert.equal(identified(`${method} /3/0`, tlv), '4.05 /3/0');
  });

  it('finds nothing at the path of a Resource Instance (R-106)', () => {
    assert.equal(identified('GET /3/0/6/0'), '4.04 /3/0/6/0');
    assert.equal(identified('GET /3/0/6/0', links), '4.04 /3/0/6/0');
  });

  it('tells shapes of the Bootstrap interface apart, and how a Server is refused them (R-406, 1.0 §8.2.3)', () => {
    assert.equal(identified('GET /', links), 'bootstrap-discover / else 4.05');
    assert.equal(identified('PUT /1', tlv), 'bootstrap-write /1 else 4.05');
    assert.equal(identified('PUT /1'), 'bootstrap-write /1 else 4.05');
    assert.equal(identified('DELETE /'), 'bootstrap-delete / else 4.05');
    assert.equal(identified('DELETE /0'), 'bootstrap-delete /0 else 4.05');
    assert.equal(identified('POST /bs'), 'bootstrap-finish / else 4.04');
    assert.equal(identified('POST /bs', {}, '/lwm2m'), 'bootstrap-finish / else 4.04');
  });

  it('finds nothing at a path with a segment that is not a canonical number (R-112)', () => {
    for (const path of [
      '/03',
      '/3/00',
      '/3/+0',
      '/3/0/-1',
      '/3/0/1.0',
      '/65536',
      '/x',
      '/3/0/',
      '/3//0',
      '/3/0/6/0/0',
      '/rd',
    ]) {
      assert.equal(identified(`GET ${path}`), '4.04', path);
    }
  });

  it('looks below the alternate root only (R-324)', () => {
    assert.equal(identified('GET /lwm2m/3/0', {}, '/lwm2m'), 'read /3/0');
    assert.equal(identified('GET /a/b/3', {}, '/a/b'), 'read /3');
    assert.equal(identified('GET /lwm2m', links, '/lwm2m'), 'bootstrap-discover / else 4.05');
    assert.equal(identified('GET /3/0', {}, '/lwm2m'), '4.04');
    assert.equal(identified('GET /lwm2mX/3/0', {}, '/lwm2m'), '4.04');
    assert.equal(identified('GET /lwm2m/3/0'), '4.04');
  });

  it('takes a block-wise or binary POST to the firmware Package for a Write (R-1054)', () => {
    const payload = Uint8Array.of(1, 2);
    assert.equal(
      identified('POST /5/0/0', { contentFormat: ContentFormat.opaque, payload }),
      'write-replace /5/0/0',
    );
    assert.equal(
      identified('POST /5/0/0', { contentFormat: ContentFormat.legacyOpaque, payload }),
      'write-replace /5/0/0',
    );
    assert.equal(identified('POST /5/0/0', { isBlockwise: true, payload }), 'write-replace /5/0/0');
    assert.equal(identified('POST /5/0/0', text), 'execute /5/0/0');
    assert.equal(
      identified('POST /5/0/2', { contentFormat: ContentFormat.opaque, payload }),
      'execute /5/0/2',
    );
  });

  it('identifies or refuses any request without throwing (R-406)', () => {
    const format = fc.option(fc.constantFrom(0, 40, 42, 11542, 11543, 60), { nil: undefined });
    const anyRequest = fc.record({
      method: fc.constantFrom(...Object.values(Method)),
      uriPath: fc.array(fc.oneof(fc.string(), fc.integer({ min: -1, max: 70000 }).map(String)), {
        maxLength: 6,
      }),
      uriQuery: fc.array(fc.string(), { maxLength: 3 }),
      contentFormat: format,
      accept: format,
      observe: fc.constantFrom('register' as const, 'deregister' as const, undefined),
      payload: fc.uint8Array({ maxLength: 2 }),
      isBlockwise: fc.boolean(),
    });
    fc.assert(
      fc.property(anyRequest, (anything) => {
        const result = identifyOperation(anything);
        assert.ok(['operation', 'bootstrap', 'refused'].includes(result.kind));
      }),
    );
  });
});

describe('Formats of a request', () => {
  it('must be said of every payload of resource data, else 4.00 (R-402)', () => {
    assert.equal(check('write-replace', 'resource', {}), '4.00');
    assert.equal(check('write-update', 'object-instance', {}), '4.00');
    assert.equal(check('create', 'object', {}), '4.00');
  });

  it('are refused with 4.15 when they do not suit (R-404, R-442, R-470)', () => {
    assert.equal(check('write-replace', 'resource', { contentFormat: ContentFormat.text }), 'fits');
    assert.equal(check('write-replace', 'resource', { contentFormat: ContentFormat.opaque }), 'fits');
    assert.equal(check('write-replace', 'object-instance', { contentFormat: ContentFormat.text }), '4.15');
    assert.equal(check('write-update', 'object-instance', { contentFormat: ContentFormat.json }), 'fits');
    assert.equal(check('create', 'object', { contentFormat: ContentFormat.opaque }), '4.15');
    assert.equal(check('write-replace', 'resource', { contentFormat: ContentFormat.cbor }), '4.15');
  });

  it('may have the numbers that old devices use (R-1101)', () => {
    const { legacyTlv, legacyText, legacyJson } = ContentFormat;
    assert.equal(check('write-update', 'object-instance', { contentFormat: legacyTlv }), 'fits');
    assert.equal(check('write-update', 'object-instance', { contentFormat: legacyText }), '4.15');
    assert.equal(check('execute', 'resource', { contentFormat: legacyText }), 'fits');
    assert.equal(check('read', 'object', { accept: legacyJson }), 'fits');
  });

  it('of Execute arguments are plain text, said or not, and nothing else (R-460)', () => {
    assert.equal(check('execute', 'resource', {}), 'fits');
    assert.equal(check('execute', 'resource', { contentFormat: ContentFormat.text }), 'fits');
    assert.equal(check('execute', 'resource', { contentFormat: ContentFormat.tlv }), '4.15');
  });

  it('asked for with Accept are refused with 4.06 when they cannot express the target (R-403, R-423)', () => {
    assert.equal(check('read', 'resource', { accept: ContentFormat.text }), 'fits');
    assert.equal(check('read', 'object-instance', { accept: ContentFormat.text }), '4.06');
    assert.equal(check('observe', 'object', { accept: ContentFormat.opaque }), '4.06');
    assert.equal(check('read', 'object', { accept: ContentFormat.senmlJson }), '4.06');
    assert.equal(check('read', 'object', {}), 'fits');
    assert.equal(check('delete', 'object-instance', { accept: ContentFormat.senmlJson }), 'fits');
  });
});

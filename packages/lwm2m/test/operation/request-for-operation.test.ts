import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { seconds, UsageError, utf8Encode } from '@dunlin/base';
import { ContentFormat, Method } from '@dunlin/coap';
import {
  identifyOperation,
  type OperationName,
  operations,
  type OutgoingOperation,
  type Path,
  pathOf,
  requestForOperation,
  rootPath,
} from '@dunlin/lwm2m';

const payload = Uint8Array.of(0xc1, 0, 1);

function outgoing(name: OperationName, path: Path): OutgoingOperation {
  switch (name) {
    case 'read':
    case 'observe':
    case 'cancel-observation':
      return { name, path, accept: ContentFormat.tlv };
    case 'discover':
    case 'delete':
      return { name, path };
    case 'write-replace':
    case 'write-update':
    case 'create':
      return { name, path, contentFormat: ContentFormat.tlv, payload };
    case 'write-attributes':
      return { name, path, change: { pmin: seconds(10) } };
    case 'execute':
      return { name, path, arguments: new Map([[5, 'x']]) };
  }
}

function segmentsUnder(root: string): readonly string[] {
  return requestForOperation({ name: 'delete', path: pathOf(3, 0) }, root).uriPath;
}

describe('The request of an operation', () => {
  const paths: readonly Path[] = [rootPath, pathOf(3), pathOf(3, 0), pathOf(3, 0, 9), pathOf(3, 0, 6, 0)];
  for (const name of Object.keys(operations) as readonly OperationName[]) {
    it(`is identified as ${name} by the Client, at every level that it allows (R-406)`, () => {
      for (const path of paths) {
        if (!operations[name].levels.includes(path.kind)) {
          assert.throws(() => requestForOperation(outgoing(name, path)), UsageError);
          continue;
        }
        for (const root of ['/', '/lwm2m', '/a/b/']) {
          const request = requestForOperation(outgoing(name, path), root);
          const { observe } = operations[name];
          const { uriQuery = [], ...rest } = request;
          const body = request.payload instanceof Uint8Array ? request.payload : new Uint8Array(0);
          const incoming = { ...rest, uriQuery, payload: body, isBlockwise: false, observe };
          assert.deepEqual(identifyOperation(incoming, root), { kind: 'operation', name, path });
        }
      }
    });
  }

  it('asks for a format in every Read and Observe, and says that of every Write (R-402, R-403)', () => {
    const read = requestForOperation({ name: 'read', path: pathOf(3, 0), accept: ContentFormat.json });
    assert.deepEqual(read, { method: Method.get, uriPath: ['3', '0'], accept: ContentFormat.json });
    const write = requestForOperation({
      name: 'write-replace',
      path: pathOf(3, 0),
      contentFormat: ContentFormat.tlv,
      payload,
    });
    assert.deepEqual(write, {
      method: Method.put,
      uriPath: ['3', '0'],
      contentFormat: ContentFormat.tlv,
      payload,
    });
  });

  it('puts the alternate root in front, without empty segments (R-324)', () => {
    const path = pathOf(3, 0, 0);
    assert.deepEqual(segmentsUnder('/lwm2m'), ['lwm2m', '3', '0']);
    assert.deepEqual(segmentsUnder('/a//b/'), ['a', 'b', '3', '0']);
    assert.deepEqual(segmentsUnder('/'), ['3', '0']);
    assert.deepEqual(requestForOperation({ name: 'discover', path }).accept, ContentFormat.linkFormat);
  });

  it('has one query argument for each attribute, and no payload (R-450)', () => {
    const request = requestForOperation({
      name: 'write-attributes',
      path: pathOf(3, 0, 9),
      change: { pmax: null, pmin: seconds(10), gt: 42.2 },
    });
    assert.deepEqual(request, {
      method: Method.put,
      uriPath: ['3', '0', '9'],
      uriQuery: ['pmin=10', 'pmax', 'gt=42.2'],
    });
    assert.throws(
      () => requestForOperation({ name: 'write-attributes', path: pathOf(3), change: {} }),
      UsageError,
    );
  });

  it('has Execute arguments as plain text, and no payload without arguments (R-460, R-462)', () => {
    const path = pathOf(3, 0, 4);
    assert.deepEqual(requestForOperation({ name: 'execute', path }), {
      method: Method.post,
      uriPath: ['3', '0', '4'],
    });
    const withArguments = requestForOperation({ name: 'execute', path, arguments: new Map([[2, '10.3']]) });
    assert.equal(withArguments.contentFormat, ContentFormat.text);
    assert.deepEqual(withArguments.payload, utf8Encode("2='10.3'"));
  });
});

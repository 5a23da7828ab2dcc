import assert from 'node:assert/strict';

import { ContentFormat, Method } from '@dunlin/coap';

import { expectCode, utf8 } from '../support/checks.ts';
import type { Received } from '../support/coap-party.ts';
import { type ConformanceCase, NotApplicable } from '../support/conformance-case.ts';
import type { Operation, ServerUnderTest } from '../support/server-under-test.ts';

/** The request has this method and path. */
function isRequest(method: Method, path: string): (received: Received) => boolean {
  return ({ request }) => request.method === method && `/${request.uriPath.join('/')}` === path;
}

/** Registers, and lets the Server do something that has to come as this request. */
async function operated(
  server: ServerUnderTest,
  operation: Operation,
  method: Method,
  path: string = operation.path,
): Promise<Received> {
  expectCode(await server.register(), '2.01');
  return await server.operate(operation, isRequest(method, path));
}

/** Registration at a Server (1.0 §5.3; ETS 101 to 104, and what it has to refuse, R-3xx). */
const registrationCases: readonly ConformanceCase<ServerUnderTest>[] = [
  {
    id: '1.0-int-101',
    title: 'Initial Registration',
    run: async (server) => {
      const answer = await server.register();
      expectCode(answer, '2.01');
      assert.ok((answer.locationPath?.length ?? 0) > 0, 'the answer has a location');
    },
  },
  {
    id: '1.0-int-102',
    title: 'Registration Update, and the end of a lifetime',
    run: async (server) => {
      expectCode(await server.register(), '2.01');
      expectCode(await server.update(['lt=2']), '2.04');
      await server.pace.pass(5);
      expectCode(await server.update(), '4.04');
    },
  },
  {
    id: '1.0-int-103',
    title: 'Deregistration',
    run: async (server) => {
      expectCode(await server.register(), '2.01');
      expectCode(await server.deregister(), '2.02');
      expectCode(await server.update(), '4.04');
      expectCode(await server.deregister(), '4.04');
    },
  },
  {
    id: '1.0-int-104',
    title: 'An Update without parameters keeps the registration',
    run: async (server) => {
      expectCode(await server.register(server.parameters(4)), '2.01');
      await server.pace.pass(2.5);
      expectCode(await server.update(), '2.04');
      await server.pace.pass(2.5);
      expectCode(await server.update(), '2.04');
    },
  },
  {
    id: 'dunlin-register-again',
    title: 'A second Register of an endpoint takes the place of the first (R-306)',
    run: async (server) => {
      expectCode(await server.register(), '2.01');
      const { location: first } = server;
      expectCode(await server.register(), '2.01');
      const { location: second } = server;
      expectCode(await server.update(), '2.04');
      if (first?.join('/') !== second?.join('/')) {
        server.location = first;
        expectCode(await server.update(), '4.04');
        server.location = second;
      }
    },
  },
  {
    id: 'dunlin-register-bad',
    title: 'A Register without endpoint name, or with a bad lifetime or version, is refused',
    run: async (server) => {
      const withoutName = await server.register(['lt=60', 'lwm2m=1.0']);
      // An authenticated device may leave its name out.
      if (server.security.kind === 'none') expectCode(withoutName, '4.00');
      expectCode(await server.register([`ep=${server.endpointName}`, 'lt=x', 'lwm2m=1.0']), '4.00');
      expectCode(await server.register([`ep=${server.endpointName}`, 'lt=60', 'lwm2m=9.9']), '4.12');
    },
  },
];

/** Device Management and Information Reporting by a Server: it has to be operated (ETS 200 to 399). */
const managementCases: readonly ConformanceCase<ServerUnderTest>[] = [
  {
    id: '1.0-int-201',
    title: 'Read of a Resource',
    run: async (server) => {
      await operated(server, { name: 'read', path: '/3/0/0' }, Method.get);
    },
  },
  {
    id: '1.0-int-205',
    title: 'Write of a Resource',
    run: async (server) => {
      const { request } = await operated(server, { name: 'write', path: '/1/0/1', value: '120' }, Method.put);
      assert.ok(request.contentFormat !== undefined, 'the Content-Format is said');
      if (request.contentFormat === ContentFormat.text) assert.deepEqual(request.payload, utf8('120'));
    },
  },
  {
    id: '1.0-int-241',
    title: 'Execute of a Resource',
    run: async (server) => {
      await operated(server, { name: 'execute', path: '/3/0/4' }, Method.post);
    },
  },
  {
    id: '1.0-int-260',
    title: 'Discover and Write-Attributes',
    run: async (server) => {
      const discover = await operated(server, { name: 'discover', path: '/3' }, Method.get);
      assert.equal(discover.request.accept, ContentFormat.linkFormat, 'links are asked for');
      const attributes = await server.operate(
        { name: 'attributes', path: '/3/0', value: 'pmin=10' },
        isRequest(Method.put, '/3/0'),
      );
      assert.deepEqual(attributes.request.uriQuery, ['pmin=10']);
      assert.equal(attributes.request.payload.length, 0, 'there is no payload');
    },
  },
  {
    id: '1.0-int-270',
    title: 'Create of an instance',
    run: async (server) => {
      await operated(server, { name: 'create', path: '/3303', value: '5700=21.5' }, Method.post);
    },
  },
  {
    id: '1.0-int-290',
    title: 'Delete of an instance',
    run: async (server) => {
      await operated(server, { name: 'delete', path: '/3303/1' }, Method.delete);
    },
  },
  {
    id: '1.0-int-301',
    title: 'Observe of a Resource',
    run: async (server) => {
      const { request } = await operated(server, { name: 'observe', path: '/3/0/0' }, Method.get);
      assert.equal(request.observe, 'register', 'the Observe option is 0');
    },
  },
];

/** Firmware updates by a Server step by step (ETS 756, 770): it has to be operated. */
const firmwareUpdateCases: readonly ConformanceCase<ServerUnderTest>[] = [
  {
    id: '1.0-int-756',
    title: 'Write of a Package URI',
    run: async (server) => {
      const value = 'coap://192.0.2.1/fw';
      const { request } = await operated(server, { name: 'write', path: '/5/0/1', value }, Method.put);
      if (request.contentFormat === ContentFormat.text) assert.deepEqual(request.payload, utf8(value));
    },
  },
  {
    id: '1.0-int-770',
    title: 'Execute of Update',
    run: async (server) => {
      const { request } = await operated(server, { name: 'execute', path: '/5/0/2' }, Method.post);
      assert.equal(request.payload.length, 0, 'there is no payload');
    },
  },
];

const securityCases: readonly ConformanceCase<ServerUnderTest>[] = [
  {
    id: '1.0-int-401',
    title: 'UDP channel security: pre-shared key',
    run: async (server) => {
      if (server.security.kind !== 'psk')
        throw new NotApplicable('the server is reached without a pre-shared key');
      expectCode(await server.register(), '2.01');
    },
  },
  {
    id: 'dunlin-foreign-name',
    title: 'A name that is not that of the identity is refused (R-730)',
    run: async (server) => {
      if (server.security.kind === 'none') throw new NotApplicable('the server is reached without security');
      const answer = await server.register([`ep=${server.endpointName}-other`, 'lt=60', 'lwm2m=1.0']);
      assert.ok(answer.code >= 128 && answer.code < 160, 'the answer is a refusal (4.xx)');
    },
  },
];

/** All cases for a Server, in the order in which they run. */
export const serverCases: readonly ConformanceCase<ServerUnderTest>[] = [
  ...registrationCases,
  ...managementCases,
  ...firmwareUpdateCases,
  ...securityCases,
];

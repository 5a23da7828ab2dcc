import { maxEndpointNameLength } from '@dunlin/api';
import { type Milliseconds, milliseconds } from '@dunlin/base';
import { formatPath, parsePath, type Path } from '@dunlin/lwm2m';
import { DeviceNotRegisteredError } from '@dunlin/server';
import { Type } from 'typebox';

import { badRequest } from './request-problem.ts';

/** The parameters of routes that name a device. */
export const DeviceParams: Type.TObject<{ endpoint: Type.TString }> = Type.Object({
  endpoint: Type.String({
    minLength: 1,
    maxLength: maxEndpointNameLength,
    description: 'The endpoint name, percent-encoded: "/" is %2F and ":" may be %3A.',
  }),
});

/** The parameters of routes that name a device and a path on it; the path is the rest of the URL. */
export const TargetParams: Type.TObject<{ endpoint: Type.TString; '*': Type.TString }> = Type.Object({
  ...DeviceParams.properties,
  '*': Type.String({ description: 'A path such as 3/0/0.' }),
});

/** The query of routes that ask something of a device. */
export const TimeoutQuery: Type.TObject<{ timeout: Type.TOptional<Type.TNumber> }> = Type.Object(
  {
    timeout: Type.Optional(
      Type.Number({
        minimum: 0.1,
        maximum: 600,
        description: 'Seconds to wait for the device in all. Default: until CoAP gives up, 93 s.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** What paths an operation can be aimed at, with an example for the error message. */
export type PathKinds = readonly Path['kind'][];
export const readable: PathKinds = ['object', 'object-instance', 'resource'];
export const writable: PathKinds = ['object-instance', 'resource'];

const examples: Readonly<Record<Path['kind'], string>> = {
  root: '/',
  object: '3',
  'object-instance': '3/0',
  resource: '3/0/0',
  'resource-instance': '3/0/6/0',
};

const names: Readonly<Record<Path['kind'], string>> = {
  root: 'the root',
  object: 'an Object',
  'object-instance': 'an Object Instance',
  resource: 'a Resource',
  'resource-instance': 'a Resource Instance',
};

/** The path that a route's parameter names; throws the answer 400 when it is none of the kinds. */
export function pathFrom(text: string, kinds: PathKinds): Path {
  const path = text.startsWith('/') ? undefined : parsePath(text);
  if (path === undefined) {
    throw badRequest(
      'path',
      `must be whole numbers from 0 to 65535 with slashes between, such as ${exampleOf(kinds)}`,
    );
  }
  if (!kinds.includes(path.kind)) {
    const wanted = kinds.map((kind) => `${names[kind]} (${examples[kind]})`).join(' or ');
    throw badRequest('path', `must be that of ${wanted}; ${formatPath(path)} is that of ${names[path.kind]}`);
  }
  return path;
}

/** Throws the answer 404 for a device that neither is registered nor was before. */
export async function knownDevice(device: { isKnown(): Promise<boolean> }, endpoint: string): Promise<void> {
  if (!(await device.isKnown())) throw new DeviceNotRegisteredError(endpoint);
}

/** The timeout a query asks for. */
export function timeoutFrom(query: { readonly timeout?: number | undefined }): Milliseconds | undefined {
  return query.timeout === undefined ? undefined : milliseconds(query.timeout * 1000);
}

function exampleOf(kinds: PathKinds): string {
  const kind = kinds.at(-1);
  return kind === undefined ? '3/0/0' : examples[kind];
}

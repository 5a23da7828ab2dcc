import type { Content, ResourceContent, ResourceContents, Value } from '@dunlin/lwm2m';

/** What a device says in its Firmware Update Object, all at one time (1.0 E.6). */
export interface DeviceFacts {
  /** `/5/0/3`. */
  readonly state: number;
  /** `/5/0/5`. */
  readonly result: number;
  /** `/5/0/8`; CoAP when the device does not say (0 is the default). */
  readonly protocols: readonly number[];
  /** `/5/0/9`: 0 pull only, 1 push only, 2 both; `undefined` when the device does not say, against 1.0. */
  readonly deliveryMethod: number | undefined;
}

/** The facts in the content of `/5/0`; `undefined` without State and Update Result, which are mandatory. */
export function deviceFactsOf(content: Content): DeviceFacts | undefined {
  if (content.kind !== 'object-instance') return undefined;
  const { resources } = content;
  const [state] = integersAt(resources, 3);
  const [result] = integersAt(resources, 5);
  if (state === undefined || result === undefined) return undefined;
  const protocols = integersAt(resources, 8);
  return {
    state,
    result,
    protocols: protocols.length === 0 ? [0] : protocols,
    deliveryMethod: integersAt(resources, 9)[0],
  };
}

function integersAt(resources: ResourceContents, id: number): readonly number[] {
  const resource = resources.get(id);
  if (resource === undefined) return [];
  return valuesOf(resource).flatMap((value) => integerOf(value) ?? []);
}

function valuesOf(resource: ResourceContent): readonly Value[] {
  return resource.kind === 'single' ? [resource.value] : [...resource.values.values()];
}

/** Without a definition of the version that the device has, TLV gives the bytes of an integer. */
function integerOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > 4) return undefined;
  return value.reduce((sum, byte) => sum * 256 + byte, 0);
}

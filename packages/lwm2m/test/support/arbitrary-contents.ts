import type {
  Content,
  DataType,
  ObjectDefinition,
  Path,
  ResourceContent,
  ResourceDefinition,
  Value,
} from '@dunlin/lwm2m';
import { pathOf } from '@dunlin/lwm2m';
import fc from 'fast-check';

/** A content at its path, with the definition of the Object. */
export interface Situation {
  readonly path: Path;
  readonly content: Content;
  readonly definition: ObjectDefinition;
}

/** What a format cannot hold, so that it is left out. */
export interface Omissions {
  /** Floats that are not finite. */
  readonly nonFinite?: boolean;
  /** Multiple Resources without instances, and Object Instances without Resources. */
  readonly empty?: boolean;
}

/** The data types that have values. */
export const valueTypes: readonly DataType[] = [
  'string',
  'integer',
  'unsigned-integer',
  'float',
  'boolean',
  'opaque',
  'time',
  'objlnk',
  'corelnk',
];

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ unit: 'binary-ascii', maxLength: 80 }),
);
const signed = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer().map(BigInt),
  boundaries().filter((value) => value < 2n ** 63n),
);
const unsigned = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.nat().map(BigInt),
  boundaries().filter((value) => value >= 0n),
);
const ids = fc.oneof(fc.nat(3), fc.nat(255), fc.nat(65534));

/** Values of a data type, in their canonical form. */
export function arbitraryValue(type: DataType, omissions: Omissions = {}): fc.Arbitrary<Value> {
  switch (type) {
    case 'string':
    case 'corelnk':
      return texts;
    case 'integer':
    case 'time':
      return signed.map(canonical);
    case 'unsigned-integer':
      return unsigned.map(canonical);
    case 'float': {
      const noNaN = omissions.nonFinite === true;
      return fc.oneof(
        fc.double({ noNaN, noDefaultInfinity: noNaN }),
        fc.float({ noNaN, noDefaultInfinity: noNaN }),
        fc.integer(),
      );
    }
    case 'boolean':
      return fc.boolean();
    case 'opaque':
    case 'none':
      return fc.uint8Array({ maxLength: 300 });
    case 'objlnk':
      return fc.record(
        { objectId: fc.nat(65535), objectInstanceId: fc.nat(65535) },
        { noNullPrototype: true },
      );
  }
}

/** Paths of Object, Object Instance, Resource and Resource Instance with content that is there. */
export function arbitrarySituation(omissions: Omissions = {}): fc.Arbitrary<Situation> {
  const types = fc.constantFrom(...valueTypes);
  const resources = fc.uniqueArray(fc.record({ id: ids, type: types, isMultiple: fc.boolean() }), {
    selector: ({ id }) => id,
    minLength: 1,
    maxLength: 6,
  });
  return fc.tuple(fc.nat(65535), resources).chain(([objectId, known]) => {
    const definition = definitionFrom(objectId, known);
    const contents = fc.tuple(...known.map((resource) => resourceContent(resource, omissions)));
    const minLength = omissions.empty === true ? 1 : 0;
    const chosen = contents.chain((all) => fc.subarray(all, { minLength }).map((some) => new Map(some)));
    return fc.oneof(
      fc
        .uniqueArray(fc.tuple(ids, chosen), { selector: ([id]) => id, maxLength: 3 })
        .map((instances) => ({ path: pathOf(objectId), content: objectContent(instances), definition })),
      fc.tuple(ids, chosen).map(([instanceId, found]) => ({
        path: pathOf(objectId, instanceId),
        content: { kind: 'object-instance' as const, resources: found },
        definition,
      })),
      arbitraryResource(objectId, definition, contents),
    );
  });
}

/** A single-value Resource or a Resource Instance: what the formats for one value hold. */
export function arbitrarySingle(types: readonly DataType[], omissions: Omissions): fc.Arbitrary<Situation> {
  return fc.constantFrom(...types).chain((type) =>
    fc
      .tuple(fc.nat(65535), ids, arbitraryValue(type, omissions), fc.boolean())
      .map(([objectId, id, value, isMultiple]) => ({
        path: isMultiple ? pathOf(objectId, id, id, id) : pathOf(objectId, id, id),
        content: isMultiple
          ? { kind: 'resource-instance' as const, type, value }
          : { kind: 'resource' as const, resource: { kind: 'single' as const, type, value } },
        definition: definitionFrom(objectId, [{ id, type, isMultiple }]),
      })),
  );
}

function arbitraryResource(
  objectId: number,
  definition: ObjectDefinition,
  contents: fc.Arbitrary<readonly (readonly [number, ResourceContent])[]>,
): fc.Arbitrary<Situation> {
  return fc.tuple(ids, contents, fc.boolean()).map(([instanceId, [first], wantsInstance]) => {
    const [resourceId, resource] = first ?? [
      0,
      { kind: 'single' as const, type: 'integer' as const, value: 0 },
    ];
    const [instance] = resource.kind === 'multiple' ? resource.values : [];
    if (instance === undefined || !wantsInstance) {
      return {
        path: pathOf(objectId, instanceId, resourceId),
        content: { kind: 'resource', resource },
        definition,
      };
    }
    const [resourceInstanceId, value] = instance;
    return {
      path: pathOf(objectId, instanceId, resourceId, resourceInstanceId),
      content: { kind: 'resource-instance', type: resource.type, value },
      definition,
    };
  });
}

function resourceContent(
  { id, type, isMultiple }: Pick<ResourceDefinition, 'id' | 'type' | 'isMultiple'>,
  omissions: Omissions,
): fc.Arbitrary<readonly [number, ResourceContent]> {
  const value = arbitraryValue(type, omissions);
  if (!isMultiple) return value.map((single) => [id, { kind: 'single', type, value: single }] as const);
  const minLength = omissions.empty === true ? 1 : 0;
  return fc
    .uniqueArray(fc.tuple(fc.nat(65535), value), {
      selector: ([instanceId]) => instanceId,
      minLength,
      maxLength: 5,
    })
    .map((values) => [id, { kind: 'multiple', type, values: new Map(values) }] as const);
}

function definitionFrom(
  id: number,
  known: readonly Pick<ResourceDefinition, 'id' | 'type' | 'isMultiple'>[],
): ObjectDefinition {
  const resources = known.map((resource) => ({
    ...resource,
    name: `Resource ${resource.id}`,
    operations: 'RW' as const,
    isMandatory: false,
  }));
  return {
    id,
    name: 'Arbitrary',
    version: '1.0',
    isMultiple: true,
    isMandatory: false,
    resources: new Map(resources.map((resource) => [resource.id, resource])),
  };
}

function objectContent(
  instances: readonly (readonly [number, ReadonlyMap<number, ResourceContent>])[],
): Content {
  return { kind: 'object', instances: new Map(instances) };
}

/** Powers of two and their neighbours, where lengths and representations change. */
function boundaries(): fc.Arbitrary<bigint> {
  return fc
    .tuple(
      fc.constantFrom(7n, 8n, 15n, 16n, 31n, 32n, 53n, 62n, 63n),
      fc.constantFrom(-1n, 0n, 1n),
      fc.boolean(),
    )
    .map(([exponent, shift, isNegative]) => {
      const value = 2n ** exponent + shift;
      return isNegative && value <= 2n ** 63n ? -value : value;
    });
}

function canonical(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

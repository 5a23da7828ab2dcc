import { type Instant, instantFrom } from '@dunlin/base';
import {
  type Content,
  formatPath,
  type ObjectDefinition,
  type Path,
  pathOf,
  type ResourceContent,
  type ResourceContents,
  type ResourcePath,
  type TimestampedContent,
  unixTimeOf,
} from '@dunlin/lwm2m';

import { inBackground } from '../in-background.ts';
import type { ServerContext } from '../server-context.ts';
import type { KnownValue, ValueOrigin } from './known-value.ts';

/** Keeps the last that devices say and are told of their Resources, for when they sleep. */
export class KnownValues {
  readonly #context: Pick<ServerContext, 'devices' | 'signals' | 'now'>;

  constructor(context: Pick<ServerContext, 'devices' | 'signals' | 'now'>) {
    this.#context = context;
  }

  /** A device answered a Read. */
  read(endpointName: string, path: Path, content: Content): void {
    this.#put(endpointName, valuesIn(path, content, { origin: 'read', knownAt: this.#context.now() }));
  }

  /** A notification arrived that is newer than those before; of a history the newest counts. */
  notified(
    endpointName: string,
    path: Path,
    contents: readonly TimestampedContent[],
    arrivedAt: Instant,
  ): void {
    const valuesOf = (content: TimestampedContent): readonly KnownValue[] => {
      const measuredAt =
        content.time === undefined ? undefined : instantFrom(unixTimeOf(content, arrivedAt / 1000) * 1000);
      return valuesIn(path, content.content, { origin: 'notified', knownAt: arrivedAt, measuredAt });
    };
    const [newest, ...older] = contents;
    if (newest === undefined) return;
    const { listenerCount } = this.#context.signals.valuesKnown;
    this.#put(endpointName, valuesOf(newest), listenerCount === 0 ? [] : older.flatMap(valuesOf));
  }

  /**
   * A device took a Write or a Create. What cannot be read, such as a key, is not kept either; nor is a Multiple
   * Resource that was updated, of which the device may have more.
   */
  written(
    endpointName: string,
    path: Path,
    content: Content,
    {
      definition,
      isUpdate,
    }: { readonly definition: ObjectDefinition | undefined; readonly isUpdate: boolean },
  ): void {
    const facts = { origin: 'written', knownAt: this.#context.now() } as const;
    const isKnown = ({ resourceId }: ResourcePath, { kind }: ResourceContent): boolean =>
      (definition?.resources.get(resourceId)?.operations.includes('R') ?? true) &&
      !(isUpdate && kind === 'multiple');
    this.#put(endpointName, valuesIn(path, content, facts, isKnown));
  }

  /** The device has nothing there any more. */
  gone(endpointName: string, path: Path): void {
    inBackground(this.#context, `forgetting values of ${endpointName}`, () =>
      this.#context.devices.removeValues(endpointName, path),
    );
  }

  #put(endpointName: string, values: readonly KnownValue[], older: readonly KnownValue[] = []): void {
    if (values.length === 0) return;
    inBackground(this.#context, `keeping values of ${endpointName}`, () =>
      this.#context.devices.putValues(endpointName, values),
    );
    this.#context.signals.valuesKnown.emit({ endpoint: endpointName, values, older });
  }
}

interface ValueFacts {
  readonly origin: ValueOrigin;
  readonly knownAt: Instant;
  readonly measuredAt?: Instant | undefined;
}

function valuesIn(
  path: Path,
  content: Content,
  { origin, knownAt, measuredAt }: ValueFacts,
  isMeant: (path: ResourcePath, resource: ResourceContent) => boolean = () => true,
): readonly KnownValue[] {
  const values: KnownValue[] = [];
  for (const [at, resource] of resourcesIn(path, content)) {
    if (!isMeant(at, resource)) continue;
    const facts = measuredAt === undefined ? { knownAt } : { knownAt, measuredAt };
    values.push({ path: formatPath(at), resource, origin, ...facts });
  }
  return values;
}

/** The Resources of a content; none when it does not fit the path. */
function* resourcesIn(
  path: Path,
  content: Content,
): Generator<readonly [ResourcePath, ResourceContent], void> {
  if (path.kind === 'root' || path.kind === 'resource-instance') return;
  const { objectId } = path;
  switch (content.kind) {
    case 'object':
      for (const [id, resources] of content.instances) yield* resourcesOf(objectId, id, resources);
      return;
    case 'object-instance':
      if (path.kind !== 'object') yield* resourcesOf(objectId, path.objectInstanceId, content.resources);
      return;
    case 'resource':
      if (path.kind === 'resource') yield [path, content.resource];
      return;
    case 'resource-instance':
  }
}

function* resourcesOf(
  objectId: number,
  objectInstanceId: number,
  resources: ResourceContents,
): Generator<readonly [ResourcePath, ResourceContent], void> {
  for (const [id, resource] of resources) yield [pathOf(objectId, objectInstanceId, id), resource];
}

import {
  formatPath,
  type NotificationAttributes,
  type ObjectInstancePath,
  parsePath,
  type Path,
  pathContains,
  pathOf,
} from '@dunlin/lwm2m';

const none: NotificationAttributes = {};

/** The attributes that one Server set, by the path at which it set them. */
export class AttributeStore {
  readonly #byPath = new Map<string, NotificationAttributes>();
  readonly #limit: number;
  #revision = 0;

  /** `limit`: at how many paths there may be attributes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** At how many paths something is set. */
  get size(): number {
    return this.#byPath.size;
  }

  /** Another number after each change. */
  get revision(): number {
    return this.#revision;
  }

  /** All that is set, by path. */
  get all(): ReadonlyMap<string, NotificationAttributes> {
    return this.#byPath;
  }

  /** Sets what was set before the device was off; what there is no room for is left out. */
  restore(byPath: ReadonlyMap<string, NotificationAttributes>): void {
    for (const [path, attributes] of byPath) if (this.size < this.#limit) this.#byPath.set(path, attributes);
  }

  /** Forgets all. */
  clear(): void {
    this.#byPath.clear();
  }

  /** What is set at exactly this path. */
  at(path: Path): NotificationAttributes {
    return this.#byPath.get(formatPath(path)) ?? none;
  }

  /** Sets all that is set at this path; false, and nothing changed, when there is no room. */
  set(path: Path, attributes: NotificationAttributes): boolean {
    const key = formatPath(path);
    this.#revision += 1;
    if (Object.values(attributes).every((value) => value === undefined)) {
      this.#byPath.delete(key);
      return true;
    }
    if (!this.#byPath.has(key) && this.#byPath.size >= this.#limit) return false;
    this.#byPath.set(key, attributes);
    return true;
  }

  /** What is set at the levels above a path and at it, from the Object in. */
  levels(path: Path): readonly NotificationAttributes[] {
    return levelsOf(path).map((level) => this.at(level));
  }

  /** Forgets what is set at an instance that is gone and below it. */
  removeInstance(path: ObjectInstancePath): void {
    for (const key of this.#byPath.keys()) {
      const known = parsePath(key);
      if (known !== undefined && pathContains(path, known)) this.#byPath.delete(key);
    }
  }
}

function levelsOf(path: Path): readonly Path[] {
  switch (path.kind) {
    case 'root':
      return [];
    case 'object':
      return [path];
    case 'object-instance':
      return [pathOf(path.objectId), path];
    case 'resource':
    case 'resource-instance': {
      const { objectId, objectInstanceId, resourceId } = path;
      return [
        pathOf(objectId),
        pathOf(objectId, objectInstanceId),
        pathOf(objectId, objectInstanceId, resourceId),
      ];
    }
  }
}

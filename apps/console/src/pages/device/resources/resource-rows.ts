import type { DefinitionDocument, KnownValueDocument, ResourceDefinitionDocument } from '@dunlin/api';

/** A Resource as it is listed: what its definition says of it, and what is known of its value. */
export interface ResourceRow {
  readonly id: number;
  readonly path: string;
  readonly name: string;
  readonly definition: ResourceDefinitionDocument | undefined;
  readonly known: KnownValueDocument | undefined;
}

export interface ResourceRowsOptions {
  readonly instancePath: string;
  readonly definition: DefinitionDocument | undefined;
  readonly known: readonly KnownValueDocument[];
  /** Paths that the device said it has. */
  readonly discovered: ReadonlySet<string>;
  /** Also Resources of the definition of which it is not known whether the device has them. */
  readonly isAll: boolean;
}

/** The Resources of an Object Instance, in the order of their ids. */
export function resourceRows(options: ResourceRowsOptions): readonly ResourceRow[] {
  const { instancePath, definition, known, discovered, isAll } = options;
  const knownByPath = new Map(known.map((value) => [value.path, value]));
  const rows = new Map<number, ResourceRow>();
  const add = (id: number, named: ResourceDefinitionDocument | undefined): void => {
    const path = `${instancePath}/${id}`;
    const value = knownByPath.get(path);
    const name = named?.name ?? value?.resource.name ?? `Resource ${id}`;
    rows.set(id, { id, path, name, definition: named, known: value });
  };
  for (const resource of definition?.resources ?? []) {
    const path = `${instancePath}/${resource.id}`;
    if (isAll || resource.isMandatory || knownByPath.has(path) || discovered.has(path))
      add(resource.id, resource);
  }
  for (const path of [...knownByPath.keys(), ...discovered]) {
    const id = idBelow(path, instancePath);
    if (id !== undefined && !rows.has(id)) add(id, undefined);
  }
  return [...rows.values()].toSorted((left, right) => left.id - right.id);
}

/** The id of a Resource whose path lies directly below that of an Object Instance. */
function idBelow(path: string, instancePath: string): number | undefined {
  if (!path.startsWith(`${instancePath}/`)) return undefined;
  const rest = path.slice(instancePath.length + 1);
  return /^\d+$/.test(rest) ? Number(rest) : undefined;
}

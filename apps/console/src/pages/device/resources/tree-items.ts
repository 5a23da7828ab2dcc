import type { DeviceObject, KnownValueDocument } from '@dunlin/api';

/** A line of the tree: an Object, or an Object Instance below it. */
export interface TreeItem {
  readonly path: string;
  readonly label: string;
  readonly level: 1 | 2;
  readonly isExpanded: boolean | undefined;
}

/** The lines of the tree of a device's Objects that are to be seen. */
export function treeItems(
  objects: readonly DeviceObject[],
  { values, expanded, search }: TreeView,
): readonly TreeItem[] {
  const items: TreeItem[] = [];
  const wanted = search.trim().toLowerCase();
  for (const { id, name, instances } of objects) {
    const path = `/${id}`;
    const label = name === undefined ? `Object ${id}` : name;
    const fits = wanted === '' || label.toLowerCase().includes(wanted) || path.includes(wanted);
    if (!fits && !hasResource(values, `${path}/`, wanted)) continue;
    const isExpanded = expanded.has(path) || wanted !== '';
    items.push({ path, label, level: 1, isExpanded: instances.length === 0 ? undefined : isExpanded });
    if (!isExpanded) continue;
    for (const instance of instances) {
      items.push({
        path: `${path}/${instance}`,
        label: `${label} ${instance}`,
        level: 2,
        isExpanded: undefined,
      });
    }
  }
  return items;
}

/** What is looked for in the tree, and what is open in it. */
export interface TreeView {
  readonly values: readonly KnownValueDocument[];
  readonly expanded: ReadonlySet<string>;
  readonly search: string;
}

function hasResource(values: readonly KnownValueDocument[], below: string, wanted: string): boolean {
  return values.some(
    ({ path, resource }) =>
      path.startsWith(below) && (resource.name?.toLowerCase().includes(wanted) ?? false),
  );
}

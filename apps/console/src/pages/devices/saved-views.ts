import { keepHere, type KeptHere, readKept } from '../../app/kept-here.ts';

/** A filter with a name. */
export interface SavedView {
  readonly name: string;
  readonly filter: string;
}

/** More views than one looks through are no help; filters and names are as long as the server and a menu take them. */
const limits = { views: 50, name: 60, filter: 1000 };

const key = 'dunlin.devices.views';

/** The views that were saved in this browser, by name. */
export function storedViews(storage: KeptHere): readonly SavedView[] {
  const stored = readKept(storage, key);
  return Array.isArray(stored) ? stored.filter((view) => isView(view)).slice(0, limits.views) : [];
}

/** Keeps the views. */
export function keepViews(storage: KeptHere, views: readonly SavedView[]): void {
  keepHere(storage, key, views);
}

/** The views with another one, in place of one of the same name; `undefined` when it has no name, or there are too many. */
export function withView(
  views: readonly SavedView[],
  { name: typed, filter }: SavedView,
): readonly SavedView[] | undefined {
  const name = typed.trim();
  const others = views.filter((view) => view.name !== name);
  const added = { name, filter };
  if (!isView(added) || others.length >= limits.views) return undefined;
  return [...others, added].toSorted((one, other) => one.name.localeCompare(other.name));
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('filter' in value)) return false;
  const { name, filter } = value;
  return (
    typeof name === 'string' &&
    name !== '' &&
    name.length <= limits.name &&
    typeof filter === 'string' &&
    filter.length <= limits.filter
  );
}

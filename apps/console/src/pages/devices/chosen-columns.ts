import { keepHere, type KeptHere, readKept } from '../../app/kept-here.ts';

/** The columns of the list of devices that one may have or not, in the order in which they are shown. */
export const choosableColumns = [
  'model',
  'manufacturer',
  'firmware',
  'version',
  'binding',
  'security',
  'address',
  'tags',
  'queued',
  'registered',
  'lastContact',
  'lapses',
] as const;
export type ChoosableColumn = (typeof choosableColumns)[number];

const usual: readonly ChoosableColumn[] = [
  'model',
  'firmware',
  'binding',
  'security',
  'tags',
  'queued',
  'lastContact',
  'lapses',
];

const key = 'dunlin.devices.columns';

/** The columns that were chosen in this browser. */
export function storedColumns(storage: KeptHere): readonly ChoosableColumn[] {
  const stored = readKept(storage, key);
  return Array.isArray(stored) ? choosableColumns.filter((column) => stored.includes(column)) : usual;
}

/** Keeps a choice of columns. */
export function keepColumns(storage: KeptHere, columns: readonly ChoosableColumn[]): void {
  keepHere(storage, key, columns);
}

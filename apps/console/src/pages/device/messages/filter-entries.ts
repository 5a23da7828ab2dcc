import type { TraceEntry } from '@dunlin/api';

/** The entries that have every word of a filter in them: a path, a token, a type, a code or its name, an option. */
export function filterEntries(entries: readonly TraceEntry[], filter: string): readonly TraceEntry[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return entries;
  return entries.filter((entry) => {
    const text = searchable(entry).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function searchable(entry: TraceEntry): string {
  switch (entry.kind) {
    case 'message': {
      const { type, code, codeName, path, token, messageId, service } = entry;
      return [type, code, codeName, path ?? '', token, String(messageId), service].join(' ');
    }
    case 'malformed':
      return `malformed ${entry.reason}`;
    case 'dtls':
      return `dtls ${entry.event} ${entry.reason ?? ''}`;
  }
}

import type { TraceAssociation, TraceEntry, TraceMalformed, TraceMessage } from '@dunlin/api';

/** A message, and what its sender repeated of it (RFC 7252 §4.2). */
interface SequenceMessage {
  readonly kind: 'message';
  readonly message: TraceMessage;
  readonly repeats: readonly TraceMessage[];
}

/** The messages that carry one body in blocks (RFC 7959), folded into one line. */
interface SequenceBlocks {
  readonly kind: 'blocks';
  readonly messages: readonly SequenceMessage[];
  readonly path: string;
  /** Blocks that carried something. */
  readonly blocks: number;
  /** Bytes of all payloads. */
  readonly bytes: number;
}

/** A line of the sequence chart. */
export type SequenceRow =
  | SequenceMessage
  | SequenceBlocks
  | { readonly kind: 'malformed'; readonly entry: TraceMalformed }
  | { readonly kind: 'dtls'; readonly entry: TraceAssociation };

/** The lines of a trace: what was repeated is joined with what it repeats, and blocks of one body are one line. */
export function sequenceOf(entries: readonly TraceEntry[]): readonly SequenceRow[] {
  return foldBlocks(joinRepeats(entries));
}

/** What is told of a line whatever it is: where it begins, and its identity among the others. */
export function firstEntry(row: SequenceRow): TraceEntry {
  switch (row.kind) {
    case 'message':
      return row.message;
    case 'blocks': {
      const [first] = row.messages;
      if (first === undefined) throw new Error('a folded line has messages');
      return first.message;
    }
    case 'malformed':
    case 'dtls':
      return row.entry;
  }
}

type Unfolded = Exclude<SequenceRow, SequenceBlocks>;

function joinRepeats(entries: readonly TraceEntry[]): readonly Unfolded[] {
  const rows: Unfolded[] = [];
  const originals = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind === 'malformed') rows.push({ kind: 'malformed', entry });
    else if (entry.kind === 'dtls') rows.push({ kind: 'dtls', entry });
    else {
      const key = [entry.service, entry.direction, entry.type, entry.code, entry.messageId].join(' ');
      const index = originals.get(key);
      const original = index === undefined ? undefined : rows[index];
      if (entry.isRepeated && index !== undefined && original?.kind === 'message') {
        rows[index] = { ...original, repeats: [...original.repeats, entry] };
      } else {
        originals.set(key, rows.length);
        rows.push({ kind: 'message', message: entry, repeats: [] });
      }
    }
  }
  return rows;
}

/** Transfers of which at least so many messages were seen are folded: a request and its answer are told as they are. */
const leastFolded = 3;

function foldBlocks(rows: readonly Unfolded[]): readonly SequenceRow[] {
  const folded: (SequenceRow | SequenceMessage[])[] = [];
  const open = new Map<string, SequenceMessage[]>();
  for (const row of rows) {
    const block = row.kind === 'message' ? blockOf(row.message) : undefined;
    if (row.kind !== 'message' || block === undefined) {
      folded.push(row);
      continue;
    }
    const transfer = open.get(block.key);
    if (transfer !== undefined && !isAnew(transfer, row.message)) transfer.push(row);
    else {
      const begun = [row];
      open.set(block.key, begun);
      folded.push(begun);
    }
  }
  return folded.flatMap((row) => {
    if (!isTransfer(row)) return [row];
    return row.length < leastFolded ? row : [foldedRow(row)];
  });
}

function isTransfer(row: SequenceRow | SequenceMessage[]): row is SequenceMessage[] {
  return Array.isArray(row);
}

/** Which transfer a message belongs to: one of a body to or from a path; `undefined` for one that is in no blocks. */
function blockOf(message: TraceMessage): { readonly key: string } | undefined {
  const { block1, block2, path, service } = message;
  const block = block2 ?? block1;
  if (block === undefined || (block.number === 0 && !block.isMore)) return undefined;
  return { key: [service, block2 === undefined ? 1 : 2, path ?? ''].join(' ') };
}

/** The first block again begins the next transfer, if the one before came further. */
function isAnew(transfer: readonly SequenceMessage[], message: TraceMessage): boolean {
  const number = (message.block2 ?? message.block1)?.number ?? 0;
  const last = transfer.at(-1)?.message;
  const lastNumber = (last?.block2 ?? last?.block1)?.number ?? 0;
  return number === 0 && lastNumber > 0;
}

function foldedRow(messages: readonly SequenceMessage[]): SequenceBlocks {
  const payloads = messages.flatMap(({ message: { payload } }) =>
    payload === undefined ? [] : [payload.length],
  );
  const bytes = payloads.reduce((sum, length) => sum + length, 0);
  const path = messages.find(({ message }) => message.path !== undefined)?.message.path ?? '';
  return { kind: 'blocks', messages, path, blocks: payloads.length, bytes };
}

import type { TraceMessage } from '@dunlin/api';

import { text } from '../../../text/en.ts';
import type { SequenceRow } from './sequence.ts';

/** What a line of the chart says. */
export function rowText(row: SequenceRow): string {
  switch (row.kind) {
    case 'message':
      return messageText(row.message, row.repeats.length);
    case 'blocks':
      return text.messages.blocks(row.path, row.blocks, row.bytes);
    case 'malformed':
      return `${text.messages.malformed}: ${row.entry.reason}`;
    case 'dtls': {
      const { event, suite, reason } = row.entry;
      return [`DTLS: ${text.messages.dtls[event]}`, suite, reason]
        .filter((part) => part !== undefined)
        .join(' · ');
    }
  }
}

function messageText(message: TraceMessage, repeats: number): string {
  const { type, codeName, code, path, observe, payload } = message;
  const isRequest = code.startsWith('0.') && code !== '0.00';
  const what = code === '0.00' ? '' : isRequest ? codeName : `${code} ${codeName}`;
  const size = payload === undefined ? '' : text.messages.bytes(payload.length);
  const notification = observe !== undefined && !isRequest ? text.messages.notification : '';
  const repeated = repeats === 0 ? '' : text.messages.repeated(repeats);
  return [type, what, path ?? '', notification, size, repeated].filter((part) => part !== '').join(' · ');
}

/** How a line is coloured: by what it means for the one who asked. */
export function rowTone(row: SequenceRow): 'request' | 'success' | 'failure' | 'empty' | 'other' {
  switch (row.kind) {
    case 'blocks':
      return 'success';
    case 'malformed':
      return 'failure';
    case 'dtls':
      return row.entry.event === 'failed' ? 'failure' : 'other';
    case 'message': {
      const { code, type } = row.message;
      if (type === 'RST') return 'failure';
      if (code === '0.00') return 'empty';
      if (code.startsWith('0.')) return 'request';
      return code.startsWith('2.') ? 'success' : 'failure';
    }
  }
}

/** `in` from the device, `out` to it; `undefined` for what has no direction. */
export function rowDirection(row: SequenceRow): 'in' | 'out' | undefined {
  switch (row.kind) {
    case 'message':
      return row.message.direction;
    case 'malformed':
      return row.entry.direction;
    case 'blocks':
      return row.messages.findLast(({ message }) => message.payload !== undefined)?.message.direction;
    case 'dtls':
      return undefined;
  }
}

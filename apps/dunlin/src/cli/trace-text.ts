import type { TraceAssociation, TraceEntry, TraceMessage, TracePayload } from '@dunlin/api';

import { contentRows } from './content-rows.ts';
import { printable } from './table.ts';

/** An entry of a trace as one line for people. */
export function traceText(entry: TraceEntry): string {
  const cells = [entry.time.slice(11, 23), ...cellsOf(entry)];
  return `${cells.map(printable).join('  ').trimEnd()}\n`;
}

function cellsOf(entry: TraceEntry): readonly string[] {
  switch (entry.kind) {
    case 'message':
      return messageCells(entry);
    case 'malformed':
      return [arrow(entry.direction), `${entry.size} B`, `no CoAP message: ${entry.reason}`, entry.hex];
    case 'dtls':
      return ['   ', associationText(entry)];
  }
}

/** Like `→ CON GET /3/0 [31cc] tok 8a2f`: to the device, and `←` from it. */
function messageCells(message: TraceMessage): readonly string[] {
  const { direction, type, code, codeName, path, messageId, token, size, isRepeated } = message;
  const isRequest = code.startsWith('0.') && code !== '0.00';
  const name = isRequest ? codeName : code === '0.00' ? '' : `${code} ${codeName}`;
  const query = optionTexts(message, 'Uri-Query');
  return [
    arrow(direction),
    [type, name, path === undefined ? '' : path + (isRequest && query !== '' ? `?${query}` : '')]
      .filter((part) => part !== '')
      .join(' '),
    `mid ${messageId}`,
    ...(token === '' ? [] : [`tok ${token}`]),
    ...blockCells(message),
    ...(message.observe === undefined ? [] : [`observe ${message.observe}`]),
    `${size} B`,
    ...(isRepeated ? [direction === 'in' ? '(duplicate)' : '(again)'] : []),
    ...(message.payload === undefined ? [] : [payloadText(message.payload)]),
  ];
}

function arrow(direction: 'in' | 'out'): string {
  return direction === 'in' ? '←' : '→';
}

function optionTexts({ options }: TraceMessage, wanted: string): string {
  return options
    .filter(({ name }) => name === wanted)
    .map(({ value }) => String(value))
    .join('&');
}

function blockCells({ block1, block2 }: TraceMessage): readonly string[] {
  return [
    ...(block1 === undefined ? [] : [`block1 ${block1.number}${block1.isMore ? '+' : ''}/${block1.size}`]),
    ...(block2 === undefined ? [] : [`block2 ${block2.number}${block2.isMore ? '+' : ''}/${block2.size}`]),
  ];
}

/** What a payload says, cut so that a line stays one. */
function payloadText({ content, text, links, hex = '', withheld, length }: TracePayload): string {
  if (withheld !== undefined) return `(${length} B withheld: ${withheld})`;
  if (content !== undefined)
    return clipped(
      contentRows(content)
        .map((row) => row.join(' '))
        .join('; '),
    );
  if (text !== undefined) return clipped(JSON.stringify(text));
  if (links !== undefined) return clipped(links.map(({ target }) => `<${target}>`).join(','));
  return clipped(hex);
}

function clipped(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

function associationText({
  event,
  address,
  security,
  identity,
  suite,
  isResumed,
  reason,
  alert,
}: TraceAssociation): string {
  const who = identity === undefined ? '' : ` as ${security ?? '?'} ${identity}`;
  const why = reason === undefined ? '' : `: ${reason}`;
  switch (event) {
    case 'claimed':
      return `DTLS handshake from ${address}${who}`;
    case 'established':
      return `DTLS established with ${address}${who}, ${suite ?? ''}${isResumed === true ? ', resumed' : ''}`;
    case 'failed':
      return `DTLS handshake failed with ${address}${who}${why}${alert === undefined ? '' : ` (alert ${alert})`}`;
    case 'closed':
      return `DTLS closed with ${address}${why}`;
    case 'address-changed':
      return `DTLS goes on from ${address}`;
  }
}

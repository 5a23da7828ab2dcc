/** One message of a `text/event-stream` (WHATWG HTML §9.2.6). */
export interface EventStreamMessage {
  /** The `event` field; `message` when there is none. */
  readonly event: string;
  readonly data: string;
  /** The last id seen up to and with this message; empty when there was none. */
  readonly id: string;
}

/** The stream cannot be read any further. */
export interface EventStreamFailure {
  readonly kind: 'failure';
  readonly reason: string;
}

/** How long a message may be. */
export interface EventStreamParserOptions {
  /** The longest message taken, in characters: several times the largest body a device may send. */
  readonly maxMessageLength: number;
}

/** How long a message may be when nothing else is said: 16 Mi characters. */
export const eventStreamParserDefaults: EventStreamParserOptions = { maxMessageLength: 16 * 1024 * 1024 };

/**
 * Reads a `text/event-stream` piece by piece, wherever the pieces are cut: push bytes in, get the messages that
 * are complete by them. It does no I/O and keeps what resuming needs.
 */
export class EventStreamParser {
  readonly #maxMessageLength: number;
  readonly #decoder = new TextDecoder('utf-8');
  #rest = '';
  #data: string[] = [];
  #dataLength = 0;
  #event = '';
  #id = '';
  #retry: number | undefined;
  #skipLineFeed = false;

  constructor(options: Readonly<Partial<EventStreamParserOptions>> = {}) {
    this.#maxMessageLength = options.maxMessageLength ?? eventStreamParserDefaults.maxMessageLength;
  }

  /** What to send as `Last-Event-ID` to resume; empty before the first id. */
  get lastEventId(): string {
    return this.#id;
  }

  /** How many milliseconds the server asks to wait before connecting again. */
  get retry(): number | undefined {
    return this.#retry;
  }

  /** Takes the next bytes in. */
  push(bytes: Uint8Array): readonly EventStreamMessage[] | EventStreamFailure {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    const messages: EventStreamMessage[] = [];
    let start = this.#skipLineFeed && text.startsWith('\n') ? 1 : 0;
    if (text !== '') this.#skipLineFeed = false;
    for (;;) {
      const end = lineEnd(text, start);
      if (end === -1) break;
      this.#takeLine(text.slice(start, end), messages);
      start = end + 1;
      if (text[end] === '\r') {
        if (text[start] === '\n') start += 1;
        else if (start === text.length) this.#skipLineFeed = true;
      }
    }
    this.#rest = text.slice(start);
    if (this.#rest.length + this.#dataLength > this.#maxMessageLength) {
      return { kind: 'failure', reason: `a message is longer than ${this.#maxMessageLength} characters` };
    }
    return messages;
  }

  #takeLine(line: string, messages: EventStreamMessage[]): void {
    if (line === '') {
      this.#dispatch(messages);
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const raw = colon === -1 ? '' : line.slice(colon + 1);
    const value = raw.startsWith(' ') ? raw.slice(1) : raw;
    if (field === 'data') {
      this.#data.push(value);
      this.#dataLength += value.length;
    } else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) this.#retry = Number(value);
  }

  #dispatch(messages: EventStreamMessage[]): void {
    if (this.#data.length > 0) {
      messages.push({
        event: this.#event === '' ? 'message' : this.#event,
        data: this.#data.join('\n'),
        id: this.#id,
      });
    }
    this.#data = [];
    this.#dataLength = 0;
    this.#event = '';
  }
}

function lineEnd(text: string, start: number): number {
  const feed = text.indexOf('\n', start);
  const carriage = text.indexOf('\r', start);
  if (feed === -1) return carriage;
  return carriage === -1 ? feed : Math.min(feed, carriage);
}

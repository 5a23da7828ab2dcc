import {
  type EventPage,
  type LoggedEventDocument,
  parseJson,
  type ServerEvent,
  ServerEventSchema,
  stringifyJson,
} from '@dunlin/api';
import * as Value from 'typebox/value';

/**
 * An event whose document is made when somebody reads it: a fleet updates its registrations thousands of times a second,
 * and mostly nobody listens.
 */
export interface UnreadEvent {
  /** Which type the document will have. */
  readonly eventType: ServerEvent['type'];
  readonly endpoint: string;
  /** About how many characters its frame will have. */
  readonly length: number;
  /** The document; of how things were when it happened. */
  read(): ServerEvent;
}

/** The document of an event. */
export function eventDocument(event: ServerEvent | UnreadEvent): ServerEvent {
  return 'read' in event ? event.read() : event;
}

/** An event as subscribers get it. */
export interface LoggedEvent {
  readonly id: string;
  /** The device it concerns; `undefined` when it is of none that is known. */
  readonly endpoint: string | undefined;
  /** True for what every reader has to know, whatever device he looks at. */
  readonly isForAll: boolean;
  /** The event as a message of a `text/event-stream`. */
  readonly frame: string;
}

/** Which events of the past to give. */
export interface PastEvents {
  readonly limit: number;
  readonly fits?: (type: ServerEvent['type']) => boolean;
  readonly endpoint?: string | undefined;
  /** Only events before the one with this id. */
  readonly before?: string | undefined;
}

export interface EventLogLimits {
  /** How many events are kept for readers who come back: minutes of a busy fleet. */
  readonly events: number;
  /** How many characters of them are kept. */
  readonly characters: number;
}

const eventLogLimits: EventLogLimits = { events: 10_000, characters: 16 * 1024 * 1024 };

/**
 * The newest events in the order they happened, numbered from 1. Ids carry the epoch of this process, so that an
 * id of an earlier one is recognised as lost.
 */
export class EventLog {
  readonly #epoch: string;
  readonly #limits: EventLogLimits;
  #events: (LogEntry | undefined)[] = [];
  #head = 0;
  #characters = 0;
  #last = 0;

  /** `epoch` is a text without `-` that no other run of the server has. */
  constructor(epoch: string, limits: Readonly<Partial<EventLogLimits>> = {}) {
    this.#epoch = epoch;
    this.#limits = { ...eventLogLimits, ...limits };
  }

  /** The id of the newest event; that of number 0 before the first. */
  get lastId(): string {
    return `${this.#epoch}-${this.#last}`;
  }

  append(event: ServerEvent | UnreadEvent): LoggedEvent {
    this.#last += 1;
    const entry = new LogEntry(this.lastId, event);
    this.#events.push(entry);
    this.#characters += entry.length;
    this.#trim();
    return entry;
  }

  /** Events of the past, the newest first, and the id to give as `before` for older ones. */
  past({ limit, fits, endpoint, before }: PastEvents): EventPage {
    const events: LoggedEventDocument[] = [];
    let index = this.#indexBefore(before);
    for (; index >= this.#head && events.length < limit; index -= 1) {
      const entry = this.#events[index];
      if (entry === undefined || fits?.(entry.type) === false) continue;
      if (endpoint !== undefined && entry.endpoint !== endpoint) continue;
      const event = eventIn(entry.frame);
      if (event !== undefined) events.push({ id: entry.id, event });
    }
    return { events, next: index < this.#head ? null : (events.at(-1)?.id ?? null) };
  }

  /** Where the newest event before the one with an id is; of an id that is not known that of the newest. */
  #indexBefore(id: string | undefined): number {
    const newest = this.#events.length - 1;
    const [epoch, number = ''] = id?.split('-') ?? [];
    if (epoch !== this.#epoch || !/^\d{1,15}$/.test(number)) return newest;
    return newest - Math.max(0, this.#last - Number(number) + 1);
  }

  /** What happened after the event with the given id; `undefined` when some of it, or the id, is no longer known. */
  since(id: string): readonly LoggedEvent[] | undefined {
    const [epoch, number, ...rest] = id.split('-');
    if (epoch !== this.#epoch || number === undefined || rest.length > 0 || !/^\d{1,15}$/.test(number)) {
      return undefined;
    }
    const missed = this.#last - Number(number);
    const kept = this.#events.length - this.#head;
    if (missed < 0 || missed > kept) return undefined;
    return this.#events.slice(this.#events.length - missed).filter((event) => event !== undefined);
  }

  #trim(): void {
    const { events, characters } = this.#limits;
    while (this.#events.length - this.#head > events || this.#characters > characters) {
      const oldest = this.#events[this.#head];
      if (oldest === undefined) break;
      this.#characters -= oldest.length;
      this.#events[this.#head] = undefined;
      this.#head += 1;
    }
    // Copying only when half of the array is holes keeps appending O(1) on average.
    if (this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }
}

class LogEntry implements LoggedEvent {
  readonly id: string;
  readonly endpoint: string | undefined;
  readonly type: ServerEvent['type'];
  readonly isForAll: boolean;
  readonly length: number;
  #frame: string | undefined;
  #unread: UnreadEvent | undefined;

  constructor(id: string, event: ServerEvent | UnreadEvent) {
    this.id = id;
    this.type = 'read' in event ? event.eventType : event.type;
    this.endpoint = 'endpoint' in event ? event.endpoint : undefined;
    if ('read' in event) {
      this.isForAll = false;
      this.length = event.length;
      this.#unread = event;
    } else {
      this.isForAll = event.type === 'reset';
      this.#frame = eventFrame(id, event);
      this.length = this.#frame.length;
    }
  }

  get frame(): string {
    if (this.#unread !== undefined) {
      this.#frame = eventFrame(this.id, this.#unread.read());
      this.#unread = undefined;
    }
    return this.#frame ?? '';
  }
}

/** The document in a frame. */
function eventIn(frame: string): ServerEvent | undefined {
  const [, data = ''] = /^data: (.*)$/m.exec(frame) ?? [];
  const document = parseJson(data);
  return document.kind === 'json' && Value.Check(ServerEventSchema, document.value)
    ? document.value
    : undefined;
}

/** An event as a message of a `text/event-stream`. */
export function eventFrame(id: string, event: ServerEvent): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${stringifyJson(event)}\n\n`;
}

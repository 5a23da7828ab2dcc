import { type Instant, SignalSource } from '@dunlin/base';
import { decodeMessage, isRequestCode, type Malformed, type Message, OptionNumber } from '@dunlin/coap';

import { Recent } from './recent.ts';
import type { AssociationRecord, TraceRecord, TraceRequest } from './trace-record.ts';
import { type NumberedRecord, TraceRing } from './trace-ring.ts';
import type { Passing } from './traced-binding.ts';
import { withheldPayload } from './withheld-payload.ts';

/** For how long a message id means the same message: EXCHANGE_LIFETIME (RFC 7252 §4.8.2). */
const exchangeLifetime = 247_000;

/** Tokens and messages that are remembered to recognise what belongs together; a device has a handful under way. */
const remembered = 1000;

/** The trace of one device: what was recorded, and who watches. */
export class DeviceTrace {
  readonly endpoint: string;
  readonly ring: TraceRing = new TraceRing();
  /** What is appended, for those who watch. */
  readonly appended: SignalSource<NumberedRecord> = new SignalSource();
  /** How many streams watch. */
  watchers = 0;
  /** Until when it is recorded although no stream watches. */
  recordUntil: Instant | undefined;
  /** Until when it was switched on, if it was. */
  switchedOnUntil: Instant | undefined;
  /** When what is recorded may be forgotten, once nobody watches. */
  keepUntil: Instant | undefined;
  readonly #requests = new Recent<TraceRequest>(remembered);
  readonly #seen = new Recent<Instant>(remembered);

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  isRecording(now: Instant): boolean {
    return this.watchers > 0 || (this.recordUntil !== undefined && now < this.recordUntil);
  }

  /** A request of which responses may still come, such as that of an observation. */
  expectAnswers(token: string, segments: readonly string[]): void {
    this.#requests.set(requestKey('out', token), { segments });
  }

  passed(passing: Passing, now: Instant): void {
    const { direction, peer, local, service } = passing;
    const message = decodeMessage(passing.datagram);
    const request = message.kind === 'message' ? this.#requestOf(message, direction) : undefined;
    const withheld = message.kind === 'message' ? withheldPayload(message, request) : undefined;
    const datagram =
      withheld === undefined || message.kind === 'malformed'
        ? passing.datagram.slice()
        : withoutPayload(passing.datagram, message);
    this.#append({
      kind: 'datagram',
      time: now,
      direction,
      peer,
      local,
      service,
      datagram,
      size: passing.datagram.length,
      withheld,
      request,
      isRepeated: this.#isRepeated(message, passing, now),
    });
  }

  happened(record: AssociationRecord): void {
    this.#append(record);
  }

  #append(record: TraceRecord): void {
    const numbered = this.ring.append(record);
    this.appended.emit(numbered);
  }

  /** What a message asks or answers; a request is remembered for its answers. */
  #requestOf(message: Message, direction: 'in' | 'out'): TraceRequest | undefined {
    if (isRequestCode(message.code)) {
      const request = { segments: pathSegments(message) };
      this.#requests.set(requestKey(direction, message.tokenKey), request);
      return request;
    }
    return this.#requests.get(requestKey(direction === 'in' ? 'out' : 'in', message.tokenKey));
  }

  #isRepeated(message: Message | Malformed, { direction, peer }: Passing, now: Instant): boolean {
    if (message.kind === 'malformed') return false;
    const { type, code, messageId, tokenKey } = message;
    const key = `${direction} ${peer.key} ${type} ${code} ${messageId} ${tokenKey}`;
    const before = this.#seen.get(key);
    this.#seen.set(key, now);
    return before !== undefined && now - before < exchangeLifetime;
  }
}

/** The segments of the Uri-Path of a message. */
export function pathSegments({ options }: Message): readonly string[] {
  return optionTexts(options, OptionNumber.uriPath);
}

/** All values of an option, as texts. */
export function optionTexts(options: Message['options'], number: number): readonly string[] {
  const texts: string[] = [];
  for (let index = 0; index < options.size; index += 1)
    if (options.numberAt(index) === number) texts.push(options.textAt(index) ?? '');
  return texts;
}

function requestKey(direction: 'in' | 'out', token: string): string {
  return `${direction} ${token}`;
}

/** Ends before the payload marker, so that the bytes are nowhere in memory that anybody could ask for. */
function withoutPayload(datagram: Uint8Array, { payloadLength }: Message): Uint8Array {
  return datagram.slice(0, datagram.length - payloadLength - 1);
}

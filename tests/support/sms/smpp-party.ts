import { milliseconds, Secret, utf8Encode } from '@dunlin/base';
import { smpp, type SmppCarrier, type SmppOptions } from '@dunlin/node';
import type { CarrierEvent } from '@dunlin/sms';

import { until } from '../until.ts';

type EventOf<Kind extends CarrierEvent['kind']> = Extract<CarrierEvent, { kind: Kind }>;

/** Short waits, so that the tests are not long. */
const limits = {
  drainTimeout: milliseconds(200),
  transactionsPerSecond: 1000,
  firstReconnectDelay: milliseconds(20),
  longestReconnectDelay: milliseconds(40),
};

/** A carrier over SMPP that takes every message, with what it told. */
export class SmppParty implements AsyncDisposable {
  readonly carrier: SmppCarrier;
  readonly events: CarrierEvent[] = [];
  /** What received messages are answered with. */
  answer: 'taken' | 'busy' = 'taken';

  constructor(url: string, systemId: string, password: string, options: Partial<SmppOptions> = {}) {
    const secret = new Secret(utf8Encode(password));
    const { limits: own, ...account } = options;
    this.carrier = smpp({ url, systemId, password: secret, limits: { ...limits, ...own }, ...account });
    this.carrier.events.subscribe((event) => {
      this.events.push(event);
      if (event.kind === 'received') this.carrier.acknowledge(event.message.id, this.answer);
    });
    this.carrier.start();
  }

  /** What it told of this kind. */
  of<Kind extends CarrierEvent['kind']>(kind: Kind): readonly EventOf<Kind>[] {
    return this.events.filter((event): event is EventOf<Kind> => event.kind === kind);
  }

  /** Waits until so many events of a kind have come. */
  async has(kind: CarrierEvent['kind'], count = 1): Promise<void> {
    await until(() => this.of(kind).length >= count);
  }

  async up(): Promise<void> {
    await until(() => this.carrier.status.kind === 'bound');
  }

  /** Submits a message that is valid for a minute, with the wish for a receipt. */
  send(id: number, to: string, userData: Uint8Array, hasHeader = false): void {
    const validity = milliseconds(60_000);
    this.carrier.submit({ id, to, userData, hasHeader, validity, wantsReceipt: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.carrier[Symbol.asyncDispose]();
  }
}

import type { CarrierEvent, IncomingShortMessage, RunningCarrier } from '@dunlin/sms';

import { until } from '../../support/until.ts';

/** What a carrier told, to be waited for. Received messages are taken unless something else is said. */
export class CarrierLog {
  readonly events: CarrierEvent[] = [];
  answer: (message: IncomingShortMessage) => 'taken' | 'busy' | 'later' = () => 'taken';

  constructor(carrier: RunningCarrier) {
    carrier.events.subscribe((event) => {
      this.events.push(event);
      if (event.kind !== 'received') return;
      const answer = this.answer(event.message);
      if (answer !== 'later') carrier.acknowledge(event.message.id, answer);
    });
  }

  of<Kind extends CarrierEvent['kind']>(kind: Kind): (CarrierEvent & { readonly kind: Kind })[] {
    return this.events.filter(
      (event): event is CarrierEvent & { readonly kind: Kind } => event.kind === kind,
    );
  }

  /** The next event of the kind that was not waited for yet. */
  async next<Kind extends CarrierEvent['kind']>(kind: Kind): Promise<CarrierEvent & { readonly kind: Kind }> {
    const position = this.#waitedFor.get(kind) ?? 0;
    const event = await until(
      () => this.of(kind)[position],
      () => `an event "${kind}" in ${JSON.stringify(this.events)}`,
    );
    this.#waitedFor.set(kind, position + 1);
    return event;
  }

  readonly #waitedFor = new Map<CarrierEvent['kind'], number>();
}

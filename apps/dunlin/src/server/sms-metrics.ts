import type { SmppCarrier, SmsBinding } from '@dunlin/node';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What of a binding is counted. */
export type CountedSms = Pick<SmsBinding, 'statistics' | 'isUp' | 'budgets'>;

/** What of the session with the message centre is counted. */
export type CountedSession = Pick<SmppCarrier, 'statistics' | 'status'>;

/**
 * Adds the metrics of short messages, in parts: each part of a concatenated one counts; and those of the session where
 * there is one.
 */
export function addSmsMetrics(
  registers: Registry[],
  binding: CountedSms,
  session: CountedSession | undefined,
): void {
  if (session !== undefined) addSessionMetrics(registers, session);
  void new Counter({
    name: 'dunlin_sms_parts_total',
    help: 'Short messages by direction, purpose and what became of them; accepted ones may be told of once more.',
    labelNames: ['direction', 'purpose', 'result'],
    registers,
    collect() {
      this.reset();
      const { sent, received } = binding.statistics;
      for (const [purpose, results] of Object.entries(sent)) {
        for (const [result, count] of Object.entries(results)) {
          this.inc({ direction: 'out', purpose, result }, count);
        }
      }
      for (const [result, count] of Object.entries(received)) {
        this.inc({ direction: 'in', purpose: 'any', result }, count);
      }
    },
  });
  void new Counter({
    name: 'dunlin_sms_dropped_total',
    help: 'Short messages that came and were dropped, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      const { dropped, ignored } = binding.statistics;
      for (const [reason, count] of Object.entries({ ...dropped, ...ignored })) this.inc({ reason }, count);
    },
  });
  void new Gauge({
    name: 'dunlin_sms_budget_remaining',
    help: 'Short messages that may still be sent to all numbers together, by budget.',
    labelNames: ['budget'],
    registers,
    collect() {
      for (const { budget, left } of binding.budgets()) this.set({ budget }, left);
    },
  });
  void new Gauge({
    name: 'dunlin_sms_up',
    help: 'Whether short messages can be sent and received.',
    registers,
    collect() {
      this.set(binding.isUp ? 1 : 0);
    },
  });
}

function addSessionMetrics(registers: Registry[], session: CountedSession): void {
  void new Counter({
    name: 'dunlin_smpp_events_total',
    help: 'What happened in the session with the message centre, by kind.',
    labelNames: ['event'],
    registers,
    collect() {
      this.reset();
      const { failures, throttled, busy, malformed, unmatchedReceipts } = session.statistics;
      this.inc({ event: 'failure' }, failures);
      this.inc({ event: 'throttled' }, throttled);
      this.inc({ event: 'busy' }, busy);
      this.inc({ event: 'malformed' }, malformed);
      this.inc({ event: 'unmatched-receipt' }, unmatchedReceipts);
    },
  });
  void new Gauge({
    name: 'dunlin_smpp_misconfigured',
    help: 'Whether the message centre refuses the account as it is configured.',
    registers,
    collect() {
      const { status } = session;
      this.set(status.kind === 'waiting' && status.isMisconfigured ? 1 : 0);
    },
  });
  void new Gauge({
    name: 'dunlin_smpp_waiting',
    help: 'Short messages that wait to be submitted, and submissions that wait for their answer.',
    labelNames: ['for'],
    registers,
    collect() {
      const { queued, unanswered } = session.statistics;
      this.set({ for: 'submission' }, queued);
      this.set({ for: 'answer' }, unanswered);
    },
  });
}

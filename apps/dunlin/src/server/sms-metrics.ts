import type { SmsBinding } from '@dunlin/node';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What of a binding is counted. */
export type CountedSms = Pick<SmsBinding, 'statistics' | 'isUp' | 'budgets'>;

/** Adds the metrics of short messages, in parts: each part of a concatenated one counts. */
export function addSmsMetrics(registers: Registry[], binding: CountedSms): void {
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
      for (const [reason, count] of Object.entries(binding.statistics.dropped)) this.inc({ reason }, count);
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

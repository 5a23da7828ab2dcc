import type { CaseResult } from './conformance-case.ts';

const marks = { passed: 'pass', failed: 'FAIL', 'not applicable': 'n/a ' } as const;

/** One line of a report, and below a failure what went over the wire. */
export function reportLine({ id, title, outcome, reason, evidence }: CaseResult): string {
  const line = `${marks[outcome]}  ${id.padEnd(14)} ${title}${reason === undefined ? '' : `: ${reason}`}`;
  return outcome === 'failed' ? [line, ...evidence.map((each) => `        ${each}`)].join('\n') : line;
}

/** How many cases came to what: the last line of a report. */
export function summaryLine(results: readonly CaseResult[]): string {
  const count = (outcome: CaseResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('not applicable')} not applicable`;
}

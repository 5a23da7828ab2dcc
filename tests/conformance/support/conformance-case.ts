/** One test of the OMA enabler test specification for 1.0, or of our own beside it. */
export interface ConformanceCase<Subject> {
  /** Like `1.0-int-101`; what is not in the specification is `dunlin-…`. */
  readonly id: string;
  readonly title: string;
  /** The steps with their pass criteria: throws where the subject fails, `NotApplicable` where there is nothing to test. */
  readonly run: (subject: Subject) => Promise<void>;
}

/** Thrown when the subject has not what a case is about, such as an optional Object. */
export class NotApplicable extends Error {}

/** What came of a case. */
export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'not applicable';
  /** Why it failed or is not applicable. */
  readonly reason?: string;
  /** What was sent and received. */
  readonly evidence: readonly string[];
}

/** Runs cases one after the other: what each came to, with what went over the wire meanwhile. */
export async function runCases<Subject extends { readonly log: string[] }>(
  cases: readonly ConformanceCase<Subject>[],
  subject: Subject,
  tell: (result: CaseResult) => void = () => undefined,
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const { id, title, run } of cases) {
    const start = subject.log.length;
    let verdict: Pick<CaseResult, 'outcome' | 'reason'> = { outcome: 'passed' };
    try {
      await run(subject);
    } catch (error) {
      const outcome = error instanceof NotApplicable ? 'not applicable' : 'failed';
      verdict = { outcome, reason: error instanceof Error ? firstLine(error.message) : String(error) };
    }
    const result = { id, title, ...verdict, evidence: subject.log.slice(start) };
    results.push(result);
    tell(result);
  }
  return results;
}

function firstLine(message: string): string {
  return message.split('\n').find((line) => line.trim() !== '') ?? message;
}

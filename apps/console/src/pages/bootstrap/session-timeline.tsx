import type { BootstrapSessionDocument, BootstrapStepDocument } from '@dunlin/api';
import type { ReactNode } from 'react';

import { Age } from '../../components/age.tsx';
import { text } from '../../text/en.ts';
import styles from './session-timeline.module.css';

/** A bootstrap of a device, step by step as it goes. */
export function SessionTimeline({ session }: { readonly session: BootstrapSessionDocument }): ReactNode {
  const { endpoint, initiatedBy, address, security, startedAt, outcome, failure, steps } = session;
  return (
    <section className="card stack" aria-label={text.bootstrap.sessionOf(endpoint)}>
      <div className="row spread">
        <h3>{endpoint}</h3>
        <span
          className={outcome === 'failed' ? 'bad' : outcome === 'finished' ? 'good' : undefined}
          role="status"
        >
          {text.bootstrap.outcomes[outcome]}
        </span>
      </div>
      <p className="muted">
        {text.bootstrap.initiatedBy[initiatedBy]} <Age at={startedAt} />{' '}
        <span className="mono">{address}</span> {text.security[security]}
      </p>
      {failure !== undefined && <p className="notice failure">{failure.reason}</p>}
      <ol className={styles.steps}>
        {steps.map((step) => (
          <li key={`${step.startedAt} ${step.operation} ${step.path ?? ''}`} data-outcome={outcomeOf(step)}>
            <Step step={step} begunAt={startedAt} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function outcomeOf({ answer }: BootstrapStepDocument): 'open' | 'done' | 'refused' {
  if (answer === undefined) return 'open';
  return answer.coapCode.startsWith('2.') ? 'done' : 'refused';
}

function Step({
  step,
  begunAt,
}: {
  readonly step: BootstrapStepDocument;
  readonly begunAt: string;
}): ReactNode {
  const { operation, path, format, length, startedAt, answer } = step;
  const since = (Date.parse(startedAt) - Date.parse(begunAt)) / 1000;
  const took = answer === undefined ? undefined : Date.parse(answer.at) - Date.parse(startedAt);
  return (
    <>
      <span className="muted mono">{text.bootstrap.since(since.toFixed(2))}</span>{' '}
      <strong>{text.bootstrap.operations[operation]}</strong> <span className="mono">{path ?? ''}</span>{' '}
      {length !== undefined && (
        <span className="muted">{[format, text.messages.bytes(length)].join(', ')}</span>
      )}{' '}
      {answer === undefined ? (
        <span className="muted">{text.bootstrap.noAnswer}</span>
      ) : (
        <span className={outcomeOf(step) === 'refused' ? 'bad' : 'good'}>
          {[answer.coapCode, answer.coapMeaning, answer.diagnostic]
            .filter((part) => part !== undefined)
            .join(' ')}{' '}
          <span className="muted">{text.bootstrap.took(took ?? 0)}</span>
        </span>
      )}
    </>
  );
}

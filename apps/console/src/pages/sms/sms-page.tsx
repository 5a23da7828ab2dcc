import type { SmsStatusDocument } from '@dunlin/api';
import { type ReactNode, useDeferredValue } from 'react';

import { go } from '../../app/use-route.ts';
import { Failure } from '../../components/failure.tsx';
import { SearchedHeading } from '../../components/searched-heading.tsx';
import { useSmsStatus } from '../../server/use-sms.ts';
import { text } from '../../text/en.ts';
import { BudgetTable } from './budget-table.tsx';
import { OutboxTable } from './outbox-table.tsx';
import { SmsNumbers } from './sms-numbers.tsx';
import { SmsState } from './sms-state.tsx';

/** Short messages: whether they go, what is left of the budgets, what was sent, and the numbers of devices. */
export function SmsPage({ search }: { readonly search: string }): ReactNode {
  const { data: status, error } = useSmsStatus({ isWatched: true });
  const contains = useDeferredValue(search.trim());
  return (
    <div className="stack">
      <SearchedHeading
        title={text.pages.sms}
        label={text.sms.search}
        search={search}
        onSearch={(query) => go({ page: 'sms', query }, { replace: true })}
      />
      {error !== null && <Failure error={error} />}
      {status === null && <p className="notice">{text.sms.none}</p>}
      {status !== null && status !== undefined && (
        <>
          <Status status={status} />
          <h2>{text.sms.outbox}</h2>
          <OutboxTable contains={contains} />
          <h2>{text.sms.numbers}</h2>
          <SmsNumbers contains={contains} />
        </>
      )}
    </div>
  );
}

function Status({ status }: { readonly status: SmsStatusDocument }): ReactNode {
  const { number, unprotected, budgets } = status;
  return (
    <>
      <dl className="card facts">
        <dt>{text.sms.number}</dt>
        <dd className="mono">{number}</dd>
        <dt>{text.sms.state}</dt>
        <dd>
          <SmsState status={status} />
        </dd>
        <dt>{text.sms.unprotected}</dt>
        <dd>{text.sms.unprotectedKinds[unprotected] ?? unprotected}</dd>
      </dl>
      <h2>{text.sms.budgets}</h2>
      <BudgetTable budgets={budgets} />
    </>
  );
}

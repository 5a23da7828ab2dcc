import { ApiError } from '@dunlin/api';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Failure } from '../../components/failure.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { smsInterval, useSmsStatus } from '../../server/use-sms.ts';
import { text } from '../../text/en.ts';
import { BudgetTable } from '../sms/budget-table.tsx';
import { OutboxTable } from '../sms/outbox-table.tsx';
import { SmsState } from '../sms/sms-state.tsx';
import { WakeButton } from './wake-button.tsx';

/** How a device is reached by short messages, what that cost today, and what is left. */
export function SmsTab({ endpoint }: { readonly endpoint: string }): ReactNode {
  const { data: status } = useSmsStatus({ isWatched: true });
  const { data, error } = useQuery({
    queryKey: queryKeys.deviceSms(endpoint),
    queryFn: ({ signal }) => api.sms.device(endpoint, { signal }),
    enabled: status !== null && status !== undefined,
    refetchInterval: smsInterval,
  });
  if (status === null) return <p className="notice">{text.sms.none}</p>;
  if (error instanceof ApiError && error.code === 'unknown-device')
    return <p className="notice">{text.device.gone}</p>;
  return (
    <div className="stack">
      {error !== null && <Failure error={error} />}
      <dl className="card facts">
        <dt>{text.sms.state}</dt>
        <dd>{status !== undefined && <SmsState status={status} />}</dd>
        {data !== undefined && (
          <>
            <dt>{data.number === null ? text.sms.notReached : text.sms.reached}</dt>
            <dd className={data.number === null ? undefined : 'mono'}>{data.number ?? data.reason}</dd>
          </>
        )}
      </dl>
      {data !== undefined && data.number !== null && <WakeButton endpoint={endpoint} />}
      {data !== undefined && data.budgets.length > 0 && <BudgetTable budgets={data.budgets} />}
      <h2>{text.sms.outbox}</h2>
      <OutboxTable contains={endpoint} endpoint={endpoint} />
    </div>
  );
}

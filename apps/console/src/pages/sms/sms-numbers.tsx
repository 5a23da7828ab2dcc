import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';

import { deviceRoute } from '../../app/route.ts';
import { Age } from '../../components/age.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { MoreButton } from '../../components/more-button.tsx';
import { RemoveButton } from '../../components/remove-button.tsx';
import { RouteLink } from '../../components/route-link.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { text } from '../../text/en.ts';
import { isNumber } from './is-number.ts';

/** Which number each device has; given and taken by administrators. */
export function SmsNumbers({ contains }: { readonly contains: string }): ReactNode {
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [...queryKeys.smsNumbers, contains],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) => {
      const query = {
        ...(contains === '' ? {} : { contains }),
        ...(pageParam === '' ? {} : { after: pageParam }),
      };
      return api.sms.numbers(query, { signal });
    },
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const { problem, act } = useAction(queryKeys.smsNumbers);
  const numbers = data?.pages.flatMap((page) => page.numbers) ?? [];
  return (
    <>
      {error !== null && <Failure error={error} />}
      {problem !== undefined && <Failure error={problem} />}
      <ProvisionForm />
      {data !== undefined && numbers.length === 0 ? (
        <p className="muted">{text.sms.numbersEmpty}</p>
      ) : (
        <DataTable label={text.sms.numbers} columns={text.sms.numberColumns}>
          {numbers.map(({ endpoint, number, provisionedAt }) => (
            <tr key={endpoint}>
              <th scope="row">
                <RouteLink to={deviceRoute(endpoint, 'sms')}>{endpoint}</RouteLink>
              </th>
              <td className="mono">{number}</td>
              <td>
                <Age at={provisionedAt} />
              </td>
              <td>
                <RemoveButton
                  name={endpoint}
                  explanation={text.sms.withdrawExplanation}
                  onRemove={() => void act(() => api.sms.withdraw(endpoint))}
                />
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      <MoreButton isThere={hasNextPage} onMore={fetchNextPage} />
    </>
  );
}

function ProvisionForm(): ReactNode {
  const { problem, act } = useAction(queryKeys.smsNumbers);
  const [endpoint, setEndpoint] = useState('');
  const [number, setNumber] = useState('');
  const expected = useId();
  const isWrong = number !== '' && !isNumber(number);
  const provision = async (): Promise<void> => {
    if (!(await act(() => api.sms.provision(endpoint, number)))) return;
    setEndpoint('');
    setNumber('');
  };
  return (
    <form
      className="card stack"
      aria-label={text.sms.provision}
      onSubmit={(event) => {
        event.preventDefault();
        void provision();
      }}
    >
      {problem !== undefined && <Failure error={problem} />}
      <div className="row">
        <label className="field">
          {text.sms.endpoint}
          <input value={endpoint} onChange={({ target }) => setEndpoint(target.value)} />
        </label>
        <label className="field">
          {text.sms.deviceNumber}
          <input
            inputMode="tel"
            value={number}
            aria-invalid={isWrong}
            aria-describedby={expected}
            onChange={({ target }) => setNumber(target.value.trim())}
          />
        </label>
        <button type="submit" className="button primary" disabled={endpoint === '' || !isNumber(number)}>
          {text.sms.provisionAction}
        </button>
      </div>
      <span id={expected} className="bad">
        {isWrong && text.sms.badNumber}
      </span>
    </form>
  );
}

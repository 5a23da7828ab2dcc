import type { ReactNode } from 'react';

import { RouteLink } from '../../components/route-link.tsx';
import { useSmsStatus } from '../../server/use-sms.ts';
import { text } from '../../text/en.ts';
import { SmsState } from '../sms/sms-state.tsx';
import styles from './overview-page.module.css';

/** Short messages at a glance, at a server that has them. */
export function SmsCard(): ReactNode {
  const { data: status } = useSmsStatus({ isWatched: true });
  if (status === null || status === undefined) return null;
  return (
    <section className="card stack" aria-label={text.pages.sms}>
      <div className="row spread">
        <h2>
          <RouteLink to={{ page: 'sms', query: '' }}>{text.pages.sms}</RouteLink>
        </h2>
        <SmsState status={status} />
      </div>
      <dl className={styles.rates}>
        {status.budgets.map(({ budget, limit, left }) => (
          <div key={budget}>
            <dt className="muted">{text.sms.budgetNames[budget] ?? budget}</dt>
            <dd>{text.sms.sentOf(limit - left, limit)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

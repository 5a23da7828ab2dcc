import type { ReactNode } from 'react';

import { type DeviceTab, deviceRoute, deviceTabs } from '../../app/route.ts';
import { RouteLink } from '../../components/route-link.tsx';
import { useHasSms } from '../../server/use-sms.ts';
import { text } from '../../text/en.ts';
import styles from './device-tabs.module.css';

/** The parts of the page of a device, each with a URL of its own. */
export function DeviceTabs({
  endpoint,
  current,
}: {
  readonly endpoint: string;
  readonly current: DeviceTab;
}): ReactNode {
  const hasSms = useHasSms();
  const shown = deviceTabs.filter((tab) => tab !== 'sms' || hasSms || current === 'sms');
  return (
    <nav aria-label={text.device.parts}>
      <ul className={styles.tabs}>
        {shown.map((tab) => (
          <li key={tab}>
            <RouteLink to={deviceRoute(endpoint, tab)} isCurrent={tab === current} className={styles.tab}>
              {text.device.tabs[tab]}
            </RouteLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

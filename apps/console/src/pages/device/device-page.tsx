import { ApiError } from '@dunlin/api';
import type { ReactNode } from 'react';

import type { DeviceTab } from '../../app/route.ts';
import { AskingContext, useNewAsking } from '../../asking/use-asking.ts';
import { Failure } from '../../components/failure.tsx';
import { useDevice } from '../../server/use-answers.ts';
import { text } from '../../text/en.ts';
import { DeviceHeader } from './device-header.tsx';
import { DeviceTabs } from './device-tabs.tsx';
import { TabContent } from './tab-content.tsx';

export interface DevicePageProps {
  readonly endpoint: string;
  readonly tab: DeviceTab;
  readonly path: string;
  readonly query: string;
}

/** One device. */
export function DevicePage({ endpoint, tab, path, query }: DevicePageProps): ReactNode {
  const asking = useNewAsking(endpoint);
  const { data: device, error, refetch } = useDevice(endpoint);
  const isUnknown = error instanceof ApiError && error.code === 'unknown-device';
  const isGone = isUnknown || device?.presence === 'gone';
  if (device === undefined) {
    return (
      <div className="stack">
        <h1>{endpoint}</h1>
        {isUnknown && <p className="notice">{text.device.unknown}</p>}
        {error !== null && !isUnknown && <Failure error={error} onRetry={() => void refetch()} />}
        {error === null && <p className="muted">{text.common.loading}</p>}
      </div>
    );
  }
  return (
    <AskingContext value={asking}>
      <div className="stack">
        <DeviceHeader device={device} isGone={isGone} />
        <DeviceTabs endpoint={endpoint} current={tab} />
        <TabContent key={endpoint} device={device} tab={tab} path={path} query={query} />
      </div>
    </AskingContext>
  );
}

import type { DeviceSummary } from '@dunlin/api';
import { lazy, type ReactNode, Suspense } from 'react';

import type { DeviceTab } from '../../app/route.ts';
import { EventsTab } from './events-tab.tsx';
import { FirmwareTab } from './firmware/firmware-tab.tsx';
import { LocationTab } from './location/location-tab.tsx';
import { MessagesTab } from './messages/messages-tab.tsx';
import { ObservationsTab } from './observations-tab.tsx';
import { OperationsTab } from './operations-tab.tsx';
import { text } from '../../text/en.ts';
import { ResourcesTab } from './resources/resources-tab.tsx';
import { SecurityTab } from './security-tab.tsx';

const SmsTab = lazy(async () => ({ default: (await import('./sms-tab.tsx')).SmsTab }));
const TelemetryTab = lazy(async () => ({
  default: (await import('./telemetry/telemetry-tab.tsx')).TelemetryTab,
}));

export interface TabContentProps {
  readonly device: DeviceSummary;
  readonly tab: DeviceTab;
  readonly path: string;
  readonly query: string;
}

/** What a tab of the page of a device shows. */
export function TabContent({ device, tab, path, query }: TabContentProps): ReactNode {
  switch (tab) {
    case 'resources':
      return <ResourcesTab device={device} path={path} />;
    case 'messages':
      return <MessagesTab endpoint={device.endpoint} filter={query} />;
    case 'telemetry':
      return (
        <Later>
          <TelemetryTab endpoint={device.endpoint} query={query} />
        </Later>
      );
    case 'location':
      return <LocationTab endpoint={device.endpoint} />;
    case 'observations':
      return <ObservationsTab endpoint={device.endpoint} />;
    case 'operations':
      return <OperationsTab endpoint={device.endpoint} />;
    case 'firmware':
      return <FirmwareTab device={device} />;
    case 'security':
      return <SecurityTab device={device} />;
    case 'sms':
      return (
        <Later>
          <SmsTab endpoint={device.endpoint} />
        </Later>
      );
    case 'events':
      return <EventsTab endpoint={device.endpoint} />;
  }
}

/** What is fetched when it is opened. */
function Later({ children }: { readonly children: ReactNode }): ReactNode {
  return <Suspense fallback={<p className="muted">{text.common.loading}</p>}>{children}</Suspense>;
}

import type { DeviceSummary } from '@dunlin/api';
import type { ReactNode } from 'react';

import type { DeviceTab } from '../../app/route.ts';
import { EventsTab } from './events-tab.tsx';
import { ObservationsTab } from './observations-tab.tsx';
import { OperationsTab } from './operations-tab.tsx';
import { ResourcesTab } from './resources/resources-tab.tsx';
import { SecurityTab } from './security-tab.tsx';

export interface TabContentProps {
  readonly device: DeviceSummary;
  readonly tab: DeviceTab;
  readonly path: string;
}

/** What a tab of the page of a device shows. */
export function TabContent({ device, tab, path }: TabContentProps): ReactNode {
  switch (tab) {
    case 'resources':
      return <ResourcesTab device={device} path={path} />;
    case 'observations':
      return <ObservationsTab endpoint={device.endpoint} />;
    case 'operations':
      return <OperationsTab endpoint={device.endpoint} />;
    case 'security':
      return <SecurityTab device={device} />;
    case 'events':
      return <EventsTab endpoint={device.endpoint} />;
  }
}

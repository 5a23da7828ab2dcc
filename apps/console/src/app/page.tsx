import type { ReactNode } from 'react';

import { DevicePage } from '../pages/device/device-page.tsx';
import { DevicesPage } from '../pages/devices/devices-page.tsx';
import { FirmwarePage } from '../pages/firmware/firmware-page.tsx';
import { OverviewPage } from '../pages/overview/overview-page.tsx';
import { UnknownPage } from '../pages/unknown-page.tsx';
import { formatRoute, type Route } from './route.ts';

/** The page of a place. */
export function Page({ route }: { readonly route: Route }): ReactNode {
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'devices':
      return <DevicesPage filter={route.filter} />;
    case 'device':
      return <DevicePage endpoint={route.endpoint} tab={route.tab} path={route.path} />;
    case 'firmware':
      return <FirmwarePage />;
    case 'bootstrap':
    case 'credentials':
    case 'definitions':
    case 'users':
    case 'tokens':
    case 'audit':
    case 'help':
    case 'unknown':
      return <UnknownPage path={formatRoute(route)} />;
  }
}

import { lazy, type ReactNode } from 'react';

import { DevicePage } from '../pages/device/device-page.tsx';
import { DevicesPage } from '../pages/devices/devices-page.tsx';
import { FirmwarePage } from '../pages/firmware/firmware-page.tsx';
import { HelpPage } from '../pages/help/help-page.tsx';
import { OverviewPage } from '../pages/overview/overview-page.tsx';
import { UnknownPage } from '../pages/unknown-page.tsx';
import { formatRoute, type Route } from './route.ts';

// What few people open is fetched when they do.
const BootstrapPage = lazy(async () => ({
  default: (await import('../pages/bootstrap/bootstrap-page.tsx')).BootstrapPage,
}));
const CredentialsPage = lazy(async () => ({
  default: (await import('../pages/credentials/credentials-page.tsx')).CredentialsPage,
}));
const UsersPage = lazy(async () => ({ default: (await import('../pages/users/users-page.tsx')).UsersPage }));
const TokensPage = lazy(async () => ({
  default: (await import('../pages/tokens/tokens-page.tsx')).TokensPage,
}));
const DefinitionsPage = lazy(async () => ({
  default: (await import('../pages/definitions/definitions-page.tsx')).DefinitionsPage,
}));
const SmsPage = lazy(async () => ({ default: (await import('../pages/sms/sms-page.tsx')).SmsPage }));
const AuditPage = lazy(async () => ({ default: (await import('../pages/audit/audit-page.tsx')).AuditPage }));

/** The page of a place. */
export function Page({ route }: { readonly route: Route }): ReactNode {
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'devices':
      return <DevicesPage filter={route.filter} />;
    case 'device':
      return <DevicePage endpoint={route.endpoint} tab={route.tab} path={route.path} query={route.query} />;
    case 'firmware':
      return <FirmwarePage />;
    case 'help':
      return <HelpPage />;
    case 'bootstrap':
      return <BootstrapPage />;
    case 'credentials':
      return <CredentialsPage />;
    case 'users':
      return <UsersPage />;
    case 'tokens':
      return <TokensPage />;
    case 'definitions':
      return <DefinitionsPage search={route.query} />;
    case 'sms':
      return <SmsPage search={route.query} />;
    case 'audit':
      return <AuditPage />;
    case 'unknown':
      return <UnknownPage path={formatRoute(route)} />;
  }
}

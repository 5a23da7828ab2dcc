import { type IdentityDocument, includesRole, type Role } from '@dunlin/api';
import { type ReactNode, useCallback, useState } from 'react';

import { Icon, type IconName } from '../components/icon.tsx';
import { RouteLink } from '../components/route-link.tsx';
import { Palette } from '../palette/palette.tsx';
import { useHasSms } from '../server/use-sms.ts';
import { text } from '../text/en.ts';
import { Account } from './account.tsx';
import { ConnectionState } from './connection-state.tsx';
import type { Route } from './route.ts';
import styles from './shell.module.css';
import { ThemeChoice } from './theme-choice.tsx';
import { useShortcuts } from './use-shortcuts.ts';

interface PageLink {
  readonly name: IconName & keyof typeof text.pages;
  readonly to: Route;
  /** Who has something to do there. Default: everybody. */
  readonly role?: Role;
}

const pages: readonly PageLink[] = [
  { name: 'overview', to: { page: 'overview' } },
  { name: 'devices', to: { page: 'devices', filter: '' } },
  { name: 'firmware', to: { page: 'firmware', query: '' } },
  { name: 'bootstrap', to: { page: 'bootstrap', query: '' } },
  { name: 'credentials', to: { page: 'credentials', query: '' } },
  { name: 'definitions', to: { page: 'definitions', query: '' } },
  { name: 'sms', to: { page: 'sms', query: '' } },
  { name: 'users', to: { page: 'users', query: '' }, role: 'administrator' },
  { name: 'tokens', to: { page: 'tokens', query: '' }, role: 'administrator' },
  { name: 'audit', to: { page: 'audit', query: '' }, role: 'administrator' },
  { name: 'help', to: { page: 'help', query: '' } },
];

export interface ShellProps {
  readonly route: Route;
  readonly identity: IdentityDocument;
  readonly children: ReactNode;
}

/** What is around every page: where one can go, and whether what is shown is live. */
export function Shell({ route, identity, children }: ShellProps): ReactNode {
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  useShortcuts(useCallback(() => setPaletteOpen(true), []));
  const hasSms = useHasSms();
  const current = route.page === 'device' ? 'devices' : route.page;
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {text.skip}
      </a>
      <header className={styles.header}>
        <RouteLink to={{ page: 'overview' }} className={styles.product}>
          {text.product}
        </RouteLink>
        <ConnectionState />
        <button type="button" className="button small" onClick={() => setPaletteOpen(true)}>
          <Icon name="search" />
          {text.palette.open} <kbd>Ctrl K</kbd>
        </button>
        <ThemeChoice />
        <Account identity={identity} />
      </header>
      <nav className={styles.nav} aria-label={text.navigation}>
        <ul>
          {pages
            .filter(
              ({ name, role = 'viewer' }) => includesRole(identity.role, role) && (name !== 'sms' || hasSms),
            )
            .map(({ name, to }) => (
              <li key={name}>
                <RouteLink to={to} isCurrent={current === name} className={styles.link}>
                  <Icon name={name} />
                  {text.pages[name]}
                </RouteLink>
              </li>
            ))}
        </ul>
      </nav>
      <main id="content" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      {isPaletteOpen && <Palette current={route} onClose={() => setPaletteOpen(false)} />}
    </div>
  );
}

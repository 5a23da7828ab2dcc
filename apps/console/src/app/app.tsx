import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, Suspense, useEffect } from 'react';

import { queries, useConnection } from '../server/live.ts';
import { text } from '../text/en.ts';
import { Page } from './page.tsx';
import type { Route } from './route.ts';
import { Shell } from './shell.tsx';
import { useRoute } from './use-route.ts';

/** The console. */
export function App(): ReactNode {
  const route = useRoute();
  const { kind } = useConnection();
  useEffect(() => {
    document.title = `${titleOf(route)} · ${text.product}`;
  }, [route]);
  return (
    <QueryClientProvider client={queries}>
      <Shell route={route}>
        <div className={kind === 'cut' ? 'stale' : undefined}>
          <Suspense fallback={<p className="muted">{text.common.loading}</p>}>
            <Page route={route} />
          </Suspense>
        </div>
      </Shell>
    </QueryClientProvider>
  );
}

function titleOf(route: Route): string {
  if (route.page === 'device') return route.endpoint;
  return route.page === 'unknown' ? text.unknownPage.title : text.pages[route.page];
}

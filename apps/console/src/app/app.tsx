import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, Suspense, useEffect } from 'react';

import { useIdentity } from '../access/identity.ts';
import { Failure } from '../components/failure.tsx';
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx';
import { admission, queries, useConnection } from '../server/live.ts';
import { text } from '../text/en.ts';
import { Page } from './page.tsx';
import type { Route } from './route.ts';
import { Shell } from './shell.tsx';
import { useRoute } from './use-route.ts';

/** The console. */
export function App(): ReactNode {
  return (
    <QueryClientProvider client={queries}>
      <Admitted />
    </QueryClientProvider>
  );
}

/** The pages, to whom the server knows; to others a page to sign in at, wherever they are. */
function Admitted(): ReactNode {
  const route = useRoute();
  const { identity, error } = useIdentity();
  const { kind } = useConnection();
  useEffect(() => {
    document.title = `${titleOf(route)} · ${text.product}`;
  }, [route]);
  useEffect(() => admission.set(identity !== null && identity !== undefined), [identity]);
  if (identity === null) return <SignInPage />;
  if (identity === undefined) return <main>{error !== null && <Failure error={error} />}</main>;
  return (
    <Shell route={route} identity={identity}>
      <div className={kind === 'cut' ? 'stale' : undefined}>
        <Suspense fallback={<p className="muted">{text.common.loading}</p>}>
          <Page route={route} />
        </Suspense>
      </div>
    </Shell>
  );
}

function titleOf(route: Route): string {
  if (route.page === 'device') return route.endpoint;
  return route.page === 'unknown' ? text.unknownPage.title : text.pages[route.page];
}

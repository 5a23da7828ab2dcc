import type { KnownValueDocument } from '@dunlin/api';
import { lazy, type ReactNode, Suspense } from 'react';

import { deviceRoute } from '../../../app/route.ts';
import { useAsking } from '../../../asking/use-asking.ts';
import { Age } from '../../../components/age.tsx';
import { RouteLink } from '../../../components/route-link.tsx';
import { api } from '../../../server/api.ts';
import { useValues } from '../../../server/use-answers.ts';
import { text } from '../../../text/en.ts';
import { formatResource } from '../../../values/format-value.ts';
import { positionOf } from './position.ts';

const WorldMap = lazy(async () => ({ default: (await import('./world-map.tsx')).WorldMap }));

/** Where a device says it is (Object 6), on a map that is in the console itself. */
export function LocationTab({ endpoint }: { readonly endpoint: string }): ReactNode {
  const { data: values = [] } = useValues(endpoint);
  const { ask } = useAsking();
  const facts = values.filter(({ path }) => path.startsWith('/6/0/'));
  const position = positionOf(facts);
  return (
    <div className="stack">
      <div className="row">
        <button
          type="button"
          className="button small primary"
          onClick={() => void ask('read', '/6/0', () => api.read(endpoint, '/6/0'))}
        >
          {text.operations.read}
        </button>
        <RouteLink to={deviceRoute(endpoint, 'resources', '/6/0')}>{text.location.object}</RouteLink>
      </div>
      {position === undefined ? (
        <p className="notice">{text.location.none}</p>
      ) : (
        <Suspense fallback={<p className="muted">{text.common.loading}</p>}>
          <WorldMap label={text.location.map(endpoint)} position={position} />
        </Suspense>
      )}
      {facts.length > 0 && <Facts facts={facts} />}
    </div>
  );
}

function Facts({ facts }: { readonly facts: readonly KnownValueDocument[] }): ReactNode {
  return (
    <dl className="facts card">
      {facts.map(({ path, resource, knownAt }) => (
        <div key={path} className="contents">
          <dt>{resource.name ?? path}</dt>
          <dd>
            {formatResource(resource)} {resource.units ?? ''}{' '}
            <span className="muted">
              <Age at={knownAt} />
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

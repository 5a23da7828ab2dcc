import type { ReactNode } from 'react';

import { goKeys } from '../../app/shortcuts.ts';
import { text } from '../../text/en.ts';
import { FirstRun } from '../devices/first-run.tsx';

/** The keys, the filter, how to attach a device, and where to read on. */
export function HelpPage(): ReactNode {
  return (
    <div className="stack">
      <h1>{text.pages.help}</h1>
      <Keys title={text.help.everywhere} keys={text.help.keys} />
      <Keys title={text.help.going} keys={goingKeys()} />
      <section className="card stack">
        <h2>{text.help.filter}</h2>
        <dl className="facts">
          {text.help.conditions.map(([condition, meaning]) => (
            <div key={condition} className="contents">
              <dt className="mono">{condition}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </section>
      <FirstRun />
      <section className="card row">
        <a href="/api/v1/openapi.json">OpenAPI</a>
        <a href="/metrics">{text.help.metrics}</a>
        <a href="/healthz">{text.help.health}</a>
      </section>
    </div>
  );
}

type KeyMeaning = readonly [string, string];

function Keys({ title, keys }: { readonly title: string; readonly keys: readonly KeyMeaning[] }): ReactNode {
  return (
    <section className="card stack">
      <h2>{title}</h2>
      <dl className="facts">
        {keys.map(([key, meaning]) => (
          <div key={key} className="contents">
            <dt>
              {key.split(' ').map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function goingKeys(): readonly KeyMeaning[] {
  return Object.entries(goKeys).flatMap(([key, { page }]) =>
    page === 'device' || page === 'unknown' ? [] : [[`g ${key}`, text.pages[page]] as const],
  );
}

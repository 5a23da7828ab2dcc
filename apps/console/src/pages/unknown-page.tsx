import type { ReactNode } from 'react';

import { text } from '../text/en.ts';

/** Where nothing is. */
export function UnknownPage({ path }: { readonly path: string }): ReactNode {
  return (
    <div className="stack">
      <h1>{text.unknownPage.title}</h1>
      <p>{text.unknownPage.explanation(path)}</p>
    </div>
  );
}

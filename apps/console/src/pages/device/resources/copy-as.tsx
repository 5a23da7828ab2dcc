import type { ReactNode } from 'react';

import { useAsking } from '../../../asking/use-asking.ts';
import { CopyLine } from '../../../components/copy-line.tsx';
import { text } from '../../../text/en.ts';
import { commandLine, curlLine } from './command-lines.ts';
import type { ResourceRow } from './resource-rows.ts';

/** The same by a command and by HTTP, to be pasted into a terminal. */
export function CopyAs({ row: { path, name } }: { readonly row: ResourceRow }): ReactNode {
  const { endpoint } = useAsking();
  return (
    <details>
      <summary>{text.resources.copyAs}</summary>
      <div className="stack">
        <CopyLine line={commandLine('read', endpoint, path)} label={text.resources.command(name)} />
        <CopyLine line={curlLine(location.origin, endpoint, path)} label={text.resources.curl(name)} />
      </div>
    </details>
  );
}

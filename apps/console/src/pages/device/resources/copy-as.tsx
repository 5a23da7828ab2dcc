import type { ReactNode } from 'react';

import type { AskedOperation } from '../../../asking/asked.ts';
import { useAsking } from '../../../asking/use-asking.ts';
import { CopyLine } from '../../../components/copy-line.tsx';
import { text } from '../../../text/en.ts';
import { commandLine, type CommandOperation, curlLine } from './command-lines.ts';

export interface CopyAsProps {
  readonly path: string;
  /** What is at the path, for those who hear the buttons by themselves. */
  readonly name: string;
  /** None while what is typed says none. */
  readonly operations: readonly CommandOperation[];
}

/** The same by commands, to be pasted into a terminal; a Read by HTTP as well. */
export function CopyAs({ path, name, operations }: CopyAsProps): ReactNode {
  const { endpoint } = useAsking();
  const isRead = operations.some((operation) => operation.name === 'read');
  return (
    <details>
      <summary>{text.resources.copyAs}</summary>
      <div className="stack">
        {operations.length === 0 && <p className="muted">{text.resources.commandLater}</p>}
        {operations.map((operation) => (
          <CommandLine key={operation.name} path={path} name={name} operation={operation} />
        ))}
        {isRead && (
          <CopyLine line={curlLine(location.origin, endpoint, path)} label={text.resources.curl(name)} />
        )}
      </div>
    </details>
  );
}

/** What an operation is called. */
const operationNames: Readonly<Record<CommandOperation['name'], AskedOperation>> = {
  read: 'read',
  discover: 'discover',
  observe: 'observe',
  delete: 'delete',
  write: 'write-replace',
  update: 'write-update',
  execute: 'execute',
  create: 'create',
  attributes: 'write-attributes',
};

function CommandLine({
  path,
  name,
  operation,
}: Omit<CopyAsProps, 'operations'> & { readonly operation: CommandOperation }): ReactNode {
  const { endpoint, terms } = useAsking();
  const line = commandLine({ endpoint, path, terms }, operation);
  const label = text.operations[operationNames[operation.name]];
  if (line === undefined) return <p className="muted">{text.resources.noCommand(label)}</p>;
  return <CopyLine line={line} label={text.resources.command(label, name)} />;
}

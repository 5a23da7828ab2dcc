import type { DefinitionDocument, KnownValueDocument } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { useAsking } from '../../../asking/use-asking.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { api } from '../../../server/api.ts';
import { text } from '../../../text/en.ts';
import { InstanceForm } from './instance-form.tsx';
import { LevelHead } from './level-head.tsx';
import { resourceRows } from './resource-rows.ts';
import { ResourceTable } from './resource-table.tsx';

export interface InstanceViewProps {
  readonly endpoint: string;
  readonly instancePath: string;
  /** The Resource that is open. */
  readonly selected: number | undefined;
  readonly definition: DefinitionDocument | undefined;
  readonly values: readonly KnownValueDocument[];
}

type Open = 'write' | 'delete' | undefined;

/** An Object Instance: its Resources with their values. */
export function InstanceView(props: InstanceViewProps): ReactNode {
  const { instancePath, selected, definition, values } = props;
  const [discovered, setDiscovered] = useState<ReadonlySet<string>>(new Set());
  const [isAll, setAll] = useState(false);
  const [open, setOpen] = useState<Open>();
  const name = `${definition?.name ?? text.resources.object(Number(instancePath.split('/')[1]))} ${instancePath.split('/')[2]}`;
  const rows = resourceRows({ instancePath, definition, known: values, discovered, isAll });
  return (
    <section className="stack">
      <LevelHead
        name={name}
        path={instancePath}
        onDiscovered={(links) => setDiscovered(new Set(links.map(({ path }) => path)))}
      >
        {definition !== undefined && (
          <button type="button" className="button small" onClick={() => setOpen('write')}>
            {text.operations['write-update']}
          </button>
        )}
        <button type="button" className="button small danger" onClick={() => setOpen('delete')}>
          {text.operations.delete}
        </button>
      </LevelHead>
      <ResourceTable rows={rows} selected={selected} instancePath={instancePath} />
      {definition !== undefined && (
        <label className="row">
          <input type="checkbox" checked={isAll} onChange={({ target }) => setAll(target.checked)} />
          {text.resources.all(definition.resources.length)}
        </label>
      )}
      <InstanceDialogs {...props} open={open} onClose={() => setOpen(undefined)} />
    </section>
  );
}

interface InstanceDialogsProps extends InstanceViewProps {
  readonly open: Open;
  readonly onClose: () => void;
}

function InstanceDialogs({
  open,
  endpoint,
  instancePath,
  definition,
  values,
  onClose,
}: InstanceDialogsProps): ReactNode {
  const { ask } = useAsking();
  if (open === 'write' && definition !== undefined) {
    return (
      <Dialog title={text.resources.writeOf(`${definition.name} ${instancePath}`)} onClose={onClose}>
        <InstanceForm
          definition={definition}
          instancePath={instancePath}
          known={values}
          action={text.operations['write-update']}
          isNew={false}
          path={instancePath}
          operationOf={(resources) =>
            Object.keys(resources).length === 0 ? undefined : { name: 'update', resources }
          }
          onSubmit={(resources) => {
            onClose();
            void ask('write-update', instancePath, (terms) =>
              api.write(endpoint, instancePath, { resources }, { ...terms, mode: 'update' }),
            );
          }}
        />
      </Dialog>
    );
  }
  if (open !== 'delete') return null;
  return (
    <ConfirmDialog
      title={text.operations.delete}
      explanation={text.resources.deleteOf(instancePath, endpoint)}
      expected={instancePath}
      action={text.operations.delete}
      onConfirm={() => void ask('delete', instancePath, (terms) => api.delete(endpoint, instancePath, terms))}
      onClose={onClose}
    />
  );
}

import type { DefinitionDocument, DeviceSummary } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { deviceRoute } from '../../../app/route.ts';
import { useAsking } from '../../../asking/use-asking.ts';
import { Dialog } from '../../../components/dialog.tsx';
import { RouteLink } from '../../../components/route-link.tsx';
import { api } from '../../../server/api.ts';
import { text } from '../../../text/en.ts';
import { InstanceForm } from './instance-form.tsx';
import { LevelHead } from './level-head.tsx';

export interface ObjectViewProps {
  readonly device: DeviceSummary;
  readonly objectId: number;
  readonly definition: DefinitionDocument | undefined;
}

/** An Object: its instances, and what can be done with all of them. */
export function ObjectView({ device, objectId, definition }: ObjectViewProps): ReactNode {
  const [isCreating, setCreating] = useState(false);
  const path = `/${objectId}`;
  const object = device.objects.find(({ id }) => id === objectId);
  const name = definition?.name ?? text.resources.object(objectId);
  return (
    <section className="stack">
      <LevelHead name={name} path={path}>
        {definition !== undefined && (
          <button type="button" className="button small" onClick={() => setCreating(true)}>
            {text.operations.create}
          </button>
        )}
      </LevelHead>
      <ul className="stack">
        {object?.instances.map((id) => (
          <li key={id}>
            <RouteLink to={deviceRoute(device.endpoint, 'resources', `${path}/${id}`)}>
              {name} <span className="mono">{`${path}/${id}`}</span>
            </RouteLink>
          </li>
        ))}
      </ul>
      {object?.instances.length === 0 && <p className="muted">{text.resources.noInstances}</p>}
      {isCreating && definition !== undefined && (
        <CreateDialog path={path} definition={definition} onClose={() => setCreating(false)} />
      )}
    </section>
  );
}

interface CreateDialogProps {
  readonly path: string;
  readonly definition: DefinitionDocument;
  readonly onClose: () => void;
}

function CreateDialog({ path, definition, onClose }: CreateDialogProps): ReactNode {
  const { endpoint, ask } = useAsking();
  const [id, setId] = useState('');
  const isId = id === '' || (/^\d{1,5}$/.test(id) && Number(id) < 65_535);
  return (
    <Dialog title={text.resources.createOf(definition.name)} onClose={onClose}>
      <label className="field">
        {text.resources.newInstanceId}
        <input
          inputMode="numeric"
          value={id}
          aria-invalid={!isId}
          onChange={({ target }) => setId(target.value)}
        />
      </label>
      <InstanceForm
        definition={definition}
        instancePath={undefined}
        known={[]}
        action={text.operations.create}
        isNew
        path={path}
        operationOf={(resources) =>
          isId ? { name: 'create', resources, instanceId: id === '' ? undefined : Number(id) } : undefined
        }
        onSubmit={(resources) => {
          if (!isId) return;
          const input = id === '' ? { resources } : { resources, instanceId: Number(id) };
          onClose();
          void ask('create', path, (terms) => api.create(endpoint, path, input, terms));
        }}
      />
    </Dialog>
  );
}

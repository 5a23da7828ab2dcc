import type { ResourceDefinitionDocument } from '@dunlin/api';
import type { ReactNode } from 'react';

import { useAsking } from '../../../asking/use-asking.ts';
import { useAttributes, useObservations } from '../../../server/use-answers.ts';
import { text } from '../../../text/en.ts';
import { formatValue } from '../../../values/format-value.ts';
import { AttributesForm } from './attributes-form.tsx';
import type { CommandOperation } from './command-lines.ts';
import { CopyAs } from './copy-as.tsx';
import { ExecuteForm } from './execute-form.tsx';
import type { ResourceRow } from './resource-rows.ts';
import type { OpenForm } from './resource-table.tsx';
import { WriteForm } from './write-form.tsx';

export interface ResourceDetailProps {
  readonly row: ResourceRow;
  readonly form: OpenForm;
  readonly onForm: (form: OpenForm) => void;
}

/** A Resource in full: what its definition says, its whole value, its observation, and the form that is open. */
export function ResourceDetail({ row, form, onForm }: ResourceDetailProps): ReactNode {
  const type = row.definition?.type ?? row.known?.resource.type;
  const isNumeric = type === 'integer' || type === 'unsigned-integer' || type === 'float';
  const close = (): void => onForm(undefined);
  return (
    <div className="stack">
      {form === 'write' && <WriteForm row={row} onDone={close} />}
      {form === 'execute' && <ExecuteForm row={row} onDone={close} />}
      <Facts row={row} />
      {form === 'attributes' ? (
        <AttributesForm path={row.path} isNumeric={isNumeric} onDone={close} />
      ) : (
        type !== 'none' && (
          <div>
            <button type="button" className="button small" onClick={() => onForm('attributes')}>
              {text.operations['write-attributes']}
            </button>
          </div>
        )
      )}
      <CopyAs path={row.path} name={row.name} operations={operationsOf(row)} />
    </div>
  );
}

/** What can be asked of a Resource without typing anything; the forms have the rest. */
function operationsOf({ definition }: ResourceRow): readonly CommandOperation[] {
  const operations = definition?.operations;
  if (operations === 'E') return [{ name: 'execute', args: '' }, { name: 'discover' }];
  if (operations === 'W') return [{ name: 'discover' }];
  return [{ name: 'read' }, { name: 'observe' }, { name: 'discover' }];
}

function Facts({ row: { path, definition, known } }: { readonly row: ResourceRow }): ReactNode {
  const { endpoint } = useAsking();
  const { data: observations = [] } = useObservations(endpoint);
  const { data: wished = [] } = useAttributes(endpoint);
  const observation = observations.find((each) => each.path === path);
  const attributes = wished.find((each) => each.path === path);
  return (
    <dl className="facts">
      <dt>{text.common.path}</dt>
      <dd className="mono">{path}</dd>
      {definition !== undefined && (
        <>
          <dt>{text.values.type}</dt>
          <dd>{typeText(definition)}</dd>
        </>
      )}
      {known !== undefined && 'values' in known.resource && (
        <>
          <dt>{text.resources.columns.value}</dt>
          <dd>
            <ul>
              {Object.entries(known.resource.values).map(([id, value]) => (
                <li key={id}>
                  <span className="mono muted">{id}</span> {formatValue(value, known.resource.type)}
                </li>
              ))}
            </ul>
          </dd>
        </>
      )}
      {observation !== undefined && (
        <>
          <dt>{text.resources.observation}</dt>
          <dd>{text.desired[observation.state]}</dd>
        </>
      )}
      {attributes !== undefined && (
        <>
          <dt>{text.resources.attributes}</dt>
          <dd className="mono">
            {Object.entries(attributes.attributes)
              .map(([name, value]) => `${name}=${value ?? '–'}`)
              .join(' ')}{' '}
            <span className="muted">{text.desired[attributes.state]}</span>
          </dd>
        </>
      )}
    </dl>
  );
}

function typeText({ type, isMultiple, isMandatory, operations }: ResourceDefinitionDocument): string {
  const need = isMandatory ? text.resources.mandatory : text.resources.optional;
  return [type, isMultiple ? text.resources.several : '', need, operations]
    .filter((part) => part !== '')
    .join(', ');
}

import type { ReactNode } from 'react';

import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/failure.tsx';
import { useDefinition } from '../../server/use-answers.ts';
import { text } from '../../text/en.ts';
import { rangeText } from '../../values/range-text.ts';

export interface DefinitionDialogProps {
  readonly id: number;
  readonly version: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** A definition with its Resources. */
export function DefinitionDialog({ id, version, name, onClose }: DefinitionDialogProps): ReactNode {
  const { data, error } = useDefinition(id, version);
  return (
    <Dialog title={`${name} /${id}, ${version}`} onClose={onClose}>
      {error !== null && <Failure error={error} />}
      {data?.description !== undefined && <p>{data.description}</p>}
      <div className="scroll">
        <table aria-label={name}>
          <thead>
            <tr>
              {text.definitions.resourceColumns.map((column) => (
                <th scope="col" key={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data?.resources.map((resource) => (
              <tr key={resource.id}>
                <td className="number">{resource.id}</td>
                <th scope="row">
                  {resource.name}
                  {resource.description !== undefined && <div className="muted">{resource.description}</div>}
                </th>
                <td>{resource.operations}</td>
                <td>
                  {resource.type}
                  {resource.isMultiple && ` [${text.resources.several}]`}
                </td>
                <td>
                  {rangeText(resource)} {resource.units ?? ''}
                </td>
                <td>{resource.isMandatory ? text.resources.mandatory : text.resources.optional}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  );
}

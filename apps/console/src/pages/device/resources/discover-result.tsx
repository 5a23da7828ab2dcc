import type { AttributesDocument, DiscoverDocument } from '@dunlin/api';
import type { ReactNode } from 'react';

import { text } from '../../../text/en.ts';

export interface DiscoverResultProps {
  readonly links: readonly DiscoverDocument[];
  readonly onClose: () => void;
}

/** What a device said it has, with the attributes that are set there. */
export function DiscoverResult({ links, onClose }: DiscoverResultProps): ReactNode {
  return (
    <div className="card stack">
      <div className="row spread">
        <h3>{text.resources.discovered}</h3>
        <button type="button" className="button small" onClick={onClose}>
          {text.common.close}
        </button>
      </div>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{text.common.path}</th>
              <th scope="col">{text.common.name}</th>
              <th scope="col">{text.resources.attributes}</th>
            </tr>
          </thead>
          <tbody>
            {links.map(({ path, name, dimension, attributes }) => (
              <tr key={path}>
                <td className="mono">{path}</td>
                <td>
                  {name ?? ''}
                  {dimension !== undefined && <span className="muted"> × {dimension}</span>}
                </td>
                <td className="mono">{attributesText(attributes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function attributesText(attributes: AttributesDocument): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

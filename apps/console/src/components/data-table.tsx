import type { ReactNode } from 'react';

export interface DataTableProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}

/** A table with a name, in a frame that scrolls sideways if it has to. */
export function DataTable({ label, columns, children }: DataTableProps): ReactNode {
  return (
    <div className="card scroll">
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

import type { SmsBudgetDocument } from '@dunlin/api';
import type { ReactNode } from 'react';

import { DataTable } from '../../components/data-table.tsx';
import { text } from '../../text/en.ts';

/** What was sent in the last 24 hours, and what is left. */
export function BudgetTable({ budgets }: { readonly budgets: readonly SmsBudgetDocument[] }): ReactNode {
  return (
    <DataTable label={text.sms.budgets} columns={text.sms.budgetColumns}>
      {budgets.map(({ budget, limit, left }) => (
        <tr key={budget}>
          <th scope="row">{text.sms.budgetNames[budget] ?? budget}</th>
          <td>{limit - left}</td>
          <td className={left === 0 ? 'bad' : undefined}>{left}</td>
          <td>{limit}</td>
        </tr>
      ))}
    </DataTable>
  );
}

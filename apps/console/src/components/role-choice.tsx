import { type Role, roles } from '@dunlin/api';
import type { ReactNode } from 'react';

import { text } from '../text/en.ts';

export interface RoleChoiceProps {
  readonly label: string;
  readonly role: Role;
  readonly onRole: (role: Role) => void;
}

/** Chooses what somebody may do. */
export function RoleChoice({ label, role, onRole }: RoleChoiceProps): ReactNode {
  return (
    <select
      aria-label={label}
      value={role}
      onChange={({ target }) => onRole(roles.find((each) => each === target.value) ?? 'viewer')}
    >
      {roles.map((each) => (
        <option key={each} value={each}>
          {text.roles[each]}
        </option>
      ))}
    </select>
  );
}

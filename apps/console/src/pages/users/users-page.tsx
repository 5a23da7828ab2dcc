import type { Role, UserDocument } from '@dunlin/api';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { AddWithRole } from '../../components/add-with-role.tsx';
import { Age } from '../../components/age.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Failure } from '../../components/failure.tsx';
import { RemoveButton } from '../../components/remove-button.tsx';
import { RoleChoice } from '../../components/role-choice.tsx';
import { api } from '../../server/api.ts';
import { queryKeys } from '../../server/query-keys.ts';
import { useAction } from '../../server/use-action.ts';
import { text } from '../../text/en.ts';
import { Sessions } from './sessions.tsx';

/** Who may sign in, and in which role; and whose sessions there are. */
export function UsersPage(): ReactNode {
  const { data, error } = useQuery({
    queryKey: queryKeys.users,
    queryFn: ({ signal }) => api.access.users({ limit: 1000 }, { signal }),
  });
  const { problem, act } = useAction(queryKeys.users);
  return (
    <div className="stack">
      <h1>{text.pages.users}</h1>
      {error !== null && <Failure error={error} />}
      {problem !== undefined && <Failure error={problem} />}
      <AddUser />
      {data !== undefined && (
        <DataTable label={text.pages.users} columns={text.users.columns}>
          {data.users.map((user) => (
            <UserLine
              key={user.name}
              user={user}
              onRole={(role) => void act(() => api.access.changeUser(user.name, { role }))}
              onRemove={() => void act(() => api.access.removeUser(user.name))}
            />
          ))}
        </DataTable>
      )}
      <Sessions />
    </div>
  );
}

interface UserLineProps {
  readonly user: UserDocument;
  readonly onRole: (role: Role) => void;
  readonly onRemove: () => void;
}

function UserLine({
  user: { name, role, createdAt, signedInAt },
  onRole,
  onRemove,
}: UserLineProps): ReactNode {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <RoleChoice label={text.users.roleOf(name)} role={role} onRole={onRole} />
      </td>
      <td>
        <Age at={createdAt} />
      </td>
      <td>{signedInAt === null ? text.users.never : <Age at={signedInAt} />}</td>
      <td>
        <RemoveButton name={name} explanation={text.users.removeExplanation} onRemove={onRemove} />
      </td>
    </tr>
  );
}

function AddUser(): ReactNode {
  const { problem, act } = useAction(queryKeys.users);
  const [made, setMade] = useState<{ readonly name: string; readonly password: string }>();
  const add = (name: string, role: Role): Promise<boolean> =>
    act(async () => {
      const { user, password } = await api.access.addUser({ name, role });
      setMade(password === null ? undefined : { name: user.name, password });
    });
  return (
    <AddWithRole
      label={text.users.add}
      onAdd={add}
      problem={problem}
      made={
        made && {
          explanation: text.users.passwordOnce(made.name),
          line: made.password,
          label: text.signIn.password,
        }
      }
    />
  );
}

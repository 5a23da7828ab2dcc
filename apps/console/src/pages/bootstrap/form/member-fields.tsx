import type { ReactNode } from 'react';

import { FormField } from '../../../components/form-field.tsx';
import { typedNumber } from '../configuration-draft.ts';
import { useMember } from './draft-context.ts';

export interface MemberFieldProps {
  /** Of the member, such as `servers.0.uri`. */
  readonly path: string;
  readonly label: string;
  readonly hint?: string;
  /** What counts when there is nothing. */
  readonly placeholder?: string;
}

/** A field for a text. */
export function TextMember({
  path,
  label,
  hint,
  placeholder,
  size = 16,
}: MemberFieldProps & { readonly size?: number }): ReactNode {
  const { value, set, problem } = useMember(path);
  return (
    <FormField label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <input
          {...attributes}
          size={size}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={shown(value)}
          onChange={({ target }) => set(target.value === '' ? undefined : target.value)}
        />
      )}
    </FormField>
  );
}

/** A field for a whole number. */
export function NumberMember({ path, label, hint, placeholder }: MemberFieldProps): ReactNode {
  const { value, set, problem } = useMember(path);
  return (
    <FormField label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <input
          {...attributes}
          size={10}
          inputMode="numeric"
          autoComplete="off"
          placeholder={placeholder}
          value={shown(value)}
          onChange={({ target }) => set(typedNumber(target.value.trim()))}
        />
      )}
    </FormField>
  );
}

/** A field for a text of several lines, such as a certificate. */
export function LongTextMember({ path, label, hint, placeholder }: MemberFieldProps): ReactNode {
  const { value, set, problem } = useMember(path);
  return (
    <FormField label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <textarea
          {...attributes}
          className="mono"
          rows={3}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={shown(value)}
          onChange={({ target }) => set(target.value === '' ? undefined : target.value)}
        />
      )}
    </FormField>
  );
}

export interface ChoiceMemberProps extends MemberFieldProps {
  /** The values that the member may have, `undefined` for that there is none, with what they are called. */
  readonly choices: readonly (readonly [string | boolean | number | undefined, string])[];
}

/** A field for one of several values; what the draft has beside them is shown as it is. */
export function ChoiceMember({ path, label, hint, choices }: ChoiceMemberProps): ReactNode {
  const { value, set, problem } = useMember(path);
  const at = choices.findIndex(([choice]) => choice === value);
  return (
    <FormField label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <select {...attributes} value={at} onChange={({ target }) => set(choices[Number(target.value)]?.[0])}>
          {at === -1 && <option value={-1}>{shown(value)}</option>}
          {choices.map(([choice, name], index) => (
            <option key={String(choice)} value={index}>
              {name}
            </option>
          ))}
        </select>
      )}
    </FormField>
  );
}

/** A box for what is true or false, and false when it is not said. */
export function FlagMember({ path, label, hint }: MemberFieldProps): ReactNode {
  const { value, set, problem } = useMember(path);
  return (
    <FormField label={label} hint={hint} problem={problem} isBox>
      {(attributes) => (
        <input
          {...attributes}
          type="checkbox"
          checked={value === true}
          onChange={({ target }) => set(target.checked ? true : undefined)}
        />
      )}
    </FormField>
  );
}

/** A member as a text; a member of another kind than the field is for as JSON, so that it can be seen and replaced. */
function shown(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : JSON.stringify(value);
}

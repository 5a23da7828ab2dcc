import type { ReactNode } from 'react';

import { type FieldAttributes, FormField } from '../../../components/form-field.tsx';
import { typedNumber } from '../configuration-draft.ts';
import { type DraftMember, useMember } from './draft-context.ts';

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
  size = 16,
  ...props
}: MemberFieldProps & { readonly size?: number }): ReactNode {
  return (
    <MemberField {...props}>
      {({ value, set }, attributes) => (
        <input
          {...attributes}
          {...typedInto(props, value)}
          size={size}
          onChange={({ target }) => set(typedText(target.value))}
        />
      )}
    </MemberField>
  );
}

/** A field for a text of several lines, such as a certificate. */
export function LongTextMember(props: MemberFieldProps): ReactNode {
  return (
    <MemberField {...props}>
      {({ value, set }, attributes) => (
        <textarea
          {...attributes}
          {...typedInto(props, value)}
          className="mono"
          rows={3}
          onChange={({ target }) => set(typedText(target.value))}
        />
      )}
    </MemberField>
  );
}

/** A field for a whole number. */
export function NumberMember(props: MemberFieldProps): ReactNode {
  return (
    <MemberField {...props}>
      {({ value, set }, attributes) => (
        <input
          {...attributes}
          {...typedInto(props, value)}
          size={10}
          inputMode="numeric"
          onChange={({ target }) => set(typedNumber(target.value.trim()))}
        />
      )}
    </MemberField>
  );
}

export interface ChoiceMemberProps extends MemberFieldProps {
  /** The values that the member may have, `undefined` for that there is none, with what they are called. */
  readonly choices: readonly (readonly [string | boolean | number | undefined, string])[];
}

/** A field for one of several values; what the draft has beside them is shown as it is. */
export function ChoiceMember({ choices, ...props }: ChoiceMemberProps): ReactNode {
  return (
    <MemberField {...props}>
      {({ value, set }, attributes) => {
        const at = choices.findIndex(([choice]) => choice === value);
        return (
          <select
            {...attributes}
            value={at}
            onChange={({ target }) => set(choices[Number(target.value)]?.[0])}
          >
            {at === -1 && <option value={-1}>{shown(value)}</option>}
            {choices.map(([choice, name], index) => (
              <option key={String(choice)} value={index}>
                {name}
              </option>
            ))}
          </select>
        );
      }}
    </MemberField>
  );
}

/** A box for what is true or false, and false when it is not said. */
export function FlagMember(props: MemberFieldProps): ReactNode {
  return (
    <MemberField {...props} isBox>
      {({ value, set }, attributes) => (
        <input
          {...attributes}
          type="checkbox"
          checked={value === true}
          onChange={({ target }) => set(target.checked ? true : undefined)}
        />
      )}
    </MemberField>
  );
}

interface MemberFieldParts extends MemberFieldProps {
  readonly isBox?: boolean;
  readonly children: (member: DraftMember, attributes: FieldAttributes) => ReactNode;
}

function MemberField({ path, label, hint, isBox = false, children }: MemberFieldParts): ReactNode {
  const member = useMember(path);
  return (
    <FormField label={label} hint={hint} problem={member.problem} isBox={isBox}>
      {(attributes) => children(member, attributes)}
    </FormField>
  );
}

/** A field that is typed into shows the member. What is typed is no prose, and nobody's but this configuration's. */
function typedInto(
  { placeholder }: MemberFieldProps,
  value: unknown,
): {
  readonly autoComplete: 'off';
  readonly spellCheck: false;
  readonly placeholder: string | undefined;
  readonly value: string;
} {
  return { autoComplete: 'off', spellCheck: false, placeholder, value: shown(value) };
}

function typedText(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** A member as a text; a member of another kind than the field is for as JSON, so that it can be seen and replaced. */
function shown(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : JSON.stringify(value);
}

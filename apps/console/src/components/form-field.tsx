import { type ReactNode, useId } from 'react';

/** What a field needs so that it is named, told to be wrong, and explained. */
export interface FieldAttributes {
  readonly id: string;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string | undefined;
}

export interface FormFieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with what was typed, as the rest of a sentence that begins with the label. */
  readonly problem?: string | undefined;
  /** True for a box, which stands before its label. */
  readonly isBox?: boolean;
  /** The field itself. */
  readonly children: (attributes: FieldAttributes) => ReactNode;
}

/** A field with its label, and with a hint and a problem that screen readers read with it. */
export function FormField({ label, hint, problem, isBox = false, children }: FormFieldProps): ReactNode {
  const id = useId();
  const described = [
    ...(problem === undefined ? [] : [`${id}-problem`]),
    ...(hint === undefined ? [] : [`${id}-hint`]),
  ];
  return (
    <div className="field">
      <div className={isBox ? 'row box' : 'contents'}>
        <label htmlFor={id}>{label}</label>
        {children({
          id,
          'aria-invalid': problem !== undefined,
          'aria-describedby': described.length === 0 ? undefined : described.join(' '),
        })}
      </div>
      {problem !== undefined && (
        <span id={`${id}-problem`} className="bad">
          {`${label} ${problem}`}
        </span>
      )}
      {hint !== undefined && (
        <span id={`${id}-hint`} className="muted">
          {hint}
        </span>
      )}
    </div>
  );
}

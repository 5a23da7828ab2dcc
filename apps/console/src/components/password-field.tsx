import type { ReactNode } from 'react';

export interface PasswordFieldProps {
  readonly label: string;
  /** Which password managers are to fill in, or to make. */
  readonly kind: 'current-password' | 'new-password';
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** Where a password is typed. */
export function PasswordField({ label, kind, value, onValue }: PasswordFieldProps): ReactNode {
  return (
    <label className="field">
      {label}
      <input
        type="password"
        autoComplete={kind}
        required
        value={value}
        onChange={({ target }) => onValue(target.value)}
      />
    </label>
  );
}

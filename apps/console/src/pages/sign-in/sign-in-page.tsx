import { type ReactNode, useState } from 'react';

import { signedInAs } from '../../access/identity.ts';
import { Failure } from '../../components/failure.tsx';
import { PasswordField } from '../../components/password-field.tsx';
import { api } from '../../server/api.ts';
import { text } from '../../text/en.ts';
import styles from './sign-in-page.module.css';

/** Where one says who one is; then the page comes that was asked for. */
export function SignInPage(): ReactNode {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const signIn = async (): Promise<void> => {
    setBusy(true);
    try {
      signedInAs(await api.access.signIn({ name, password }));
    } catch (error) {
      setProblem(error);
      setPassword('');
      setBusy(false);
    }
  };
  return (
    <main className={styles.page}>
      <form
        className={`card stack ${styles.form ?? ''}`}
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <h1>{text.signIn.title}</h1>
        {problem !== undefined && <Failure error={problem} />}
        <label className="field">
          {text.signIn.name}
          <input
            autoComplete="username"
            required
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        </label>
        <PasswordField
          label={text.signIn.password}
          kind="current-password"
          value={password}
          onValue={setPassword}
        />
        <button type="submit" className="button primary" disabled={isBusy}>
          {text.signIn.action}
        </button>
        <p className="muted">{text.signIn.hint}</p>
      </form>
    </main>
  );
}

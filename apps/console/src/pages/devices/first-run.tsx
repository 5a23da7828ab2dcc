import type { ReactNode } from 'react';

import { CopyLine } from '../../components/copy-line.tsx';
import { text } from '../../text/en.ts';

/** What to do when there is no device yet: lines that attach one. */
export function FirstRun(): ReactNode {
  const host = location.hostname;
  const { title, explanation, simulated, credential, byHand } = text.firstRun;
  return (
    <section className="card stack">
      <h2>{title}</h2>
      <p>{explanation}</p>
      <h3>{simulated}</h3>
      <CopyLine line={`npx dunlin client --server coap://${host} --endpoint bench-1`} label={simulated} />
      <h3>{credential}</h3>
      <CopyLine line="npx dunlin credentials add my-device --psk-generate" label={credential} />
      <h3>{byHand}</h3>
      <CopyLine
        line={`coap-client-notls -m post -t 40 -e '</1/0>,</3/0>' 'coap://${host}/rd?ep=by-hand&lt=60&lwm2m=1.0&b=U'`}
        label={byHand}
      />
    </section>
  );
}

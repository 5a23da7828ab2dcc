import type { BootstrapStepPreview, BootstrapValuePreview } from '@dunlin/api';
import { base64Decode, utf8Decode } from '@dunlin/base';
import type { ReactNode } from 'react';

import { text } from '../../text/en.ts';
import { formatValue } from '../../values/format-value.ts';

const { preview } = text.bootstrap;

/** What a device will be asked, one after the other; keys are not shown. */
export function BootstrapPreview({ steps }: { readonly steps: readonly BootstrapStepPreview[] }): ReactNode {
  return (
    <section className="stack" aria-label={preview.title}>
      <h3>{preview.title}</h3>
      <p className="muted">{preview.explanation}</p>
      <ol className="stack">
        {steps.map((step, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- a step is known by its place
          <li key={index}>
            <strong>{text.bootstrap.operations[step.operation]}</strong>{' '}
            {step.path !== undefined && <span className="mono">{step.path}</span>}{' '}
            {step.operation === 'delete' && <span className="muted">{preview.ifThere}</span>}
            {step.optional === true && <span className="muted">{preview.optional}</span>}
            {step.values !== undefined && <Values step={step} values={step.values} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Values({
  step,
  values,
}: {
  readonly step: BootstrapStepPreview;
  readonly values: readonly BootstrapValuePreview[];
}): ReactNode {
  return (
    <table aria-label={preview.values(step.path ?? '')}>
      <tbody>
        {values.map((value) => (
          <tr key={value.path}>
            <th scope="row">
              <span className="mono">{value.path}</span> {value.name}
            </th>
            <td className="mono">{valueText(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function valueText({ type, value, withheld }: BootstrapValuePreview): string {
  if (withheld !== undefined) return preview.withheld[withheld];
  if (value === undefined) return '';
  const readable = type === 'opaque' ? readableText(String(value)) : undefined;
  return readable ?? formatValue(value, type);
}

/** Bytes that are a text, as identities are. */
function readableText(base64: string): string | undefined {
  const bytes = base64Decode(base64);
  const decoded = bytes === undefined || bytes.length === 0 ? undefined : utf8Decode(bytes);
  return decoded !== undefined && /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(decoded) ? decoded : undefined;
}

import { type DataFormat, dataFormats } from '@dunlin/api';
import { type ReactNode, useId, useState } from 'react';

import { withTimeout } from '../../../asking/asking-terms.ts';
import { useAsking } from '../../../asking/use-asking.ts';
import { hasSmsMode, useHasSms } from '../../../server/use-sms.ts';
import { text } from '../../../text/en.ts';

/** On what terms the device is asked: few need other ones than those of the server, so they are out of the way. */
export function AskingOptions({ bindingMode }: { readonly bindingMode: string }): ReactNode {
  const { terms, setTerms } = useAsking();
  const [timeout, setTimeout] = useState(String(terms.timeout ?? ''));
  const problem = useId();
  const read = withTimeout(terms, timeout);
  const { options, timeoutField, timeoutProblem, format, formats, anyFormat } = text.resources;
  const choose = (chosen: DataFormat | undefined): void => {
    const { format: _before, ...others } = terms;
    setTerms(chosen === undefined ? others : { ...others, format: chosen });
  };
  return (
    <details>
      <summary>{options(terms.timeout, terms.format, terms.channel)}</summary>
      <div className="row">
        <label className="field">
          {timeoutField}
          <input
            size={8}
            inputMode="decimal"
            value={timeout}
            aria-invalid={read === undefined}
            aria-describedby={problem}
            onChange={({ target }) => {
              setTimeout(target.value);
              setTerms(withTimeout(terms, target.value) ?? terms);
            }}
          />
        </label>
        <label className="field">
          {format}
          <select
            value={terms.format ?? ''}
            onChange={({ target }) => choose(dataFormats.find((each) => each === target.value))}
          >
            <option value="">{anyFormat}</option>
            {dataFormats.map((each) => (
              <option key={each} value={each}>
                {formats[each]}
              </option>
            ))}
          </select>
        </label>
        <ChannelChoice bindingMode={bindingMode} />
      </div>
      <p id={problem} className="bad">
        {read === undefined && timeoutProblem}
      </p>
    </details>
  );
}

/** Asks by short message, where the device can be asked in either way (modes US and UQS). */
function ChannelChoice({ bindingMode }: { readonly bindingMode: string }): ReactNode {
  const { terms, setTerms } = useAsking();
  const isByChoice = useHasSms() && bindingMode.startsWith('U') && hasSmsMode(bindingMode);
  if (!isByChoice) return null;
  return (
    <label className="row">
      <input
        type="checkbox"
        checked={terms.channel === 'sms'}
        onChange={({ target }) => {
          const { channel: _before, ...others } = terms;
          setTerms(target.checked ? { ...others, channel: 'sms' } : others);
        }}
      />
      {text.sms.byShortMessage}
    </label>
  );
}

import type { TraceMessage, TraceOption, TracePayload } from '@dunlin/api';
import type { ReactNode } from 'react';

import { Icon } from '../../../components/icon.tsx';
import { text } from '../../../text/en.ts';
import { formatResource } from '../../../values/format-value.ts';
import { knownValues } from '../../../values/known-values.ts';
import { hexDump } from './hex-dump.ts';
import styles from './message-detail.module.css';
import { rowText } from './message-text.ts';
import { firstEntry, type SequenceRow } from './sequence.ts';

export interface MessageDetailProps {
  readonly row: SequenceRow;
  readonly onClose: () => void;
}

/** A message taken apart: its header, options and payload, decoded and as bytes. */
export function MessageDetail({ row, onClose }: MessageDetailProps): ReactNode {
  return (
    <aside className={`card stack ${styles.detail ?? ''}`} aria-label={text.messages.detail}>
      <div className={styles.head}>
        <h2>{rowText(row)}</h2>
        <button type="button" className="button plain small" aria-label={text.common.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {row.kind === 'message' && <Message message={row.message} repeats={row.repeats} />}
      {row.kind === 'blocks' &&
        row.messages.map(({ message, repeats }) => (
          <details key={message.id}>
            <summary className="mono">{rowText({ kind: 'message', message, repeats })}</summary>
            <Message message={message} repeats={repeats} />
          </details>
        ))}
      {row.kind === 'malformed' && <pre>{hexDump(row.entry.hex)}</pre>}
      {row.kind === 'dtls' && <pre>{JSON.stringify(firstEntry(row), null, 2)}</pre>}
    </aside>
  );
}

function Message({
  message,
  repeats,
}: {
  readonly message: TraceMessage;
  readonly repeats: readonly TraceMessage[];
}): ReactNode {
  const { type, code, codeName, messageId, token, size, time, address, local, options, payload } = message;
  return (
    <div className="stack">
      <dl className="facts">
        <dt>{text.messages.type}</dt>
        <dd>{text.messages.types[type]}</dd>
        <dt>{text.messages.code}</dt>
        <dd>
          {code} {codeName}
        </dd>
        <dt>{text.messages.messageId}</dt>
        <dd className="mono">{messageId}</dd>
        <dt>{text.messages.token}</dt>
        <dd className="mono">{token === '' ? '—' : token}</dd>
        <dt>{text.messages.size}</dt>
        <dd>{text.messages.bytes(size)}</dd>
        <dt>{text.common.time}</dt>
        <dd className="mono">{time}</dd>
        <dt>{text.messages.between}</dt>
        <dd className="mono">
          {local} – {address}
        </dd>
        {repeats.length > 0 && (
          <>
            <dt>{text.messages.repeatedAt}</dt>
            <dd className="mono">{repeats.map((repeat) => sinceText(message, repeat)).join(', ')}</dd>
          </>
        )}
      </dl>
      {options.length > 0 && <Options options={options} />}
      {payload !== undefined && <Payload payload={payload} />}
    </div>
  );
}

function sinceText(original: TraceMessage, repeat: TraceMessage): string {
  return `+${((Date.parse(repeat.time) - Date.parse(original.time)) / 1000).toFixed(2)} s`;
}

function Options({ options }: { readonly options: readonly TraceOption[] }): ReactNode {
  return (
    <table>
      <caption className={styles.caption}>{text.messages.options}</caption>
      <thead className="hidden-visually">
        <tr>
          <th scope="col">{text.common.name}</th>
          <th scope="col">{text.messages.value}</th>
        </tr>
      </thead>
      <tbody>
        {options.map(({ number, name, value }, index) => (
          <tr key={`${number} ${options.length - index}`}>
            <td>
              {name ?? ''} <span className="muted mono">{number}</span>
            </td>
            <td className="mono">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Payload({ payload }: { readonly payload: TracePayload }): ReactNode {
  const { length, formatName, contentFormat, content, text: plain, links, problem, withheld, hex } = payload;
  return (
    <div className="stack">
      <h3>
        {text.messages.payload(length)} <span className="muted">{formatName ?? contentFormat ?? ''}</span>
      </h3>
      {withheld !== undefined && <p className="notice">{text.messages.withheld[withheld]}</p>}
      {problem !== undefined && <p className="bad">{problem}</p>}
      {content !== undefined && <Content content={content} />}
      {plain !== undefined && <pre>{plain}</pre>}
      {links?.map(({ target, attributes }) => (
        <div className="mono" key={target}>
          {target}{' '}
          {Object.entries(attributes)
            .map(([name, value]) => `${name}=${value}`)
            .join(' ')}
        </div>
      ))}
      {hex !== undefined && <pre className={styles.hex}>{hexDump(hex)}</pre>}
    </div>
  );
}

function Content({ content }: { readonly content: NonNullable<TracePayload['content']> }): ReactNode {
  if (content.kind === 'resource-instance') return <p>{String(content.value)}</p>;
  return (
    <dl className="facts">
      {knownValues(content, { origin: 'read', knownAt: '' }).map(({ path, resource }) => (
        <div key={path} className={styles.value}>
          <dt>
            {resource.name ?? ''} <span className="mono">{path}</span>
          </dt>
          <dd>
            {formatResource(resource)} {resource.units ?? ''}
          </dd>
        </div>
      ))}
    </dl>
  );
}

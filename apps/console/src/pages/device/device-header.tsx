import type { DeviceSummary } from '@dunlin/api';
import { type ReactNode, useState } from 'react';

import { deviceRoute } from '../../app/route.ts';
import { useAsking } from '../../asking/use-asking.ts';
import { Age } from '../../components/age.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { RouteLink } from '../../components/route-link.tsx';
import { StateDot } from '../../components/state-dot.tsx';
import { api } from '../../server/api.ts';
import { useOperations } from '../../server/use-answers.ts';
import { hasSmsMode, useHasSms } from '../../server/use-sms.ts';
import { text } from '../../text/en.ts';
import styles from './device-header.module.css';
import { DeviceTags } from './device-tags.tsx';
import { WakeButton } from './wake-button.tsx';

export interface DeviceHeaderProps {
  readonly device: DeviceSummary;
  /** True when its registration ended while the page was open. */
  readonly isGone: boolean;
}

/** Who a device is, and whether it can be reached now, or when. */
export function DeviceHeader({ device, isGone }: DeviceHeaderProps): ReactNode {
  const { endpoint, security, identity, version, bindingMode, address } = device;
  return (
    <header className={styles.header}>
      <div className="row spread">
        <h1 className={styles.name}>{endpoint}</h1>
        <DeviceActions device={device} />
      </div>
      <div className={styles.facts}>
        <StateDot presence={isGone ? 'gone' : device.presence} />
        <Reachability device={device} isGone={isGone} />
        <Waiting endpoint={endpoint} />
        <span>{text.device.lwm2m(version, bindingMode)}</span>
        <span>{text.security[security]}</span>
        {identity !== undefined && <span className="mono">{identity}</span>}
        <span className="mono">{address}</span>
        <span>
          {text.device.lastContact} <Age at={device.lastSeen} />
        </span>
        <span>
          {text.device.lapses} <Age at={device.expiresAt} />
        </span>
      </div>
      <DeviceTags device={device} />
    </header>
  );
}

function Reachability({ device, isGone }: DeviceHeaderProps): ReactNode {
  const hasSms = useHasSms();
  if (isGone) return <span>{text.device.gone}</span>;
  if (device.presence === 'asleep') {
    return (
      <>
        <span>{text.device.asleep}</span>
        {hasSms && hasSmsMode(device.bindingMode) && <WakeButton endpoint={device.endpoint} />}
      </>
    );
  }
  if (device.awakeUntil === undefined) return null;
  return (
    <span>
      {text.device.awakeUntil} <Age at={device.awakeUntil} />
    </span>
  );
}

function Waiting({ endpoint }: { readonly endpoint: string }): ReactNode {
  const { data } = useOperations(endpoint);
  const count = data?.operations.filter(({ state }) => state === 'waiting' || state === 'sent').length ?? 0;
  if (count === 0) return null;
  return <RouteLink to={deviceRoute(endpoint, 'operations')}>{text.device.waiting(count)}</RouteLink>;
}

/** What can be triggered on every device (Objects 1 and 3). */
const triggers = [
  { path: '/1/0/8', label: text.device.triggerUpdate },
  { path: '/3/0/4', label: text.device.reboot },
] as const;

function DeviceActions({ device: { endpoint } }: { readonly device: DeviceSummary }): ReactNode {
  const { ask } = useAsking();
  const [isRemoving, setRemoving] = useState(false);
  return (
    <div className="row">
      {triggers.map(({ path, label }) => (
        <button
          key={path}
          type="button"
          className="button small"
          onClick={() => void ask('execute', path, () => api.execute(endpoint, path))}
        >
          {label}
        </button>
      ))}
      <button type="button" className="button small danger" onClick={() => setRemoving(true)}>
        {text.device.remove}
      </button>
      {isRemoving && (
        <ConfirmDialog
          title={text.device.remove}
          explanation={text.device.removeExplanation(endpoint)}
          expected={endpoint}
          action={text.device.remove}
          onConfirm={() => void ask('delete', '/', () => api.removeDevice(endpoint))}
          onClose={() => setRemoving(false)}
        />
      )}
    </div>
  );
}

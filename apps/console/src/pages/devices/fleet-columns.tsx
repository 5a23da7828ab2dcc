import { deviceRoute } from '../../app/route.ts';
import { Age } from '../../components/age.tsx';
import { RouteLink } from '../../components/route-link.tsx';
import { StateDot } from '../../components/state-dot.tsx';
import type { GridColumn } from '../../grid/virtual-grid.tsx';
import { text } from '../../text/en.ts';
import type { ChoosableColumn } from './chosen-columns.ts';
import type { FleetRow } from './fleet-list.ts';

/** The columns of the list of devices: those that it always has, and the chosen ones. */
export function fleetColumns(
  chosen: readonly ChoosableColumn[],
  isSelected: (row: FleetRow) => boolean,
  toggle: (row: FleetRow) => void,
): readonly GridColumn<FleetRow>[] {
  const { columns, select } = text.devices;
  return [
    {
      id: 'select',
      label: <span className="hidden-visually">{columns.select}</span>,
      width: { least: 24 },
      cell: (row) => (
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={select(row.device.endpoint)}
          checked={isSelected(row)}
          onChange={() => toggle(row)}
        />
      ),
    },
    {
      id: 'state',
      label: columns.state,
      width: { least: 96 },
      cell: ({ device, isGone }) => <StateDot presence={isGone ? 'gone' : device.presence} />,
    },
    {
      id: 'endpoint',
      label: columns.endpoint,
      width: { least: 150, share: 2 },
      cell: ({ device: { endpoint } }) => (
        <RouteLink to={deviceRoute(endpoint)} tabIndex={-1}>
          {endpoint}
        </RouteLink>
      ),
    },
    ...chosen.map((id) => Object.assign({ id, label: columns[id] }, choosable[id])),
  ];
}

const choosable: Readonly<Record<ChoosableColumn, Required<Pick<GridColumn<FleetRow>, 'width' | 'cell'>>>> = {
  model: { width: { least: 90, share: 1.2 }, cell: ({ device }) => device.modelNumber ?? '' },
  manufacturer: { width: { least: 90, share: 1 }, cell: ({ device }) => device.manufacturer ?? '' },
  firmware: { width: { least: 74, share: 0.7 }, cell: ({ device }) => device.firmwareVersion ?? '' },
  version: { width: { least: 64 }, cell: ({ device }) => device.version },
  binding: { width: { least: 64 }, cell: ({ device }) => device.bindingMode },
  security: { width: { least: 70, share: 1 }, cell: ({ device }) => text.security[device.security] },
  address: { width: { least: 130, share: 1.2 }, cell: ({ device }) => device.address },
  tags: { width: { least: 60, share: 1 }, cell: ({ device }) => device.tags.join(', ') },
  queued: { width: { least: 52 }, cell: ({ device }) => (device.queued === 0 ? '' : device.queued) },
  registered: { width: { least: 98 }, cell: ({ device }) => <Age at={device.registeredAt} /> },
  lastContact: { width: { least: 98 }, cell: ({ device }) => <Age at={device.lastSeen} /> },
  lapses: { width: { least: 84 }, cell: ({ device, isGone }) => !isGone && <Age at={device.expiresAt} /> },
};

import { deviceRoute } from '../../app/route.ts';
import { Age } from '../../components/age.tsx';
import { RouteLink } from '../../components/route-link.tsx';
import { StateDot } from '../../components/state-dot.tsx';
import type { GridColumn } from '../../grid/virtual-grid.tsx';
import { text } from '../../text/en.ts';
import type { FleetRow } from './fleet-list.ts';

/** The columns of the list of devices. */
export function fleetColumns(
  isSelected: (row: FleetRow) => boolean,
  toggle: (row: FleetRow) => void,
): readonly GridColumn<FleetRow>[] {
  const { columns, select } = text.devices;
  return [
    {
      id: 'select',
      label: <span className="hidden-visually">{columns.select}</span>,
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
      cell: ({ device, isGone }) => <StateDot presence={isGone ? 'gone' : device.presence} />,
    },
    {
      id: 'endpoint',
      label: columns.endpoint,
      cell: ({ device: { endpoint } }) => (
        <RouteLink to={deviceRoute(endpoint)} tabIndex={-1}>
          {endpoint}
        </RouteLink>
      ),
    },
    { id: 'model', label: columns.model, cell: ({ device }) => device.modelNumber ?? '' },
    { id: 'firmware', label: columns.firmware, cell: ({ device }) => device.firmwareVersion ?? '' },
    { id: 'binding', label: columns.binding, cell: ({ device }) => device.bindingMode },
    { id: 'security', label: columns.security, cell: ({ device }) => text.security[device.security] },
    { id: 'tags', label: columns.tags, cell: ({ device }) => device.tags.join(', ') },
    { id: 'queued', label: columns.queued, cell: ({ device }) => (device.queued === 0 ? '' : device.queued) },
    { id: 'last-contact', label: columns.lastContact, cell: ({ device }) => <Age at={device.lastSeen} /> },
    {
      id: 'lapses',
      label: columns.lapses,
      cell: ({ device, isGone }) => !isGone && <Age at={device.expiresAt} />,
    },
  ];
}

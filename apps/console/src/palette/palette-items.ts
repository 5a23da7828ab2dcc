import { deviceRoute, deviceTabs, type Route } from '../app/route.ts';
import { goKeys } from '../app/shortcuts.ts';
import { text } from '../text/en.ts';

/** A line of the palette: where it leads. */
export interface PaletteItem {
  readonly label: string;
  readonly to: Route;
}

/** Lines that are shown. */
const shown = 12;

/** What there is to go to. */
export interface PalettePlaces {
  /** What the server found. */
  readonly devices: readonly string[];
  readonly current: Route;
  /** Whether the server has short messages: their pages are nowhere else. */
  readonly hasSms: boolean;
}

/**
 * Where what was typed may lead: pages, devices with such names, and the parts of the device whose page is open.
 */
export function paletteItems(
  typed: string,
  { devices, current, hasSms }: PalettePlaces,
): readonly PaletteItem[] {
  const wanted = typed.trim().toLowerCase();
  const pages = Object.values(goKeys)
    .filter(({ page }) => page !== 'sms' || hasSms)
    .map((to) => ({ label: labelOf(to), to }));
  const parts =
    current.page === 'device'
      ? deviceTabs
          .filter((tab) => tab !== 'sms' || hasSms)
          .map((tab) => ({
            label: `${current.endpoint} › ${text.device.tabs[tab]}`,
            to: deviceRoute(current.endpoint, tab),
          }))
      : [];
  const found = devices.map((endpoint) => ({ label: endpoint, to: deviceRoute(endpoint) }));
  const fitting = [...parts, ...pages].filter(({ label }) => label.toLowerCase().includes(wanted));
  const filtered: readonly PaletteItem[] =
    wanted === '' ? [] : [{ label: text.palette.filter(typed), to: { page: 'devices', filter: typed } }];
  return [...found, ...fitting, ...filtered].slice(0, shown);
}

function labelOf(to: Route): string {
  return to.page === 'device' || to.page === 'unknown' ? '' : text.pages[to.page];
}

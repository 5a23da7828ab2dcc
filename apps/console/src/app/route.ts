/** The tabs of the page of one device, in the order in which they are shown. */
export const deviceTabs = [
  'resources',
  'messages',
  'telemetry',
  'observations',
  'operations',
  'location',
  'firmware',
  'security',
  'sms',
  'events',
] as const;
export type DeviceTab = (typeof deviceTabs)[number];

/** The pages without parameters, by the first segment of their path. */
export const plainPages = [
  'firmware',
  'bootstrap',
  'credentials',
  'definitions',
  'sms',
  'users',
  'tokens',
  'audit',
  'help',
] as const;
export type PlainPage = (typeof plainPages)[number];

/** Where in the console one is. Everything that a link should bring back is in it. */
export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'devices'; readonly filter: string }
  | {
      readonly page: 'device';
      readonly endpoint: string;
      readonly tab: DeviceTab;
      /** Of the tab of Resources: what is shown, such as `/3/0`; empty for the first Object. */
      readonly path: string;
      /** What the tab is narrowed to: the filter of Messages, the view of Telemetry. */
      readonly query: string;
    }
  | { readonly page: PlainPage; readonly query: string }
  | { readonly page: 'unknown'; readonly path: string };

/** What a path and a query (`?q=…`) of a URL stand for. */
export function parseRoute(pathname: string, search = ''): Route {
  const segments = pathname.split('/').filter((segment) => segment !== '');
  const [first, second, ...rest] = segments;
  const query = new URLSearchParams(search).get('q') ?? '';
  if (first === undefined) return { page: 'overview' };
  if (first === 'devices') {
    return second === undefined
      ? { page: 'devices', filter: query }
      : parseDevice(pathname, [second, ...rest], query);
  }
  const plain = plainPages.find((page) => page === first);
  return plain === undefined || second !== undefined
    ? { page: 'unknown', path: pathname }
    : { page: plain, query };
}

function parseDevice(pathname: string, segments: readonly string[], query: string): Route {
  const [name = '', tabName = 'resources', ...ids] = segments;
  const endpoint = decoded(name);
  const tab = deviceTabs.find((known) => known === tabName);
  const isPath = ids.length <= 4 && ids.every((id) => /^(0|[1-9]\d{0,4})$/.test(id));
  if (endpoint === undefined || tab === undefined || !isPath || (ids.length > 0 && tab !== 'resources')) {
    return { page: 'unknown', path: pathname };
  }
  return { page: 'device', endpoint, tab, path: ids.map((id) => `/${id}`).join(''), query };
}

/** The URL of a place in the console, without the origin. */
export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'overview':
      return '/';
    case 'devices':
      return `/devices${queryText(route.filter)}`;
    case 'device': {
      const device = `/devices/${encodeURIComponent(route.endpoint)}`;
      const isFirst = route.tab === 'resources' && route.path === '';
      return `${device}${isFirst ? '' : `/${route.tab}${route.path}`}${queryText(route.query)}`;
    }
    case 'unknown':
      return route.path;
    case 'firmware':
    case 'bootstrap':
    case 'credentials':
    case 'definitions':
    case 'sms':
    case 'users':
    case 'tokens':
    case 'audit':
    case 'help':
      return `/${route.page}${queryText(route.query)}`;
  }
}

/** The place of a device, at its Resources unless said otherwise. */
export function deviceRoute(
  endpoint: string,
  tab: DeviceTab = 'resources',
  path = '',
  query = '',
): Route & { readonly page: 'device' } {
  return { page: 'device', endpoint, tab, path, query };
}

function queryText(query: string): string {
  return query === '' ? '' : `?q=${encodeURIComponent(query)}`;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

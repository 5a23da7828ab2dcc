import { navigate, usePathname, useSearch } from 'wouter/use-browser-location';

import { formatRoute, parseRoute, type Route } from './route.ts';

/** Where the browser is. */
export function useRoute(): Route {
  return parseRoute(usePathname(), useSearch());
}

/** Goes elsewhere; `replace` leaves no step to come back to, as for each letter of a filter. */
export function go(route: Route, { replace = false }: { readonly replace?: boolean } = {}): void {
  navigate(formatRoute(route), { replace });
}

import { api } from '../../../server/api.ts';

/** The most devices that are selected at once: beyond, a script is the better tool. */
export const mostSelected = 10_000;

/** The names of the devices that fit a filter, page by page. */
export async function endpointsOf(filter: string): Promise<ReadonlySet<string>> {
  const endpoints = new Set<string>();
  let after: string | null = null;
  do {
    const query = { ...(filter === '' ? {} : { filter }), ...(after === null ? {} : { after }), limit: 1000 };
    const page: Awaited<ReturnType<typeof api.devices>> = await api.devices(query);
    for (const { endpoint } of page.devices) endpoints.add(endpoint);
    after = page.next;
  } while (after !== null && endpoints.size < mostSelected);
  return endpoints;
}

declare module 'world-atlas/land-110m.json' {
  import type { feature } from 'topojson-client';

  type Topology = Parameters<typeof feature>[0];

  /** The outlines of the land at 1 : 110 million, from Natural Earth, which is in the public domain. */
  const land: Topology & { readonly objects: { readonly land: Topology['objects'][string] } };
  export default land;
}

import 'leaflet/dist/leaflet.css';

import {
  circle,
  circleMarker,
  geoJSON,
  map,
  type Map as LeafletMap,
  type LayerGroup,
  layerGroup,
} from 'leaflet';
import { type ReactNode, useEffect, useRef } from 'react';
import { feature } from 'topojson-client';
import land from 'world-atlas/land-110m.json';

import type { Position } from './position.ts';
import styles from './world-map.module.css';

export interface WorldMapProps {
  readonly label: string;
  readonly position: Position;
}

/** The outlines of the land, from our own bundle, and a position on it: no request goes to a map server. */
export function WorldMap({ label, position }: WorldMapProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef<{ readonly map: LeafletMap; readonly pins: LayerGroup }>(undefined);
  useEffect(() => {
    if (place.current === null) return undefined;
    const world = map(place.current, {
      attributionControl: false,
      worldCopyJump: true,
      zoomAnimation: false,
    });
    geoJSON(feature(land, land.objects.land), {
      interactive: false,
      style: { className: styles.land ?? '', weight: 1 },
    }).addTo(world);
    shown.current = { map: world, pins: layerGroup().addTo(world) };
    return () => void world.remove();
  }, []);
  useEffect(() => {
    const { latitude, longitude, radius } = position;
    if (shown.current === undefined) return;
    const { pins } = shown.current;
    pins.clearLayers();
    if (radius !== undefined)
      circle([latitude, longitude], { radius, className: styles.radius ?? '' }).addTo(pins);
    circleMarker([latitude, longitude], { radius: 8, className: styles.pin ?? '' }).addTo(pins);
    shown.current.map.setView([latitude, longitude], 4);
  }, [position]);
  return <div ref={place} role="application" aria-label={label} className={styles.map} />;
}

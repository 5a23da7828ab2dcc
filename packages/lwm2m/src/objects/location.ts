import { defineObject, type SingleInstanceObject } from '../define-object.ts';

const location = {
  id: 6,
  name: 'Location',
  version: '1.0',
  isMultiple: false,
  isMandatory: false,
  resources: {
    latitude: {
      id: 0,
      name: 'Latitude',
      operations: 'R',
      isMultiple: false,
      isMandatory: true,
      type: 'float',
      units: 'lat',
    },
    longitude: {
      id: 1,
      name: 'Longitude',
      operations: 'R',
      isMultiple: false,
      isMandatory: true,
      type: 'float',
      units: 'lon',
    },
    altitude: {
      id: 2,
      name: 'Altitude',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'float',
      units: 'm',
    },
    radius: {
      id: 3,
      name: 'Radius',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'float',
      units: 'm',
    },
    velocity: {
      id: 4,
      name: 'Velocity',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'opaque',
    },
    timestamp: {
      id: 5,
      name: 'Timestamp',
      operations: 'R',
      isMultiple: false,
      isMandatory: true,
      type: 'time',
    },
    speed: {
      id: 6,
      name: 'Speed',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'float',
      units: 'm/s',
    },
  },
} as const;

/** The Location Object, `/6`, in version 1.0 (1.0 E.7, R-1062). */
export const Location: SingleInstanceObject<typeof location> = defineObject(location);

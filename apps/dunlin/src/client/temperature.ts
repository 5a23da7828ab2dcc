import { defineObject, type MultipleInstanceObject } from '@dunlin/lwm2m';

const specification = {
  id: 3303,
  name: 'Temperature',
  version: '1.0',
  isMultiple: true,
  isMandatory: false,
  resources: {
    sensorValue: {
      id: 5700,
      name: 'Sensor Value',
      type: 'float',
      isMultiple: false,
      isMandatory: true,
      operations: 'R',
    },
    minimumMeasuredValue: {
      id: 5601,
      name: 'Min Measured Value',
      isMultiple: false,
      isMandatory: false,
      operations: 'R',
      type: 'float',
    },
    maximumMeasuredValue: {
      id: 5602,
      name: 'Max Measured Value',
      isMultiple: false,
      isMandatory: false,
      operations: 'R',
      type: 'float',
    },
    minimumRangeValue: {
      id: 5603,
      name: 'Min Range Value',
      isMultiple: false,
      isMandatory: false,
      operations: 'R',
      type: 'float',
    },
    maximumRangeValue: {
      id: 5604,
      name: 'Max Range Value',
      isMultiple: false,
      isMandatory: false,
      operations: 'R',
      type: 'float',
    },
    sensorUnits: {
      id: 5701,
      name: 'Sensor Units',
      isMultiple: false,
      isMandatory: false,
      operations: 'R',
      type: 'string',
    },
    resetMeasuredValues: {
      id: 5605,
      name: 'Reset Min and Max Measured Values',
      operations: 'E',
      isMultiple: false,
      isMandatory: false,
      type: 'none',
    },
  },
} as const;

/** The Temperature Object of the LwM2M registry (3303, version 1.0), with typed references to its Resources. */
export const Temperature: MultipleInstanceObject<typeof specification> = defineObject(specification);

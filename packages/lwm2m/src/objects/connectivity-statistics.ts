import { defineObject, type SingleInstanceObject } from '../define-object.ts';

const connectivityStatistics = {
  id: 7,
  name: 'Connectivity Statistics',
  version: '1.0',
  isMultiple: false,
  isMandatory: false,
  resources: {
    smsTxCounter: {
      id: 0,
      name: 'SMS Tx Counter',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
    },
    smsRxCounter: {
      id: 1,
      name: 'SMS Rx Counter',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
    },
    txData: {
      id: 2,
      name: 'Tx Data',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
      units: 'KB',
    },
    rxData: {
      id: 3,
      name: 'Rx Data',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
      units: 'KB',
    },
    maxMessageSize: {
      id: 4,
      name: 'Max Message Size',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
      units: 'B',
    },
    averageMessageSize: {
      id: 5,
      name: 'Average Message Size',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
      units: 'B',
    },
    start: { id: 6, name: 'Start', operations: 'E', isMultiple: false, isMandatory: true, type: 'none' },
    stop: { id: 7, name: 'Stop', operations: 'E', isMultiple: false, isMandatory: true, type: 'none' },
    collectionPeriod: {
      id: 8,
      name: 'Collection Period',
      operations: 'RW',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
      units: 's',
    },
  },
} as const;

/** The Connectivity Statistics Object, `/7`, in version 1.0 (1.0 E.8, R-1070, R-1071). */
export const ConnectivityStatistics: SingleInstanceObject<typeof connectivityStatistics> =
  defineObject(connectivityStatistics);

import { defineObject, type MultipleInstanceObject } from '@dunlin/lwm2m';

const notebook = {
  id: 30_000,
  name: 'Notebook',
  version: '1.0',
  isMultiple: true,
  isMandatory: false,
  resources: {
    text: { id: 0, name: 'Text', operations: 'RW', isMultiple: false, isMandatory: true, type: 'string' },
    number: {
      id: 1,
      name: 'Number',
      operations: 'RW',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
    },
    reading: {
      id: 2,
      name: 'Reading',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'float',
    },
    bytes: { id: 3, name: 'Bytes', operations: 'RW', isMultiple: false, isMandatory: false, type: 'opaque' },
    lines: { id: 4, name: 'Lines', operations: 'RW', isMultiple: true, isMandatory: false, type: 'string' },
    clear: { id: 5, name: 'Clear', operations: 'E', isMultiple: false, isMandatory: false, type: 'none' },
  },
} as const;

/** An Object of ours with every kind of Resource, for tests: creatable, with values of any length. */
export const Notebook: MultipleInstanceObject<typeof notebook> = defineObject(notebook);

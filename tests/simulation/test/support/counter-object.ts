import { objectInstances, type ObjectSetup, type Execution, type TreeProposal } from '@dunlin/client';
import {
  defineObject,
  type MultipleInstanceObject,
  ObjectDefinitionRegistry,
  coreDefinitions,
  type ObjectDefinitions,
} from '@dunlin/lwm2m';

const counters = {
  id: 26_300,
  name: 'Counters',
  version: '1.0',
  isMultiple: true,
  isMandatory: false,
  resources: {
    first: { id: 0, name: 'First', operations: 'RW', isMultiple: false, isMandatory: true, type: 'integer' },
    second: {
      id: 1,
      name: 'Second',
      operations: 'RW',
      isMultiple: false,
      isMandatory: true,
      type: 'integer',
    },
    reading: {
      id: 2,
      name: 'Reading',
      operations: 'R',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
    },
    run: { id: 3, name: 'Run', operations: 'E', isMultiple: false, isMandatory: false, type: 'none' },
    blob: { id: 5, name: 'Blob', operations: 'RW', isMultiple: false, isMandatory: false, type: 'opaque' },
    lonely: {
      id: 4,
      name: 'Lonely',
      operations: 'RW',
      isMultiple: false,
      isMandatory: false,
      type: 'integer',
    },
  },
} as const;

/** `first` and `second` are always written together; `reading` only grows; `run` counts; `lonely` is written alone. */
export const Counters: MultipleInstanceObject<typeof counters> = defineObject(counters);

/** What both sides know. */
export const definitions: ObjectDefinitions = ObjectDefinitionRegistry.of(
  [Counters.definition],
  [coreDefinitions],
);

/** What a device has to tell of itself to the invariants. */
export interface CounterHooks {
  readonly executed: (execution: Execution) => void;
  readonly committed: (proposal: TreeProposal) => void;
}

export function countersObject(reading: number, hooks: CounterHooks): ObjectSetup {
  const { executed, committed } = hooks;
  return objectInstances(
    Counters,
    { 0: { first: 0, second: 0, reading, run: executed, lonely: 0, blob: new Uint8Array(0) } },
    { isCreatable: true, afterCommit: committed, template: () => ({ reading: 0, run: executed }) },
  );
}

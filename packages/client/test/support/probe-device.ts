import { objectInstances, type ObjectInstancesOptions, type ObjectSetup } from '@dunlin/client';

import { Probe } from './reference-device.ts';

/** `/26241` with instances 0 (everything in it) and 3 (only what is mandatory). Resource 8 is not supported by the device. */
export function probeObject(
  options: Partial<ObjectInstancesOptions<typeof Probe.resources>> = {},
): ObjectSetup {
  return objectInstances(
    Probe,
    {
      0: {
        level: 20.5,
        label: 'probe',
        count: 7,
        secret: Uint8Array.of(1, 2),
        run: () => undefined,
        flags: new Map([
          [0, true],
          [1, false],
        ]),
        limit: 50,
        blob: Uint8Array.of(1, 2, 3, 4, 5),
      },
      3: { level: 1, count: 1 },
    },
    {
      isCreatable: true,
      supports: ['label', 'secret', 'run', 'flags', 'limit', 'other', 'blob'],
      template: () => ({ count: 0 }),
      ...options,
    },
  );
}

import { availableParallelism } from 'node:os';

import type { CodecRate } from './codec.ts';
import type { MemoryUse } from './memory.ts';
import type { Rate } from './rates.ts';

export interface Measurements {
  readonly isPinned: boolean;
  readonly codec: readonly CodecRate[];
  readonly rates: readonly Rate[];
  readonly memory: MemoryUse;
}

/** Prints tables for people, or one JSON document. */
export function report(measurements: Measurements, asJson: boolean): void {
  if (asJson) {
    console.log(
      JSON.stringify(
        { node: process.version, processors: availableParallelism(), ...measurements },
        undefined,
        2,
      ),
    );
    return;
  }
  const { isPinned, codec, rates, memory } = measurements;
  console.log(
    `Node.js ${process.version}, ${availableParallelism()} processors${isPinned ? ', server and generator pinned to one each' : ''}`,
  );
  console.log('\nCodec                       decode/s      encode/s');
  for (const { name, decodesPerSecond, encodesPerSecond } of codec) {
    console.log(`  ${name.padEnd(22)} ${thousands(decodesPerSecond)} ${thousands(encodesPerSecond)}`);
  }
  console.log('\nThrough UDP                 messages/s   µs CPU   ratio to echo   budget');
  for (const { name, perSecond, cpuMicroseconds, ratio, budget } of rates) {
    const verdict = budget === undefined ? '' : `${budget.toFixed(2)} ${ratio >= budget ? 'met' : 'MISSED'}`;
    console.log(
      `  ${name.padEnd(24)} ${thousands(perSecond)} ${cpuMicroseconds.toFixed(1).padStart(8)} ${ratio.toFixed(2).padStart(15)}   ${verdict}`,
    );
  }
  console.log(
    `\nMemory at ${memory.devices.toLocaleString('en')} registered devices: ${memory.bytesPerDevice.toFixed(0)} bytes each, budget 1024 ${memory.bytesPerDevice <= 1024 ? 'met' : 'MISSED'}`,
  );
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en').padStart(12);
}

import { ServerProcess } from './server-process.ts';

export interface MemoryUse {
  readonly devices: number;
  /** Heap and typed arrays together, after a full collection, less what the server used without devices. */
  readonly bytesPerDevice: number;
}

/** Registers devices, each from an address of its own, and measures what the server keeps of them. */
export async function measureMemory(devices: number): Promise<MemoryUse> {
  await using server = await ServerProcess.start('memory.ts', [String(devices)]);
  const bytes = await server.ask<number>('bytes');
  return { devices, bytesPerDevice: bytes / devices };
}

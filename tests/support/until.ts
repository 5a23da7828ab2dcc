import { waitUntil } from './wait-until.ts';

/** Waits until a condition holds; fails when that takes too long. */
export async function until(holds: () => boolean): Promise<void> {
  await waitUntil(
    () => holds() || undefined,
    () => String(holds),
  );
}

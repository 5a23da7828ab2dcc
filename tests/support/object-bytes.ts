import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that objects use: compiled code does not count, of which there is more or less as the compiler finds time. */
export function objectBytes(): number {
  collectGarbage();
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !/code|trusted/.test(name))
    .reduce((total, { space_used_size: size }) => total + size, 0);
}

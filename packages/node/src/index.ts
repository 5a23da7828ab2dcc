export { now } from './clock.ts';
export { systemRandom } from './entropy.ts';
export { formatHostAndPort, normaliseAddress } from './udp/ip-address.ts';
export {
  sqliteRegistrationStore,
  type SqliteRegistrationStoreOptions,
} from './sqlite/sqlite-registration-store.ts';
export { udp, type UdpOptions } from './udp/udp-shell.ts';

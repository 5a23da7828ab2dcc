import { MemoryFleetStore } from '../../src/index.ts';
import { fleetStoreContract } from '../support/fleet-store-contract.ts';

fleetStoreContract('the fleet store in memory', () => Promise.resolve(new MemoryFleetStore()));

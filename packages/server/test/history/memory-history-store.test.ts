import { MemoryHistoryStore } from '../../src/index.ts';
import { historyStoreContract } from '../support/history-store-contract.ts';

historyStoreContract('the history in memory', (limits) => Promise.resolve(new MemoryHistoryStore(limits)));

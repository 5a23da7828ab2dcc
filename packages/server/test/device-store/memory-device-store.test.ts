import { MemoryDeviceStore } from '@dunlin/server';

import { deviceStoreContract } from '../support/device-store-contract.ts';

deviceStoreContract('MemoryDeviceStore', {
  open: (limits) => Promise.resolve(new MemoryDeviceStore(limits)),
});

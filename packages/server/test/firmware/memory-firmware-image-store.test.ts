import { MemoryFirmwareImageStore } from '@dunlin/server';

import { firmwareImageStoreContract } from '../support/firmware-image-store-contract.ts';

firmwareImageStoreContract('MemoryFirmwareImageStore', {
  open: (limits) => Promise.resolve(new MemoryFirmwareImageStore(limits)),
});

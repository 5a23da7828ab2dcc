import { MemoryRegistrationStore } from '@dunlin/server';

import { registrationStoreContract } from '../support/registration-store-contract.ts';

registrationStoreContract('MemoryRegistrationStore', {
  open: () => Promise.resolve(new MemoryRegistrationStore()),
});

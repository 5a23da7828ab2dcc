import { MemoryBootstrapConfigurationStore } from '@dunlin/bootstrap';

import { configurationStoreContract } from '../support/configuration-store-contract.ts';

configurationStoreContract('MemoryBootstrapConfigurationStore', {
  open: (limits) => Promise.resolve(new MemoryBootstrapConfigurationStore(limits)),
});

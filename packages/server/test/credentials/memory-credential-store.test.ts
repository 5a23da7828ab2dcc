import { MemoryCredentialStore } from '@dunlin/server';

import { credentialStoreContract } from '../support/credential-store-contract.ts';

credentialStoreContract('MemoryCredentialStore', {
  open: (limits) => Promise.resolve(new MemoryCredentialStore(limits)),
});

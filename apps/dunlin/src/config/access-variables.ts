/** The environment variable of the administrator's password; there is no flag for it, which other users could see. */
export const adminPasswordVariable = 'DUNLIN_ADMIN_PASSWORD';

/** The environment variable of a token: of the server's for automation, and of the one that commands send. */
export const apiTokenVariable = 'DUNLIN_API_TOKEN';

/** The file in the data folder from which commands on this machine take their token. */
export const localTokenFile = 'local-token.json';

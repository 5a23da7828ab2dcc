/** Where the Server of a case listens. */
export const serverAddress = '192.0.2.1';

/** Where the device of a case is. */
export const deviceAddress = '192.0.2.7';

/** The endpoint name of the device of a case. */
export const endpointName = 'urn:dev:ops:32473-enabler';

/** Where packages are that are no concern of the Server. */
export const packageServerAddress = '192.0.2.80';

import { accessText } from './en-access.ts';
import { bootstrapText } from './en-bootstrap.ts';
import { deviceText } from './en-device.ts';
import { pageText } from './en-pages.ts';

/** What the console says, in English. Other texts come from the server, or from the devices. */
export const text: typeof pageText & typeof deviceText & typeof accessText & typeof bootstrapText = {
  ...pageText,
  ...deviceText,
  ...accessText,
  ...bootstrapText,
};

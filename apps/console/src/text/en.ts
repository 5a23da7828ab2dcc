import { accessText } from './en-access.ts';
import { bootstrapText } from './en-bootstrap.ts';
import { deviceText } from './en-device.ts';
import { pageText } from './en-pages.ts';
import { smsText } from './en-sms.ts';

/** What the console says, in English. Other texts come from the server, or from the devices. */
export const text: typeof pageText &
  typeof deviceText &
  typeof accessText &
  typeof bootstrapText &
  typeof smsText = {
  ...pageText,
  ...deviceText,
  ...accessText,
  ...bootstrapText,
  ...smsText,
};

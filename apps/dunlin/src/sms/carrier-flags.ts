import type { Command } from 'commander';

import { smppPasswordVariable, smsCarrierVariables } from '../config/sms-carrier-settings.ts';

/** What the help of a flag says: its text, the variable that sets the same, and what is without it. */
export type FlagHelp = (text: string, variable: string, value: string) => string;

/** Adds the flags that say what short messages go over, `SmsCarrierTexts`. */
export function withSmsCarrierFlags(command: Command, help: FlagHelp): Command {
  const v = smsCarrierVariables;
  return command
    .option(
      '--smpp <url>',
      help(
        'the message centre for short messages, smpp://host:port or smpps://host:port, or none',
        v.smpp,
        'none',
      ),
    )
    .option('--smpp-system-id <name>', help('the name of the account there', v.smppSystemId, 'none'))
    .option(
      '--smpp-password-file <file>',
      help('the file of its password', v.smppPasswordFile, `what ${smppPasswordVariable} holds`),
    )
    .option(
      '--sms-modem <device>',
      help(
        'a modem in place of a message centre: its serial port, such as /dev/ttyUSB2, or none',
        v.smsModem,
        'none',
      ),
    )
    .option(
      '--sms-pin-file <file>',
      help('the file of the PIN of its SIM card; tried once', v.smsPinFile, 'none'),
    );
}

import { parsePhoneNumber } from '@dunlin/lwm2m';
import { type Command, InvalidArgumentError } from 'commander';

import { withSmsCarrierFlags } from '../sms/carrier-flags.ts';

/** Adds the flags of `ClientSmsFlags` to a command. */
export function withSmsOptions(command: Command): Command {
  const numbered = command
    .option('--sms <number>', 'the own telephone number, for binding modes with an S', numberFrom)
    .option(
      '--sms-server <number>',
      'the number of the server; messages of others are passed over',
      numberFrom,
    );
  return withSmsCarrierFlags(numbered, (text, _variable, value) =>
    value === 'none' ? text : `${text} (default ${value})`,
  )
    .option('--sms-psk-identity <id>', 'the identity for DTLS over short messages; default the endpoint name')
    .option('--sms-psk-key-file <file>', 'the key for it in hexadecimal digits in a file')
    .option(
      '--sms-unprotected',
      'take everything without DTLS, not only what wakes the device: for a laboratory',
    );
}

/** The digits of a telephone number. */
function numberFrom(text: string): string {
  const number = parsePhoneNumber(text);
  if (number !== undefined) return number;
  throw new InvalidArgumentError('It is a telephone number with its country code, such as +491700000001.');
}

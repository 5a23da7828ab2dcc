import { parsePhoneNumber } from '@dunlin/lwm2m';
import { type Command, InvalidArgumentError } from 'commander';

/** Adds the flags of `ClientSmsFlags` to a command. */
export function withSmsOptions(command: Command): Command {
  return command
    .option('--sms <number>', 'the own telephone number, for binding modes with an S', numberFrom)
    .option(
      '--sms-server <number>',
      'the number of the server; messages of others are passed over',
      numberFrom,
    )
    .option('--sms-modem <device>', 'the serial port of a modem, such as /dev/ttyUSB2')
    .option('--sms-pin-file <file>', 'the PIN of its SIM card in a file; tried once')
    .option('--smpp <url>', 'a message centre in place of a modem: smpp://host:2775 or smpps://host:3550')
    .option('--smpp-system-id <id>', 'the account there; the password is in DUNLIN_SMPP_PASSWORD')
    .option('--smpp-password-file <file>', 'the password in a file')
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

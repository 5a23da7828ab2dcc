import { type Command, Option } from 'commander';

import { extendedMasterSecretModes } from '../config/extended-master-secret.ts';

/** Adds the flags of `ClientSecurityFlags` to a command. */
export function withSecurityOptions(command: Command): Command {
  return command
    .option('--psk-identity <id>', 'the identity of the pre-shared key; default the endpoint name')
    .option(
      '--psk-key <hex>',
      'the pre-shared key; others on this machine may see it, and your shell keeps it',
    )
    .option('--psk-key-file <file>', 'the pre-shared key in hexadecimal digits in a file')
    .option(
      '--private-key <file>',
      'the device’s private key, PEM or DER, for raw public keys and certificates',
    )
    .option('--public-key <file>', 'its raw public key; default the one that belongs to the private key')
    .option('--server-public-key <file>', 'the server’s raw public key: dunlin credentials server prints it')
    .option('--certificate <file>', 'the device’s certificate')
    .option('--server-certificate <file>', 'the server’s certificate, which must name the host of --server')
    .addOption(
      new Option(
        '--extended-master-secret <mode>',
        'whether servers without it are refused over DTLS (RFC 7627)',
      )
        .choices(extendedMasterSecretModes)
        .default('required'),
    );
}

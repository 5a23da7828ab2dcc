import type { ServerIdentityDocument } from '@dunlin/api';
import { type Command, Option } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import { type ApiCommandOptions, apiCommand, apiOf, print } from '../api-command.ts';
import type { CredentialCommandScope } from '../credential-command-scope.ts';

const forms = ['pem', 'base64', 'hex'] as const;

interface ServerOptions extends ApiCommandOptions {
  readonly form: (typeof forms)[number];
}

/** `dunlin credentials server`. */
export function serverCredentialsCommand(context: ProgramContext, scope: CredentialCommandScope): Command {
  return apiCommand('server', 'print the server’s public key and certificate, for devices to know it by')
    .addOption(
      new Option('--form <form>', 'PEM, or DER in base64 or hexadecimal digits')
        .choices(forms)
        .default('pem'),
    )
    .action(async (options: ServerOptions) => {
      const calls = scope.callsOf(apiOf(context, options));
      const identity = await calls.serverIdentity({ signal: context.interrupted });
      await print(context, options, { json: identity, text: () => identityText(identity, options.form) });
    });
}

/** Facts, then what is to be put into a device; readers of PEM pass over what stands before it. */
function identityText(identity: ServerIdentityDocument, form: ServerOptions['form']): string {
  const { coaps, publicKey, publicKeyFingerprint, certificate } = identity;
  return [
    ...coaps.map((uri) => `listens     ${uri}`),
    `public key  ${publicKeyFingerprint}`,
    derText(publicKey, 'PUBLIC KEY', form),
    ...(certificate === null
      ? []
      : [
          `certificate ${certificate.subject} ${certificate.fingerprint}`,
          derText(certificate.certificate, 'CERTIFICATE', form),
        ]),
    '',
  ].join('\n');
}

function derText(base64: string, label: string, form: ServerOptions['form']): string {
  switch (form) {
    case 'base64':
      return base64;
    case 'hex':
      return Buffer.from(base64, 'base64').toString('hex');
    case 'pem': {
      const lines = base64.match(/.{1,64}/g) ?? [];
      return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n');
    }
  }
}

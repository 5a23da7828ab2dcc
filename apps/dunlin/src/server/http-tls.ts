import { createSecureContext, type SecureContextOptions, Server } from 'node:tls';

import { type Signal, UsageError } from '@dunlin/base';
import type { Logger } from 'pino';

import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import { FollowedFiles } from './followed-files.ts';

/** PEM texts of a certificate, with those above it, and of its key. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** What every server over TLS is set up with. */
export function secureContextOf(files: TlsFiles): SecureContextOptions {
  return { ...files, minVersion: 'TLSv1.2' };
}

/** Opens the files of TLS for HTTP; rejects with an error of one line when they are none. */
export async function openHttpTls(
  paths: { readonly certificate: string; readonly key: string } | undefined,
  log: Logger,
): Promise<FollowedFiles<TlsFiles> | undefined> {
  if (paths === undefined) return undefined;
  const { certificate, key } = paths;
  return await FollowedFiles.open({
    name: 'certificate of HTTP',
    paths: [certificate, key],
    contentOf([certificateBytes = none, keyBytes = none]) {
      const files = { cert: textOf(certificateBytes), key: textOf(keyBytes) };
      try {
        createSecureContext(files);
        return files;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const message = `http-certificate ${certificate} and http-key ${key} cannot be used: ${reason}`;
        throw new ProgramError(ExitCode.failure, message, { cause: error });
      }
    },
    log,
  });
}

/** Gives a server, which speaks TLS, what its certificate becomes, until disposed. */
export function followCertificate(server: object, renewed: Signal<TlsFiles>): Disposable {
  if (!(server instanceof Server)) throw new UsageError('a server without TLS has no certificate');
  return renewed.subscribe((files) => server.setSecureContext(secureContextOf(files)));
}

const none = new Uint8Array();

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

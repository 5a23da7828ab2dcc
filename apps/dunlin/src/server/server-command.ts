import { type Command, Command as CommanderCommand, Option } from 'commander';
import type { Logger } from 'pino';

import { adminPasswordVariable, apiTokenVariable } from '../config/access-variables.ts';
import { firmwareSettingsDefaults, firmwareVariables } from '../config/firmware-settings.ts';
import { historySettingsDefaults, historyVariables } from '../config/history-settings.ts';
import { configVariable, fileSettings } from '../config/file-settings.ts';
import { httpSettingsDefaults, metricsReaders } from '../config/http-settings.ts';
import {
  logLevels,
  masterKeyVariable,
  type ServerSettings,
  serverSettings,
  type ServingProgram,
  serverSettingsDefaults,
  settingsFromEnvironment,
  type SettingTexts,
  settingVariables,
} from '../config/server-settings.ts';
import { smppPasswordVariable } from '../config/sms-carrier-settings.ts';
import { smsNumberVariable } from '../config/sms-settings.ts';
import { exitCodeHelp } from '../program/exit-code.ts';
import type { ProgramContext } from '../program/program-context.ts';
import { reloadOnHangUp } from '../program/reload-on-hang-up.ts';
import { untilInterrupted } from '../program/until-interrupted.ts';
import { withSmsCarrierFlags } from '../sms/carrier-flags.ts';
import type { RunningAccess } from './open-access.ts';
import type { RunningBootstrap } from './open-bootstrap.ts';
import type { RunningServer, ServeOptions } from './serve.ts';

/** What the environment alone gives: flags can be seen by other users. */
export const secretsHelp: string = [
  'Secrets, in the environment:',
  `  ${adminPasswordVariable}  the password of the user admin (default: made at the first start)`,
  `  ${apiTokenVariable}       a token of an administrator, for automation (default: none)`,
  `  ${masterKeyVariable}      what stored keys are sealed with (default: master.key in the data folder)`,
].join('\n');

/** The flags of `dunlin server` and `npm start`. */
export interface ServerFlags extends SettingTexts {
  readonly config?: string;
}

/** `dunlin server`. */
export function serverCommand(context: ProgramContext): Command {
  return withServerFlags(new CommanderCommand('server').summary('run the server'))
    .description('Run the server: CoAP for devices, HTTP for people and programs.')
    .addHelpText('after', `\n${secretsHelp}\n\n${exitCodeHelp}`)
    .action(async (flags: ServerFlags) => {
      const settings = await settingsOf(context, flags);
      // Commands against a running server start faster without what only the server needs.
      const [{ openLog }, { serve }] = await Promise.all([import('./log.ts'), import('./serve.ts')]);
      const log = openLog(context.stderr, settings.logLevel);
      await using server = await serve(settings, serveOptions(context, log));
      using _reloading = reloadOnHangUp(context, () => server.certificates.look());
      await context.stdout.write(`${addressesText(server)}${administratorText(server.access)}`);
      await untilInterrupted(context);
    });
}

/** Adds the flags of a server to a command. */
export function withServerFlags(command: Command): Command {
  const d = serverSettingsDefaults;
  const listening = command
    .option(
      '--coap <host:port>',
      help(
        'where plain CoAP listens, or none; may be given several times',
        settingVariables.coap,
        d.coap.join(','),
      ),
      another,
    )
    .option(
      '--coaps <host:port>',
      help(
        'where CoAP over DTLS listens, or none; may be given several times',
        settingVariables.coaps,
        d.coaps.join(','),
      ),
      another,
    )
    .option(
      '--server-key <file>',
      help('the server’s private key, PEM or DER', settingVariables.serverKey, 'one of its own making'),
    )
    .option(
      '--server-certificate <file>',
      help('the server’s certificate, PEM or DER', settingVariables.serverCertificate, 'none'),
    );
  return withCommonFlags(withBootstrapFlags(withHistoryFlags(withSmsFlags(withFirmwareFlags(listening)))));
}

/** Adds the flags of a server that gives firmware to devices. */
function withFirmwareFlags(command: Command): Command {
  const d = firmwareSettingsDefaults;
  return command
    .option(
      '--firmware-uri <uri>',
      help(
        'a base URI under which devices reach this server to fetch firmware; may be given several times',
        firmwareVariables.firmwareUri,
        'by CoAP where they registered',
      ),
      another,
    )
    .option(
      '--firmware-http <host:port>',
      help('where HTTP gives firmware to devices', firmwareVariables.firmwareHttp, d.firmwareHttp),
    )
    .option(
      '--firmware-https <host:port>',
      help('where HTTPS gives firmware to devices', firmwareVariables.firmwareHttps, d.firmwareHttps),
    )
    .option(
      '--firmware-image-size <size>',
      help('the largest image that is taken', firmwareVariables.firmwareImageSize, d.firmwareImageSize),
    )
    .option(
      '--firmware-total-size <size>',
      help('how much room all images may take', firmwareVariables.firmwareTotalSize, d.firmwareTotalSize),
    );
}

/** Adds the flags of a server that keeps what devices say. */
function withHistoryFlags(command: Command): Command {
  const d = historySettingsDefaults;
  return command
    .option(
      '--history-age <time>',
      help(
        'how long values of devices are kept, such as 12h or 30d, or none',
        historyVariables.historyAge,
        d.historyAge,
      ),
    )
    .option(
      '--history-samples <count>',
      help('how many values of one path are kept', historyVariables.historySamples, d.historySamples),
    )
    .option(
      '--history-size <size>',
      help('how much room all values may take', historyVariables.historySize, d.historySize),
    );
}

/** Adds the flags of a server that sends and receives short messages; the file has more settings for them. */
function withSmsFlags(command: Command): Command {
  return withSmsCarrierFlags(command, help).option(
    '--sms-number <number>',
    help('our number there', smsNumberVariable, 'none'),
  );
}

/** Adds the flags of a Bootstrap-Server to a command. */
export function withBootstrapFlags(command: Command): Command {
  const d = serverSettingsDefaults;
  return command
    .option(
      '--bootstrap-coap <host:port>',
      help(
        'where plain CoAP of the Bootstrap-Server listens, or none; may be given several times',
        settingVariables.bootstrapCoap,
        d.bootstrapCoap.join(','),
      ),
      another,
    )
    .option(
      '--bootstrap-coaps <host:port>',
      help(
        'where CoAP over DTLS of the Bootstrap-Server listens, or none; may be given several times',
        settingVariables.bootstrapCoaps,
        d.bootstrapCoaps.join(','),
      ),
      another,
    )
    .option(
      '--bootstrap-key <file>',
      help(
        'the Bootstrap-Server’s private key, PEM or DER',
        settingVariables.bootstrapKey,
        'one of its own making',
      ),
    )
    .option(
      '--bootstrap-certificate <file>',
      help('the Bootstrap-Server’s certificate, PEM or DER', settingVariables.bootstrapCertificate, 'none'),
    );
}

/** Adds the flags that every server has to a command. */
export function withCommonFlags(command: Command): Command {
  const d = serverSettingsDefaults;
  return command
    .option('--http <host:port>', help('where HTTP listens', settingVariables.http, d.http))
    .option(
      '--read-facts <true|false>',
      help(
        'whether devices are asked what they are once they have registered',
        settingVariables.readFacts,
        d.readFacts,
      ),
    )
    .option(
      '--extended-master-secret <required|optional>',
      help(
        'whether devices without it are refused over DTLS (RFC 7627)',
        settingVariables.extendedMasterSecret,
        d.extendedMasterSecret,
      ),
    )
    .option(
      '--http-certificate <file>',
      help('the certificate of HTTP over TLS, PEM', settingVariables.httpCertificate, 'plain HTTP'),
    )
    .option('--http-key <file>', help('its private key, PEM', settingVariables.httpKey, 'none'))
    .option('--data <folder>', help('where the databases are', settingVariables.data, d.data))
    .option(
      '--master-key-file <file>',
      help(
        'what stored keys are sealed with',
        settingVariables.masterKeyFile,
        'master.key in the data folder',
      ),
    )
    .option(
      '--key-log <file>',
      'give the keys of all DTLS associations away to this file, for debugging only',
    )
    .addOption(
      new Option(
        '--metrics-access <who>',
        help('who may read /metrics', settingVariables.metricsAccess, httpSettingsDefaults.metricsAccess),
      ).choices(metricsReaders),
    )
    .addOption(
      new Option(
        '--log-level <level>',
        help('how much is logged', settingVariables.logLevel, d.logLevel),
      ).choices(logLevels),
    )
    .option(
      '--config <file>',
      'the file of settings (also DUNLIN_CONFIG; default ./dunlin.toml if there is one)',
    );
}

function another(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** What a flag's help says. */
function help(text: string, variable: string, value: string): string {
  return `${text} (also ${variable}; default ${value})`;
}

/** The settings from flags over environment over file. */
export async function settingsOf(
  context: ProgramContext,
  flags: ServerFlags,
  program: ServingProgram = 'server',
): Promise<ServerSettings> {
  const { config, ...texts } = flags;
  const sources = [
    { name: 'flag', texts },
    { name: 'environment', texts: settingsFromEnvironment(context.env) },
    { name: 'file', texts: await fileSettings(context, config ?? context.env[configVariable]) },
  ];
  return serverSettings(sources, program);
}

/** What a server needs beside its settings, from the system. */
export function serveOptions(context: ProgramContext, log: Logger): ServeOptions {
  const { env, version } = context;
  const secrets = { adminPassword: env[adminPasswordVariable], apiToken: env[apiTokenVariable] };
  const { [masterKeyVariable]: masterKey, [smppPasswordVariable]: smppPassword } = env;
  return { log, version, masterKey, smppPassword, secrets };
}

/** What is where, for people. */
export function addressesText(server: RunningServer): string {
  return [
    ...server.coap.map(({ uri }) => `CoAP       ${uri}`),
    ...server.coaps.map(({ uri }) => `CoAPs      ${uri}`),
    ...(server.bootstrap === undefined ? [] : bootstrapLines(server.bootstrap)),
    ...server.firmware.map((url) => `Firmware   ${url}`),
    ...(server.sms === undefined ? [] : [`SMS        ${server.sms}`]),
    `HTTP       ${server.httpUrl}`,
    `Data       ${server.data}`,
    '',
  ].join('\n');
}

/** What to sign in with for the first time; nothing later on. */
export function administratorText({ made }: Pick<RunningAccess, 'made'>): string {
  if (made === undefined) return '';
  return [
    '',
    `Sign in as ${made.name} with the password ${made.password}`,
    'It is shown this once; change it, or set another with DUNLIN_ADMIN_PASSWORD.',
    '',
  ].join('\n');
}

/** Where the Bootstrap-Server is, one line each. */
export function bootstrapLines({ coap, coaps }: Pick<RunningBootstrap, 'coap' | 'coaps'>): readonly string[] {
  return [...coap, ...coaps].map(({ uri }) => `Bootstrap  ${uri}`);
}

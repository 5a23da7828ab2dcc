import { join } from 'node:path';

import { passwordLengths } from '@dunlin/api';
import { StorageError } from '@dunlin/base';
import { now } from '@dunlin/node';
import type { Logger } from 'pino';

import { AccessControl } from '../access/access-control.ts';
import { environmentToken, type FixedToken, localToken } from '../access/fixed-token.ts';
import { LiveRequests } from '../access/live-requests.ts';
import { PasswordHash } from '../access/password-hash.ts';
import { SignInLimits } from '../access/sign-in-limits.ts';
import { sqliteAccessStore } from '../access/sqlite-access-store.ts';
import type { AuditEntry, AuditLog } from '../audit/audit-log.ts';
import { sqliteAuditLog } from '../audit/sqlite-audit-log.ts';
import { adminPasswordVariable, apiTokenVariable } from '../config/access-variables.ts';
import type { HttpSettings } from '../config/http-settings.ts';
import type { AuditParts } from '../http/audit-hook.ts';
import { ExitCode } from '../program/exit-code.ts';
import { ProgramError } from '../program/program-error.ts';
import { openLocalToken } from './local-token-file.ts';
import type { StoreWatch } from './store-watch.ts';

/** The user that the first start makes. */
const adminName = 'admin';

/** Characters of a token that somebody chose: fewer can be guessed. */
const shortestToken = 24;

const day = 24 * 60 * 60 * 1000;

/** Where who may do what is kept. */
interface AccessPlace {
  /** The data folder. */
  readonly folder: string;
  readonly serving: Pick<HttpSettings, 'auditDays' | 'sessions'>;
  readonly storeWatch: Pick<StoreWatch, 'add'>;
  readonly log: Logger;
}

/** Secrets that the environment gives. */
export interface AccessSecrets {
  readonly adminPassword: string | undefined;
  readonly apiToken: string | undefined;
}

/** Who may use the interface, until it is disposed. */
export interface RunningAccess extends AsyncDisposable {
  readonly control: AccessControl;
  readonly live: LiveRequests;
  readonly audit: AuditParts;
  /** The administrator that this start made, with a password that is shown this once. */
  readonly made: { readonly name: string; readonly password: string } | undefined;
  /** Leaves the token for commands on this machine, which reach the server there. */
  announce(url: string): Promise<void>;
  /** A path that signs an administrator in, once and soon; `undefined` when there is none. */
  signInPath(): Promise<string | undefined>;
}

/** Opens users, sessions and tokens in the data folder; the first time it makes an administrator. */
export async function openAccess(
  { folder, serving, storeWatch, log }: AccessPlace,
  { adminPassword, apiToken }: AccessSecrets,
): Promise<RunningAccess> {
  await using opened = new AsyncDisposableStack();
  const given = givenToken(apiToken);
  const password = givenPassword(adminPassword);
  const store = opened.use(await told(sqliteAccessStore({ path: join(folder, 'access.sqlite') })));
  storeWatch.add('access.sqlite', store);
  const audit = opened.use(
    await told(
      sqliteAuditLog({ path: join(folder, 'audit.sqlite'), limits: { retention: serving.auditDays * day } }),
    ),
  );
  storeWatch.add('audit.sqlite', audit);
  const local = await openLocalToken(folder);
  const control = new AccessControl({
    store,
    passwords: new PasswordHash(),
    limits: new SignInLimits(now),
    now,
    times: serving.sessions,
    fixedTokens: [...given, localToken(local.secret)],
  });
  const live = opened.use(new LiveRequests(control));
  const made = await ensureAdministrator({ control, audit, log }, password);
  const resources = opened.move();
  return {
    control,
    live,
    audit: { log: audit, now },
    made,
    announce: (url) => local.write(url),
    signInPath: () => signInPath(control),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** A store says in one line what is wrong with its file, and with which. */
async function told<Store>(opening: Promise<Store>): Promise<Store> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof StorageError) {
      throw new ProgramError(ExitCode.failure, error.message, { cause: error });
    }
    throw error;
  }
}

/** The first start makes an administrator; a password from the environment holds from every start on. */
async function ensureAdministrator(
  parts: { readonly control: AccessControl; readonly audit: AuditLog; readonly log: Logger },
  given: string | undefined,
): Promise<RunningAccess['made']> {
  const { control, audit, log } = parts;
  const { store } = control;
  if (given === undefined) {
    const [anybody] = await store.users({ limit: 1 });
    if (anybody !== undefined) return undefined;
    const added = await control.addUser(adminName, 'administrator');
    if (added.kind !== 'added' || added.password === undefined) return undefined;
    await audit.append(ownEntry('addUser'));
    log.info({ user: adminName }, 'made an administrator');
    return { name: adminName, password: added.password };
  }
  const present = await store.user(adminName);
  if (present === undefined) {
    await control.addUser(adminName, 'administrator', given);
    await audit.append(ownEntry('addUser'));
    log.info({ user: adminName }, `made an administrator with the password in ${adminPasswordVariable}`);
    return undefined;
  }
  if (present.role !== 'administrator') await control.setRole(adminName, 'administrator');
  if (await control.isPassword(adminName, given)) return undefined;
  await control.setPassword(adminName, given);
  await audit.append(ownEntry('changeUser'));
  log.info(
    { user: adminName },
    `the password is now that in ${adminPasswordVariable}; every session has ended`,
  );
  return undefined;
}

/** What the server does to the administrator by itself. */
function ownEntry(action: string): AuditEntry {
  return {
    time: now(),
    actorKind: 'server',
    actor: undefined,
    from: undefined,
    action,
    endpoint: undefined,
    path: undefined,
    subject: adminName,
    outcome: 'done',
    status: undefined,
    error: undefined,
  };
}

async function signInPath(control: AccessControl): Promise<string | undefined> {
  const users = await control.store.users({ limit: 1000 });
  const administrators = users.filter(({ role }) => role === 'administrator');
  const user = administrators.find(({ name }) => name === adminName) ?? administrators[0];
  return user === undefined ? undefined : `/sign-in/${control.newLink(user.name)}`;
}

function givenToken(text: string | undefined): readonly FixedToken[] {
  if (text === undefined || text === '') return [];
  if (text.length >= shortestToken && /^[\x21-\x7e]+$/.test(text)) {
    return [environmentToken(text, apiTokenVariable)];
  }
  throw new ProgramError(
    ExitCode.usage,
    `${apiTokenVariable} must have ${shortestToken} characters or more, without blanks, such as openssl rand -hex 32 prints`,
  );
}

function givenPassword(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const { least, most } = passwordLengths;
  if (text.length >= least && text.length <= most) return text;
  throw new ProgramError(ExitCode.usage, `${adminPasswordVariable} must have ${least} to ${most} characters`);
}

/** A version of the LwM2M enabler: `1.0`. */
export interface EnablerVersion {
  readonly major: number;
  readonly minor: number;
}

/** The version that this package speaks, as Client and as Server. */
export const enablerVersion: EnablerVersion = { major: 1, minor: 0 };

/** The version that the parameter `lwm2m` names, or `undefined` when it is not of the form `major.minor`. */
export function parseEnablerVersion(text: string): EnablerVersion | undefined {
  const match = /^(?<major>0|[1-9]\d?)\.(?<minor>0|[1-9]\d?)$/.exec(text);
  if (match?.groups === undefined) return undefined;
  return { major: Number(match.groups['major']), minor: Number(match.groups['minor']) };
}

/** The text of a version: `1.0`. */
export function formatEnablerVersion({ major, minor }: EnablerVersion): string {
  return `${major}.${minor}`;
}

/**
 * True when a Server of the one version may register a Client of the other: the major versions are the
 * same, and the Client's is not the higher one. Otherwise the answer is 4.12, on which Clients that
 * speak several versions step down.
 */
export function acceptsVersion(server: EnablerVersion, client: EnablerVersion): boolean {
  return client.major === server.major && client.minor <= server.minor;
}

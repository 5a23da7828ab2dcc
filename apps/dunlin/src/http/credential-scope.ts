/** Whose credentials the routes are of: each server has its own. */
export interface CredentialScope {
  /** What the paths have in front, below `/api/v1`. */
  readonly base: string;
  /** What the operation ids have in front of `Credential`. */
  readonly word: string;
  readonly tag: string;
  /** What a device may do with one, for summaries. */
  readonly purpose: string;
}

/** The scope of the server that devices register with. */
export const registrationScope: CredentialScope = {
  base: '',
  word: '',
  tag: 'credentials',
  purpose: 'registering',
};

/** The scope of the Bootstrap-Server. */
export const bootstrapScope: CredentialScope = {
  base: '/bootstrap',
  word: 'Bootstrap',
  tag: 'bootstrap',
  purpose: 'a bootstrap',
};

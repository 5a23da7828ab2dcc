import { createHash, randomBytes, randomInt } from 'node:crypto';

/** What tokens begin with, so that people and scanners of repositories recognise one that lies about. */
export const tokenPrefix = 'dunlin_';

/** 256 random bits as text. */
export function newSecretText(): string {
  return randomBytes(32).toString('base64url');
}

/** A name for people and lists: unique, and no secret. */
export function newAccessId(): string {
  return randomBytes(8).toString('hex');
}

/** 120 random bits as a password that can be read out: letters and digits that are not mistaken for each other. */
export function newPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = (): string => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return Array.from({ length: 5 }, group).join('-');
}

/**
 * What is kept of a secret that was drawn at random: nobody can search for 256 bits, so that a fast hash is enough, and
 * looking it up by its hash tells whoever measures the time nothing that would help to guess it.
 */
export function secretHash(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

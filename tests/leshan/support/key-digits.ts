import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The DER of a PEM file with a certificate, in hexadecimal digits, which our programs on Leshan take keys as. */
export function derOfCertificate(file: string): string {
  return new X509Certificate(readFileSync(file)).raw.toString('hex');
}

/** The PKCS #8 DER of a PEM file with a private key. */
export function derOfPrivateKey(file: string): string {
  return createPrivateKey(readFileSync(file)).export({ format: 'der', type: 'pkcs8' }).toString('hex');
}

/** The SubjectPublicKeyInfo DER of a PEM file with a public key. */
export function derOfPublicKey(file: string): string {
  return createPublicKey(readFileSync(file)).export({ format: 'der', type: 'spki' }).toString('hex');
}

/** Bytes in base64, in hexadecimal digits. */
export function hexOfBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('hex');
}

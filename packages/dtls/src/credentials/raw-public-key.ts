import { createPublicKey, type KeyObject, timingSafeEqual } from 'node:crypto';

import { AlertDescription } from '../wire/alert-description.ts';
import { malformed, type Malformed } from '../wire/malformed.ts';
import { DerReader, DerTag } from './der-reader.ts';
import {
  base64Url,
  curveOf,
  type EllipticCurve,
  ellipticCurves,
  keyAlgorithmName,
  ecPublicKeyOid,
} from './elliptic-curve.ts';

/** The longest SubjectPublicKeyInfo that is read, in bytes; that of P-384 has 120. */
const maxInfoLength = 2048;

/** The first byte of a point in uncompressed form (SEC 1 §2.3.3), the only one that is read (RFC 8422 §5.1.2). */
const uncompressedForm = 4;

/**
 * The public key of a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 5480 §2) on P-256 or P-384. Other keys, and
 * points that are not on their curve, are refused with their reason.
 */
export function parseSubjectPublicKeyInfo(info: Uint8Array): KeyObject | Malformed {
  if (info.length > maxInfoLength)
    return unsupported(`The public key is longer than ${maxInfoLength} bytes.`);
  const reader = new DerReader(info);
  const body = reader.nested(DerTag.sequence);
  const algorithm = body.nested(DerTag.sequence);
  const algorithmOid = algorithm.objectIdentifier();
  if (algorithmOid !== ecPublicKeyOid) return refusedAlgorithm(reader, algorithm, body, algorithmOid);
  const curveOid = algorithm.objectIdentifier();
  const point = body.wholeBits();
  const problem = reader.problem('The public key', AlertDescription.badCertificate);
  if (problem !== undefined) return problem;
  const curve = curveOf(curveOid);
  if (curve === undefined) return unsupported(`The public key is on the curve ${curveOid}; ${supported}.`);
  return publicKeyOf(curve, point);
}

/** Compares two SubjectPublicKeyInfos bit by bit, in constant time (1.0 §7.1.8). */
export function isSamePublicKey(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function publicKeyOf(curve: EllipticCurve, point: Uint8Array): KeyObject | Malformed {
  const { coordinateLength, jwkName } = ellipticCurves[curve];
  if (point.length !== 1 + 2 * coordinateLength || point[0] !== uncompressedForm) {
    return unsupported(`The public key is not an uncompressed point of ${jwkName}.`);
  }
  const x = base64Url(point.subarray(1, 1 + coordinateLength));
  const y = base64Url(point.subarray(1 + coordinateLength));
  try {
    return createPublicKey({ key: { kty: 'EC', crv: jwkName, x, y }, format: 'jwk' });
  } catch {
    return malformed('The public key is not a point on its curve.', AlertDescription.badCertificate);
  }
}

/** A key that is no EC key is named, when it is a key at all. */
function refusedAlgorithm(reader: DerReader, algorithm: DerReader, body: DerReader, oid: string): Malformed {
  while (algorithm.hasMore) algorithm.any();
  body.wholeBits();
  return (
    reader.problem('The public key', AlertDescription.badCertificate) ??
    unsupported(`The public key is of the algorithm ${keyAlgorithmName(oid)}; ${supported}.`)
  );
}

const supported = 'only ECDSA keys on P-256 and P-384 are supported';

function unsupported(reason: string): Malformed {
  return malformed(reason, AlertDescription.unsupportedCertificate);
}

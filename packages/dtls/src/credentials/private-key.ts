import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto';

import { equalBytes } from '@dunlin/base';

import { plainBytes } from '../crypto/plain-bytes.ts';
import { AlertDescription } from '../wire/alert-description.ts';
import { isMalformed, malformed, type Malformed } from '../wire/malformed.ts';
import { DerReader, DerTag } from './der-reader.ts';
import {
  base64Url,
  curveOf,
  type EllipticCurve,
  ellipticCurves,
  ecPublicKeyOid,
  keyAlgorithmName,
} from './elliptic-curve.ts';
import { asText, decodePem, looksLikePem } from './pem.ts';

/** The longest private key that is read, in bytes; that of P-384 has 185 in PKCS#8. */
const maxKeyLength = 16_384;

/**
 * The private key, on P-256 or P-384, of PKCS#8 (RFC 5958) or SEC 1 (RFC 5915), each as DER or PEM: devices in the
 * field hold either in `/0/x/5`, and so does the example of 1.0 Appendix F. No reason of a failure says anything of
 * the key but its algorithm.
 */
export function parsePrivateKey(input: Uint8Array): KeyObject | Malformed {
  if (input.length > maxKeyLength) return failure(`The private key is longer than ${maxKeyLength} bytes.`);
  if (!looksLikePem(input)) return parseDer(input);
  const blocks = decodePem(asText(input));
  if (isMalformed(blocks)) return blocks;
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  const [block] = keys;
  if (block === undefined || keys.length > 1) {
    return failure(`There are ${keys.length} private keys in the PEM text, where one is needed.`);
  }
  switch (block.label) {
    case 'PRIVATE KEY':
    case 'EC PRIVATE KEY':
      return parseDer(block.bytes);
    case 'ENCRYPTED PRIVATE KEY':
      return failure('The private key is encrypted; only plain ones are read.');
    default:
      return failure(`A PEM block ${block.label} is no key of a supported kind.`);
  }
}

/** Both forms begin with a version; in SEC 1 an OCTET STRING follows, in PKCS#8 a SEQUENCE. */
function parseDer(der: Uint8Array): KeyObject | Malformed {
  const reader = new DerReader(der);
  const body = reader.nested(DerTag.sequence);
  const version = body.smallInteger();
  if (body.nextTag === DerTag.octetString) return parseSec1(reader, body, version, undefined);
  if (version > 1) body.fail('the version is none that is known');
  const algorithm = body.nested(DerTag.sequence);
  const algorithmOid = algorithm.objectIdentifier();
  if (algorithmOid !== ecPublicKeyOid) {
    const isKey = body.nextTag === DerTag.octetString;
    return failure(
      isKey
        ? `The private key is of the algorithm ${keyAlgorithmName(algorithmOid)}; ${supported}.`
        : notAKey,
    );
  }
  const curveOid = algorithm.objectIdentifier();
  const inner = body.within(body.element(DerTag.octetString).content).nested(DerTag.sequence);
  body.optional(0xa0); // attributes
  body.optional(0x81); // public key, which is derived instead
  return parseSec1(reader, inner, inner.smallInteger(), curveOid);
}

/** The rest of an ECPrivateKey (RFC 5915 §3) whose curve may be known from outside. */
function parseSec1(
  reader: DerReader,
  body: DerReader,
  version: number,
  outerCurve: string | undefined,
): KeyObject | Malformed {
  if (version !== 1) body.fail('the version is none that is known');
  const scalar = body.element(DerTag.octetString).content;
  const curveOid = body.optionalNested(0xa0)?.objectIdentifier() ?? outerCurve;
  const point = body.optionalNested(0xa1)?.wholeBits();
  if (reader.problem('The private key') !== undefined) return failure(notAKey);
  if (curveOid === undefined) return failure('The private key does not name its curve.');
  if (outerCurve !== undefined && curveOid !== outerCurve)
    return failure('The private key names two curves.');
  const curve = curveOf(curveOid);
  if (curve === undefined) return failure(`The private key is on the curve ${curveOid}; ${supported}.`);
  return keyOf(curve, scalar, point);
}

function keyOf(
  curve: EllipticCurve,
  scalar: Uint8Array,
  point: Uint8Array | undefined,
): KeyObject | Malformed {
  const { coordinateLength, jwkName } = ellipticCurves[curve];
  if (scalar.length !== coordinateLength) return failure('The private key has not the length of its curve.');
  try {
    const pair = createECDH(curve);
    pair.setPrivateKey(scalar);
    const derived = plainBytes(pair.getPublicKey());
    if (point !== undefined && !equalBytes(point, derived)) {
      return failure('The private key holds a public key that is not its own.');
    }
    const x = base64Url(derived.subarray(1, 1 + coordinateLength));
    const y = base64Url(derived.subarray(1 + coordinateLength));
    const key = { kty: 'EC', crv: jwkName, x, y, d: base64Url(scalar) };
    return createPrivateKey({ key, format: 'jwk' });
  } catch {
    return failure('The private key is not a number that its curve allows.');
  }
}

const supported = 'only ECDSA keys on P-256 and P-384 are supported';
const notAKey = 'The private key is neither PKCS#8 nor SEC 1 in DER or PEM.';

function failure(reason: string): Malformed {
  return malformed(reason, AlertDescription.internalError);
}

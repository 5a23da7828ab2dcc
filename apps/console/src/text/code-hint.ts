/** What a device most likely means by a code, and what to do (RFC 7252 §5.9; 1.0 §8.2.6). */
const hints: Readonly<Record<string, string>> = {
  '4.00': 'It did not understand the request: look at the format and the value in Messages.',
  '4.01':
    'Its access control does not grant this to the server: see Object 2 (LwM2M Access Control) of the device.',
  '4.02': 'It knows an option of the request not: see Messages.',
  '4.04': 'It has nothing there: Discover tells what it has.',
  '4.05': 'It does not allow this operation there: its definition may, but this device does not.',
  '4.06': 'It cannot give the format that was asked for: choose another one.',
  '4.08': 'A block of the request was missing: try again.',
  '4.13': 'The value is too large for it.',
  '4.15': 'It does not take the format the value was sent in.',
  '5.00': 'It failed inside: its own log says more.',
  '5.01': 'It does not support this.',
  '5.03': 'It is busy: try again later.',
};

/** What to do about a response code of a device. */
export function codeHint(coapCode: string): string | undefined {
  return hints[coapCode];
}

/** An international number without "+": 3 digits of a short code to 15 (ITU-T E.164, 3GPP TS 23.003 §3.3). */
const numberPattern = /^[0-9]{3,15}$/;

/**
 * The digits of a telephone number as people, Security Objects and URIs write it: `+49 170 1234567`,
 * `tel:+49-170-1234567` (RFC 3966), `sms:…` (RFC 5724), `coap+sms://…/`. `undefined` for what is no number.
 */
export function parsePhoneNumber(text: string): string | undefined {
  const [, number = ''] = /^(?:(?:tel|sms|coaps?\+sms):(?:\/\/)?)?([^;?/]*)\/?(?:[;?].*)?$/i.exec(text) ?? [];
  const digits = number
    .trim()
    .replaceAll(/[-. ()]/g, '')
    .replace(/^\+/, '');
  return numberPattern.test(digits) ? digits : undefined;
}

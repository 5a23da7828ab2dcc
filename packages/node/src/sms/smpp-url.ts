import { UsageError } from '@dunlin/base';

/** Where a message centre is. */
export interface SmppAddressee {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

/** As IANA has registered them: `smpp` and `secure-smpp`. */
const defaultPorts = { 'smpp:': 2775, 'smpps:': 3550 } as const;

/** Reads `smpp://host:2775` or, over TLS, `smpps://host:3550`; throws a `UsageError` for anything else. */
export function readSmppUrl(text: string): SmppAddressee {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url?.protocol;
  // The text is not repeated: who mistakes the form may have written the password into it.
  if (url === undefined || (scheme !== 'smpp:' && scheme !== 'smpps:') || url.hostname === '') {
    throw new UsageError('The URL of a message centre is smpp://host:port, or smpps://host:port for TLS.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('The URL of a message centre holds no account: give system id and password apart.');
  }
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new UsageError('The URL of a message centre ends after its port.');
  }
  const port = url.port === '' ? defaultPorts[scheme] : Number(url.port);
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, isSecure: scheme === 'smpps:' };
}

/** Somebody with a SIM card. */
export interface Subscriber {
  /** 15 digits, of the network 001-01. */
  readonly imsi: string;
  /** The telephone number, without "+". */
  readonly number: string;
}

/** Who may connect to the message centre by SMPP, and the number that messages for it go to. */
export interface SmppAccount {
  readonly systemId: string;
  readonly password: string;
  readonly number: string;
}

const logging = `log stderr
 logging filter all 1
 logging color 0
 logging timestamp 1
 logging level set-all notice`;

/** The configuration of osmo-hlr, the register of subscribers. */
export function registerConfiguration(address: string, database: string): string {
  return `${logging}
line vty
 bind ${address}
ctrl
 bind ${address}
hlr
 database ${database}
 gsup
  bind ip ${address}
`;
}

/** The configuration of osmo-msc, the switching and message centre, which finds the register at the same address. */
export function centreConfiguration(
  address: string,
  database: string,
  accounts: readonly SmppAccount[],
): string {
  return `${logging}
line vty
 bind ${address}
ctrl
 bind ${address}
network
 network country code 1
 mobile network code 1
 short name lab
 long name lab
 encryption a5 0
 authentication optional
msc
 mgw remote-ip ${address}
hlr
 remote-ip ${address}
 remote-port 4222
sgs
 local-ip ${address}
 local-port 29118
 vlr-name vlr.lab.example
smpp
 local-tcp-ip ${address} 2775
 system-id osmo-msc
 policy closed
 smpp-first
${accounts.map(account).join('\n')}
smsc
 database ${database}
`;
}

/** The centre compares the type of the number too: what a phone dials without a country code is of an unknown one. */
function account({ systemId, password, number }: SmppAccount): string {
  const routes = ['unknown', 'national', 'international'].map(
    (type) => `  route prefix ${type} isdn ${number}`,
  );
  return ` esme ${systemId}\n  password ${password}\n${routes.join('\n')}`;
}

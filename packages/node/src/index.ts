export { now } from './clock.ts';
export { clientDtlsListener, type ClientDtlsListenerOptions } from './dtls/client-dtls-listener.ts';
export { clientDtls, type ClientDtlsOptions } from './dtls/client-dtls.ts';
export { deviceDtlsCredentials, type DeviceDtlsCredentialsOptions } from './dtls/device-dtls-credentials.ts';
export { dtlsClient, type DtlsClientOptions } from './dtls/dtls-client.ts';
export type { ClientCredential, DtlsCredentials, FoundKey, VouchedFor } from './dtls/dtls-credentials.ts';
export type { DtlsDiagnostic } from './dtls/dtls-diagnostic.ts';
export type { DtlsOptions, DtlsProtocolOptions, RecordCarrier } from './dtls/dtls-options.ts';
export { dtls, dtlsServerDefaults, type DtlsServerOptions } from './dtls/dtls-server.ts';
export {
  fileFirmwareImageStore,
  type FileFirmwareImageStoreOptions,
} from './firmware/file-firmware-image-store.ts';
export {
  type FirmwareDownloadLimits,
  firmwareDownloadLimitsDefaults,
} from './firmware/firmware-download-limits.ts';
export { firmwareDownloader, type FirmwareDownloaderOptions } from './firmware/firmware-downloader.ts';
export { firmwareStorageFile } from './firmware/firmware-storage-file.ts';
export type { TlsTrust } from './firmware/http-download.ts';
export { keyLogFile } from './dtls/key-log-file.ts';
export { type SavedState, savedStateFile, type SavedStateFileOptions } from './dtls/saved-state-file.ts';
export { serverReachDefaults, type ServerReachLimits } from './dtls/server-reach.ts';
export { type FileFolder, fileFolder } from './files/file-folder.ts';
export { clientStateFile } from './files/client-state-file.ts';
export { systemRandom } from './entropy.ts';
export { hostConnectivity, type HostConnectivityOptions } from './host/host-connectivity.ts';
export {
  CarrierShell,
  carrierShellDefaults,
  type CarrierShellLimits,
  type StreamOpener,
} from './sms/carrier-shell.ts';
export { modem, type ModemOptions } from './sms/modem-carrier.ts';
export { serialPort, type SerialPortOptions } from './sms/serial-port.ts';
export { smpp, type SmppCarrier, type SmppOptions } from './sms/smpp-carrier.ts';
export type { SmppTlsOptions } from './sms/smpp-stream.ts';
export { clientSms, type ClientSmsOptions, type CountedClientSms } from './sms/client-sms.ts';
export { datagramKind, type DatagramKind, purposeOf } from './sms/datagram-purpose.ts';
export { sms, SmsBinding, type SmsSide, type SmsStatistics } from './sms/sms-binding.ts';
export { smsDtlsProtocol } from './sms/sms-dtls.ts';
export type { IgnoreReason, SmsDiagnostic, SmsOptions, UnprotectedMessages } from './sms/sms-options.ts';
export { type FollowingTimer, type SmsSurroundings, systemSurroundings } from './sms/sms-surroundings.ts';
export { loadMasterKey, type MasterKey, type MasterKeyOptions } from './secrets/master-key.ts';
export type { Probed } from './probed.ts';
export { openPrivateDatabase } from './sqlite/open-private-database.ts';
export { probeDatabase } from './sqlite/probe-database.ts';
export {
  sqliteBootstrapConfigurationStore,
  type SqliteBootstrapConfigurationStoreOptions,
} from './sqlite/sqlite-bootstrap-configuration-store.ts';
export {
  sqliteCredentialStore,
  type SqliteCredentialStoreOptions,
} from './sqlite/sqlite-credential-store.ts';
export { sqliteDeviceStore, type SqliteDeviceStoreOptions } from './sqlite/sqlite-device-store.ts';
export { addressToward } from './udp/address-toward.ts';
export { sqliteFleetStore, type SqliteFleetStoreOptions } from './sqlite/sqlite-fleet-store.ts';
export {
  historyMaxSizeDefault,
  type HistoryShortened,
  type SqliteHistory,
  sqliteHistoryStore,
  type SqliteHistoryStoreOptions,
} from './sqlite/sqlite-history-store.ts';
export { formatHostAndPort, normaliseAddress } from './udp/ip-address.ts';
export {
  sqliteRegistrationStore,
  type SqliteRegistrationStoreOptions,
} from './sqlite/sqlite-registration-store.ts';
export {
  sqliteSmsStore,
  type SqliteSmsStore,
  type SqliteSmsStoreOptions,
} from './sqlite/sqlite-sms-store.ts';
export { udp, type UdpOptions } from './udp/udp-shell.ts';

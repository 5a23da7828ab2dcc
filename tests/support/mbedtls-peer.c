/*
 * A DTLS 1.2 client and server on mbedTLS 2.28 for the interoperation tests.
 *
 *   mbedtls-peer client|server name=value ...
 *
 *   port      of the loopback interface: to connect to, or to listen on
 *   suite     the code point of the one cipher suite to agree on
 *   identity  with `key` (hexadecimal): a pre-shared key
 *   ca        with `cert` and `private` (PEM files): certificates on both sides; `host`: the server's name
 *   mfl       1 to 4: max_fragment_length of 512, 1024, 2048 or 4096 bytes (client)
 *   times     how many associations to make one after the other, each with the session of the last (client)
 *   ems, etm  "no" leaves extended_master_secret or encrypt_then_mac away
 *
 * The client sends "hello" on each association and waits for an answer; the server sends back what it gets.
 * What happens is printed line by line: "listening", "agreed SUITE session=ID max=BYTES", "heard TEXT",
 * "closed" and "failed CODE DESCRIPTION".
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/timing.h>
#include <mbedtls/x509_crt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct peer {
  int argc;
  char **argv;
  int suites[2];
  unsigned char key[64];
  size_t key_length;
  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
  mbedtls_x509_crt authority;
  mbedtls_x509_crt certificate;
  mbedtls_pk_context private_key;
  mbedtls_ssl_cache_context cache;
  mbedtls_ssl_cookie_ctx cookies;
  mbedtls_timing_delay_context timer;
  mbedtls_ssl_config config;
  mbedtls_ssl_context ssl;
};

static const char *option(const struct peer *peer, const char *name, const char *otherwise) {
  size_t length = strlen(name);
  for (int index = 2; index < peer->argc; index++) {
    const char *argument = peer->argv[index];
    if (strncmp(argument, name, length) == 0 && argument[length] == '=') return argument + length + 1;
  }
  return otherwise;
}

static int tell_failure(int code) {
  char description[200];
  mbedtls_strerror(code, description, sizeof description);
  printf("failed -0x%04x %s\n", (unsigned)-code, description);
  return code;
}

/* For the steps before an association, none of which may fail. */
static void must(int code) {
  if (code == 0) return;
  tell_failure(code);
  exit(2);
}

static void read_key(struct peer *peer, const char *digits) {
  unsigned byte;
  for (; sscanf(digits, "%2x", &byte) == 1 && peer->key_length < sizeof peer->key; digits += 2) {
    peer->key[peer->key_length++] = (unsigned char)byte;
    if (digits[1] == '\0') break;
  }
}

static void configure_key(struct peer *peer) {
  const char *identity = option(peer, "identity", "");
  read_key(peer, option(peer, "key", ""));
  must(mbedtls_ssl_conf_psk(&peer->config, peer->key, peer->key_length, (const unsigned char *)identity,
                            strlen(identity)));
}

static void configure_certificates(struct peer *peer) {
  must(mbedtls_x509_crt_parse_file(&peer->authority, option(peer, "ca", "")));
  must(mbedtls_x509_crt_parse_file(&peer->certificate, option(peer, "cert", "")));
  must(mbedtls_pk_parse_keyfile(&peer->private_key, option(peer, "private", ""), NULL));
  mbedtls_ssl_conf_ca_chain(&peer->config, &peer->authority, NULL);
  must(mbedtls_ssl_conf_own_cert(&peer->config, &peer->certificate, &peer->private_key));
  mbedtls_ssl_conf_authmode(&peer->config, MBEDTLS_SSL_VERIFY_REQUIRED);
}

static void configure(struct peer *peer, int endpoint) {
  mbedtls_ssl_config *config = &peer->config;
  must(mbedtls_ctr_drbg_seed(&peer->random, mbedtls_entropy_func, &peer->entropy, NULL, 0));
  must(mbedtls_ssl_config_defaults(config, endpoint, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                   MBEDTLS_SSL_PRESET_DEFAULT));
  mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &peer->random);
  mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  peer->suites[0] = (int)strtol(option(peer, "suite", "0"), NULL, 0);
  mbedtls_ssl_conf_ciphersuites(config, peer->suites);
  mbedtls_ssl_conf_read_timeout(config, 20000);
  if (strcmp(option(peer, "ems", ""), "no") == 0)
    mbedtls_ssl_conf_extended_master_secret(config, MBEDTLS_SSL_EXTENDED_MS_DISABLED);
  if (strcmp(option(peer, "etm", ""), "no") == 0)
    mbedtls_ssl_conf_encrypt_then_mac(config, MBEDTLS_SSL_ETM_DISABLED);
  if (option(peer, "ca", NULL) == NULL) configure_key(peer);
  else configure_certificates(peer);
}

static int handshake(struct peer *peer) {
  int code;
  do code = mbedtls_ssl_handshake(&peer->ssl);
  while (code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE);
  return code;
}

static void tell_agreed(struct peer *peer) {
  const mbedtls_ssl_session *session = mbedtls_ssl_get_session_pointer(&peer->ssl);
  printf("agreed %s session=", mbedtls_ssl_get_ciphersuite(&peer->ssl));
  for (size_t index = 0; index < session->id_len; index++) printf("%02x", session->id[index]);
  printf(" max=%d\n", mbedtls_ssl_get_max_out_record_payload(&peer->ssl));
}

/* Reads one record of text; gives its length, or a code that ends the association. */
static int hear(struct peer *peer, unsigned char *text, size_t size) {
  int length;
  do length = mbedtls_ssl_read(&peer->ssl, text, size - 1);
  while (length == MBEDTLS_ERR_SSL_WANT_READ || length == MBEDTLS_ERR_SSL_WANT_WRITE);
  if (length > 0) {
    text[length] = '\0';
    printf("heard %s\n", text);
  }
  return length;
}

static int run_client(struct peer *peer) {
  unsigned char text[2048];
  mbedtls_net_context socket;
  mbedtls_ssl_session session;
  mbedtls_net_init(&socket);
  mbedtls_ssl_session_init(&session);
  configure(peer, MBEDTLS_SSL_IS_CLIENT);
  must(mbedtls_ssl_conf_max_frag_len(&peer->config, (unsigned char)atoi(option(peer, "mfl", "0"))));
  must(mbedtls_ssl_setup(&peer->ssl, &peer->config));
  must(mbedtls_ssl_set_hostname(&peer->ssl, option(peer, "host", "localhost")));
  mbedtls_ssl_set_timer_cb(&peer->ssl, &peer->timer, mbedtls_timing_set_delay, mbedtls_timing_get_delay);
  for (int turn = 0; turn < atoi(option(peer, "times", "1")); turn++) {
    must(mbedtls_net_connect(&socket, "127.0.0.1", option(peer, "port", ""), MBEDTLS_NET_PROTO_UDP));
    mbedtls_ssl_set_bio(&peer->ssl, &socket, mbedtls_net_send, mbedtls_net_recv, mbedtls_net_recv_timeout);
    if (turn > 0) must(mbedtls_ssl_set_session(&peer->ssl, &session));
    int code = handshake(peer);
    if (code != 0) return tell_failure(code);
    tell_agreed(peer);
    must(mbedtls_ssl_get_session(&peer->ssl, &session));
    code = mbedtls_ssl_write(&peer->ssl, (const unsigned char *)"hello", 5);
    if (code > 0) code = hear(peer, text, sizeof text);
    if (code <= 0) return tell_failure(code);
    mbedtls_ssl_close_notify(&peer->ssl);
    mbedtls_net_free(&socket);
    must(mbedtls_ssl_session_reset(&peer->ssl));
    puts("closed");
  }
  return 0;
}

/* Serves the client whose first datagram is waiting, up to the end of its association. */
static void serve_client(struct peer *peer, mbedtls_net_context *listening) {
  unsigned char address[16];
  unsigned char text[2048];
  size_t address_length;
  int code;
  mbedtls_net_context client;
  mbedtls_net_init(&client);
  must(mbedtls_net_accept(listening, &client, address, sizeof address, &address_length));
  must(mbedtls_ssl_set_client_transport_id(&peer->ssl, address, address_length));
  mbedtls_ssl_set_bio(&peer->ssl, &client, mbedtls_net_send, mbedtls_net_recv, mbedtls_net_recv_timeout);
  code = handshake(peer);
  if (code == 0) {
    tell_agreed(peer);
    while ((code = hear(peer, text, sizeof text)) > 0) mbedtls_ssl_write(&peer->ssl, text, (size_t)code);
    if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) puts("closed");
    else tell_failure(code);
  } else if (code != MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED) {
    tell_failure(code);
  }
  mbedtls_net_free(&client);
  must(mbedtls_ssl_session_reset(&peer->ssl));
}

static void run_server(struct peer *peer) {
  mbedtls_net_context listening;
  mbedtls_net_init(&listening);
  configure(peer, MBEDTLS_SSL_IS_SERVER);
  must(mbedtls_ssl_cookie_setup(&peer->cookies, mbedtls_ctr_drbg_random, &peer->random));
  mbedtls_ssl_conf_dtls_cookies(&peer->config, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check,
                                &peer->cookies);
  mbedtls_ssl_conf_session_cache(&peer->config, &peer->cache, mbedtls_ssl_cache_get, mbedtls_ssl_cache_set);
  must(mbedtls_ssl_setup(&peer->ssl, &peer->config));
  mbedtls_ssl_set_timer_cb(&peer->ssl, &peer->timer, mbedtls_timing_set_delay, mbedtls_timing_get_delay);
  must(mbedtls_net_bind(&listening, "127.0.0.1", option(peer, "port", ""), MBEDTLS_NET_PROTO_UDP));
  puts("listening");
  for (;;) serve_client(peer, &listening);
}

int main(int argc, char **argv) {
  static struct peer peer;
  peer.argc = argc;
  peer.argv = argv;
  setvbuf(stdout, NULL, _IOLBF, 0);
  mbedtls_entropy_init(&peer.entropy);
  mbedtls_ctr_drbg_init(&peer.random);
  mbedtls_x509_crt_init(&peer.authority);
  mbedtls_x509_crt_init(&peer.certificate);
  mbedtls_pk_init(&peer.private_key);
  mbedtls_ssl_cache_init(&peer.cache);
  mbedtls_ssl_cookie_init(&peer.cookies);
  mbedtls_ssl_config_init(&peer.config);
  mbedtls_ssl_init(&peer.ssl);
  if (argc > 1 && strcmp(argv[1], "client") == 0) return run_client(&peer) == 0 ? 0 : 1;
  if (argc > 1 && strcmp(argv[1], "server") == 0) run_server(&peer);
  fprintf(stderr, "usage: mbedtls-peer client|server name=value ...\n");
  return 2;
}

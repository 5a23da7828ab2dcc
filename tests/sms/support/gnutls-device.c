/*
 * A DTLS 1.2 client on GnuTLS with a pre-shared key, as a device that speaks by short messages would set it up: records
 * of 140 bytes at most, and no flight again before a short message can have been answered.
 *
 *   gnutls-device PORT IDENTITY KEY
 *
 *   PORT      of the loopback interface
 *   KEY       in hexadecimal digits
 *
 * It says "hello over short messages" once the handshake is over and waits for an answer. What happens is printed line
 * by line: "agreed DESCRIPTION", "heard TEXT" and "failed DESCRIPTION".
 */
#include <arpa/inet.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Nothing but what it needs: a ClientHello with its cookie has to fit into one short message. */
static const char priority[] = "NONE:+VERS-DTLS1.2:+COMP-NULL:+SIGN-RSA-SHA256:+AES-128-CCM-8:+AEAD:+PSK";

static const char greeting[] = "hello over short messages";

enum { bytes_of_a_short_message = 140, repeat_after_ms = 60000, give_up_after_ms = 240000 };

/* For the steps before the handshake, none of which may fail. */
static void must(int code) {
  if (code >= 0) return;
  printf("failed %s\n", gnutls_strerror(code));
  exit(2);
}

static int connected_to(const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
  if (socket_ < 0 || connect(socket_, (const struct sockaddr *)&address, sizeof address) != 0) {
    perror("failed");
    exit(2);
  }
  return socket_;
}

static int talk(gnutls_session_t session) {
  char text[256];
  int code;
  do code = gnutls_handshake(session);
  while (code < 0 && !gnutls_error_is_fatal(code));
  if (code < 0) return code;
  char *description = gnutls_session_get_desc(session);
  printf("agreed %s\n", description);
  gnutls_free(description);
  code = (int)gnutls_record_send(session, greeting, strlen(greeting));
  if (code < 0) return code;
  gnutls_record_set_timeout(session, give_up_after_ms);
  do code = (int)gnutls_record_recv(session, text, sizeof text - 1);
  while (code < 0 && !gnutls_error_is_fatal(code));
  if (code < 0) return code;
  text[code] = '\0';
  printf("heard %s\n", text);
  return 0;
}

int main(int argc, char **argv) {
  gnutls_psk_client_credentials_t credentials;
  gnutls_session_t session;
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc != 4) return 2;
  const gnutls_datum_t key = {.data = (unsigned char *)argv[3], .size = (unsigned)strlen(argv[3])};
  must(gnutls_psk_allocate_client_credentials(&credentials));
  must(gnutls_psk_set_client_credentials(credentials, argv[2], &key, GNUTLS_PSK_KEY_HEX));
  must(gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_DATAGRAM | GNUTLS_NO_TICKETS));
  must(gnutls_priority_set_direct(session, priority, NULL));
  must(gnutls_credentials_set(session, GNUTLS_CRD_PSK, credentials));
  gnutls_dtls_set_mtu(session, bytes_of_a_short_message);
  gnutls_dtls_set_timeouts(session, repeat_after_ms, give_up_after_ms);
  /* It is a macro that takes its argument twice. */
  const int line = connected_to(argv[1]);
  gnutls_transport_set_int(session, line);
  int code = talk(session);
  if (code < 0) printf("failed %s\n", gnutls_strerror(code));
  gnutls_deinit(session);
  gnutls_psk_free_client_credentials(credentials);
  return code < 0 ? 1 : 0;
}

/*
 * The device of a bootstrap on libcoap 4.3 for the interoperation tests.
 *
 *   libcoap-device name=value ...
 *
 *   server    port of the Bootstrap-Server on the loopback interface, which is asked (Bootstrap-Request)
 *   listen    in its place: a port of the loopback interface to wait at for a Bootstrap-Server that begins
 *   endpoint  the endpoint name
 *   identity  with `key` (a text): a pre-shared key, over DTLS
 *   loss      numbers of datagrams that are lost on their way out, such as 1,3-5
 *   linger    seconds for which it goes on after Finish, to answer when that is repeated; default 2
 *   refuse    a path such as /1/0 whose Write is refused with 4.00
 *   has       Object Instances that it has from before, such as /0/1,/1/5
 *
 * It has the account of its Bootstrap-Server (/0/0) and the Device Object (/3/0), answers Discover, takes Writes and
 * Deletes of Object Instances, and ends with Finish. What happens is printed line by line: "asked CODE",
 * "METHOD PATH FORMAT HEX", and "finished" or "failed".
 */
#include <arpa/inet.h>
#include <coap3/coap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_instances = 16, link_format = 40 };

static char instances[most_instances][16] = {"/0/0", "/3/0"};
static size_t count = 2;
static const char *refused = "";
static int outcome = -1;

static const char *option(int argc, char **argv, const char *name, const char *otherwise) {
  size_t length = strlen(name);
  for (int index = 1; index < argc; index++) {
    if (strncmp(argv[index], name, length) == 0 && argv[index][length] == '=') return argv[index] + length + 1;
  }
  return otherwise;
}

static const char *path_of(const coap_pdu_t *request, char *path, size_t size) {
  coap_string_t *text = coap_get_uri_path(request);
  snprintf(path, size, "/%.*s", text == NULL ? 0 : (int)text->length, text == NULL ? "" : (const char *)text->s);
  coap_delete_string(text);
  return path;
}

static unsigned option_value(const coap_pdu_t *request, coap_option_num_t number, unsigned otherwise) {
  coap_opt_iterator_t iterator;
  coap_opt_t *found = coap_check_option(request, number, &iterator);
  return found == NULL ? otherwise : coap_decode_var_bytes(coap_opt_value(found), coap_opt_length(found));
}

static void tell(const char *method, const char *path, const coap_pdu_t *request) {
  size_t length = 0, offset = 0, total = 0;
  const uint8_t *data = NULL;
  coap_get_data_large(request, &length, &data, &offset, &total);
  printf("%s %s %d ", method, path, (int)option_value(request, COAP_OPTION_CONTENT_FORMAT, (unsigned)-1));
  for (size_t index = 0; index < length; index++) printf("%02x", data[index]);
  printf("\n");
}

static int is_below(const char *path, const char *instance) {
  size_t length = strlen(path);
  if (strcmp(path, "/") == 0) return 1;
  return strncmp(instance, path, length) == 0 && (instance[length] == '/' || instance[length] == '\0');
}

static size_t index_of(const char *path) {
  size_t index = 0;
  while (index < count && strcmp(instances[index], path) != 0) index++;
  return index;
}

/* Discover is of the root only (1.0 §5.2.7.4): what there is, with the version of the enabler. */
static void discover(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
                     const coap_string_t *query, coap_pdu_t *response) {
  static char links[512];
  tell("GET", "/", request);
  if (option_value(request, COAP_OPTION_ACCEPT, 0) != link_format) {
    coap_pdu_set_code(response, COAP_RESPONSE_CODE_NOT_ALLOWED);
    return;
  }
  size_t end = (size_t)sprintf(links, "</>;lwm2m=\"1.0\",</1>");
  for (size_t index = 0; index < count; index++) end += (size_t)sprintf(links + end, ",<%s>", instances[index]);
  coap_pdu_set_code(response, COAP_RESPONSE_CODE_CONTENT);
  coap_add_data_large_response(resource, session, request, response, query, link_format, -1, 0, end,
                               (const uint8_t *)links, NULL, NULL);
}

static void write_instance(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
                           const coap_string_t *query, coap_pdu_t *response) {
  char path[16];
  (void)resource, (void)session, (void)query;
  path_of(request, path, sizeof path);
  tell("PUT", path, request);
  if (strcmp(path, refused) == 0 || (index_of(path) == count && count == most_instances)) {
    coap_pdu_set_code(response, COAP_RESPONSE_CODE_BAD_REQUEST);
    coap_add_data(response, 7, (const uint8_t *)"no room");
    return;
  }
  if (index_of(path) == count) strcpy(instances[count++], path);
  coap_pdu_set_code(response, COAP_RESPONSE_CODE_CHANGED);
}

static void delete_instances(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
                             const coap_string_t *query, coap_pdu_t *response) {
  char path[16];
  (void)resource, (void)session, (void)query;
  path_of(request, path, sizeof path);
  tell("DELETE", path, request);
  /* The first two stay in spite of it (1.0 §5.2.7.5). */
  size_t kept = 2;
  for (size_t index = 2; index < count; index++) {
    if (!is_below(path, instances[index])) memmove(instances[kept++], instances[index], sizeof instances[0]);
  }
  count = kept;
  coap_pdu_set_code(response, COAP_RESPONSE_CODE_DELETED);
}

/* A device that was given a Server is content. */
static void finish(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
                   const coap_string_t *query, coap_pdu_t *response) {
  (void)resource, (void)session, (void)query;
  tell("POST", "/bs", request);
  outcome = index_of("/1/0") < count ? 0 : 1;
  coap_pdu_set_code(response, outcome == 0 ? COAP_RESPONSE_CODE_CHANGED : COAP_RESPONSE_CODE_NOT_ACCEPTABLE);
}

static coap_response_t answered(coap_session_t *session, const coap_pdu_t *sent, const coap_pdu_t *received,
                                const coap_mid_t id) {
  (void)session, (void)sent, (void)id;
  coap_pdu_code_t code = coap_pdu_get_code(received);
  printf("asked %d.%02d\n", code >> 5, code & 0x1f);
  if (code != COAP_RESPONSE_CODE_CHANGED) outcome = 1;
  return COAP_RESPONSE_OK;
}

static void unanswered(coap_session_t *session, const coap_pdu_t *sent, const coap_nack_reason_t reason,
                       const coap_mid_t id) {
  (void)session, (void)sent, (void)id;
  printf("asked in vain: %d\n", reason);
  outcome = 1;
}

static coap_address_t loopback(const char *port) {
  coap_address_t address;
  coap_address_init(&address);
  address.addr.sin.sin_family = AF_INET;
  address.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.addr.sin.sin_port = htons((uint16_t)atoi(port));
  address.size = sizeof address.addr.sin;
  return address;
}

static coap_session_t *session_with(coap_context_t *context, const char *port, int argc, char **argv) {
  coap_address_t server = loopback(port);
  const char *identity = option(argc, argv, "identity", NULL), *key = option(argc, argv, "key", "");
  if (identity == NULL) return coap_new_client_session(context, NULL, &server, COAP_PROTO_UDP);
  coap_dtls_cpsk_t psk = {.version = COAP_DTLS_CPSK_SETUP_VERSION};
  psk.psk_info.identity = (coap_bin_const_t){strlen(identity), (const uint8_t *)identity};
  psk.psk_info.key = (coap_bin_const_t){strlen(key), (const uint8_t *)key};
  return coap_new_client_session_psk2(context, NULL, &server, COAP_PROTO_DTLS, &psk);
}

static int ask(coap_session_t *session, const char *endpoint) {
  char query[128];
  uint8_t token[8];
  size_t length = 0;
  coap_pdu_t *request = coap_new_pdu(COAP_MESSAGE_CON, COAP_REQUEST_CODE_POST, session);
  coap_session_new_token(session, &length, token);
  coap_add_token(request, length, token);
  coap_add_option(request, COAP_OPTION_URI_PATH, 2, (const uint8_t *)"bs");
  int size = snprintf(query, sizeof query, "ep=%s", endpoint);
  coap_add_option(request, COAP_OPTION_URI_QUERY, (size_t)size, (const uint8_t *)query);
  return coap_send(session, request) == COAP_INVALID_MID ? -1 : 0;
}

static void have(const char *paths) {
  char *copy = strdup(paths), *rest = copy;
  for (char *path = strtok_r(rest, ",", &rest); path != NULL && count < most_instances; path = strtok_r(NULL, ",", &rest))
    snprintf(instances[count++], sizeof instances[0], "%s", path);
  free(copy);
}

int main(int argc, char **argv) {
  const char *server = option(argc, argv, "server", NULL), *listen = option(argc, argv, "listen", NULL);
  setvbuf(stdout, NULL, _IOLBF, 0);
  refused = option(argc, argv, "refuse", "");
  have(option(argc, argv, "has", ""));
  coap_startup();
  coap_set_log_level(LOG_ERR);
  coap_context_t *context = coap_new_context(NULL);
  coap_context_set_block_mode(context, COAP_BLOCK_USE_LIBCOAP | COAP_BLOCK_SINGLE_BODY);
  coap_register_response_handler(context, answered);
  coap_register_nack_handler(context, unanswered);
  coap_resource_t *root = coap_resource_init(NULL, 0), *bs = coap_resource_init(coap_make_str_const("bs"), 0);
  coap_resource_t *others = coap_resource_unknown_init(write_instance);
  coap_register_request_handler(root, COAP_REQUEST_GET, discover);
  coap_register_request_handler(root, COAP_REQUEST_DELETE, delete_instances);
  coap_register_request_handler(bs, COAP_REQUEST_POST, finish);
  coap_register_request_handler(others, COAP_REQUEST_DELETE, delete_instances);
  coap_add_resource(context, root);
  coap_add_resource(context, bs);
  coap_add_resource(context, others);
  if (option(argc, argv, "loss", NULL) != NULL) coap_debug_set_packet_loss(option(argc, argv, "loss", ""));
  if (listen != NULL) {
    coap_address_t here = loopback(listen);
    if (coap_new_endpoint(context, &here, COAP_PROTO_UDP) == NULL) return 2;
    printf("listening\n");
  } else {
    coap_session_t *session = session_with(context, server, argc, argv);
    if (session == NULL || ask(session, option(argc, argv, "endpoint", "libcoap")) != 0) return 2;
  }
  while (outcome < 0) coap_io_process(context, 1000);
  /* The answer to Finish may have to be sent again. */
  int linger = atoi(option(argc, argv, "linger", "2"));
  for (int rounds = 0; rounds < linger * 10; rounds++) coap_io_process(context, 100);
  printf(outcome == 0 ? "finished\n" : "failed\n");
  coap_free_context(context);
  coap_cleanup();
  return outcome;
}

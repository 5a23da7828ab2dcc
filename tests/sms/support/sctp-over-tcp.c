/*
 * Preloaded into osmo-msc, which speaks SGs over SCTP, so that it runs where the kernel has no SCTP: its SCTP sockets
 * become TCP sockets of the loopback interface on which each message has a header of eight octets, its length and its
 * payload protocol identifier, in network order. For tests only: one stream, no notifications, no multihoming.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What <netinet/sctp.h> declares, so that its package is not needed. */
#ifndef IPPROTO_SCTP
#define IPPROTO_SCTP 132
#endif
typedef int32_t sctp_assoc_t;
struct sctp_sndrcvinfo {
  uint16_t stream, sequence, flags;
  uint32_t payload_protocol, context, time_to_live, tsn, cumulative_tsn;
  sctp_assoc_t association;
};

enum { max_descriptors = 4096, header_length = 8, max_message = 65536 };

static unsigned char is_ours[max_descriptors];

static int ours(int descriptor) {
  return descriptor >= 0 && descriptor < max_descriptors && is_ours[descriptor];
}

static int mark(int descriptor, int as_ours) {
  if (descriptor >= 0 && descriptor < max_descriptors) is_ours[descriptor] = (unsigned char)as_ours;
  return descriptor;
}

/* The function of the C library that one of ours stands before. */
#define NEXT(function) \
  ({ \
    static __typeof__(&function) next; \
    if (next == NULL) next = (__typeof__(&function))dlsym(RTLD_NEXT, #function); \
    next; \
  })

int socket(int domain, int type, int protocol) {
  if (protocol != IPPROTO_SCTP) return mark(NEXT(socket)(domain, type, protocol), 0);
  int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
  return mark(NEXT(socket)(domain, SOCK_STREAM | flags, IPPROTO_TCP), 1);
}

int accept(int listener, struct sockaddr *address, socklen_t *length) {
  return mark(NEXT(accept)(listener, address, length), ours(listener));
}

int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags) {
  return mark(NEXT(accept4)(listener, address, length, flags), ours(listener));
}

int close(int descriptor) {
  return NEXT(close)(mark(descriptor, 0));
}

int setsockopt(int descriptor, int level, int option, const void *value, socklen_t length) {
  if (ours(descriptor) && level == IPPROTO_SCTP) return 0;
  return NEXT(setsockopt)(descriptor, level, option, value, length);
}

int getsockopt(int descriptor, int level, int option, void *value, socklen_t *length) {
  if (ours(descriptor) && level == SOL_SOCKET && option == SO_PROTOCOL) {
    int protocol = IPPROTO_SCTP;
    memcpy(value, &protocol, sizeof protocol);
    return 0;
  }
  if (ours(descriptor) && level == IPPROTO_SCTP) {
    memset(value, 0, *length);
    return 0;
  }
  return NEXT(getsockopt)(descriptor, level, option, value, length);
}

static socklen_t address_length(const struct sockaddr *address) {
  return address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

int sctp_bindx(int descriptor, struct sockaddr *addresses, int count, int flags) {
  (void)count;
  (void)flags;
  return bind(descriptor, addresses, address_length(addresses));
}

int sctp_connectx(int descriptor, struct sockaddr *addresses, int count, sctp_assoc_t *association) {
  (void)count;
  if (association != NULL) *association = 0;
  return connect(descriptor, addresses, address_length(addresses));
}

/* Takes one message when it is there as a whole; EAGAIN until then. */
int sctp_recvmsg(int descriptor, void *message, size_t room, struct sockaddr *from, socklen_t *from_length,
                 struct sctp_sndrcvinfo *info, int *flags) {
  static unsigned char octets[header_length + max_message];
  uint32_t header[2];
  (void)from;
  (void)from_length;
  ssize_t there = recv(descriptor, octets, sizeof octets, MSG_PEEK);
  if (there <= 0) return (int)there;
  if (there < header_length) {
    errno = EAGAIN;
    return -1;
  }
  memcpy(header, octets, sizeof header);
  size_t length = ntohl(header[0]);
  if (length > room || length > max_message) {
    errno = EMSGSIZE;
    return -1;
  }
  if ((size_t)there < header_length + length) {
    errno = EAGAIN;
    return -1;
  }
  if (recv(descriptor, octets, header_length + length, 0) < 0) return -1;
  memcpy(message, octets + header_length, length);
  if (info != NULL) {
    memset(info, 0, sizeof *info);
    info->payload_protocol = header[1];
  }
  if (flags != NULL) *flags = MSG_EOR;
  return (int)length;
}

/* A message goes out as a whole, or the stream could not be read any more: so this waits when the other side is slow. */
static int send_all(int descriptor, const unsigned char *octets, size_t length) {
  while (length > 0) {
    ssize_t sent = send(descriptor, octets, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      struct pollfd writable = {.fd = descriptor, .events = POLLOUT};
      poll(&writable, 1, 1000);
      continue;
    }
    if (sent < 0 && errno != EINTR) return -1;
    if (sent > 0) {
      octets += sent;
      length -= (size_t)sent;
    }
  }
  return 0;
}

int sctp_send(int descriptor, const void *message, size_t length, const struct sctp_sndrcvinfo *info, int flags) {
  uint32_t header[2] = {htonl((uint32_t)length), info == NULL ? 0 : info->payload_protocol};
  (void)flags;
  if (send_all(descriptor, (const unsigned char *)header, sizeof header) < 0) return -1;
  if (send_all(descriptor, message, length) < 0) return -1;
  return (int)length;
}

int sctp_sendmsg(int descriptor, const void *message, size_t length, struct sockaddr *to, socklen_t to_length,
                 uint32_t payload_protocol, uint32_t flags, uint16_t stream, uint32_t time_to_live, uint32_t context) {
  struct sctp_sndrcvinfo info;
  (void)to;
  (void)to_length;
  (void)flags;
  (void)stream;
  (void)time_to_live;
  (void)context;
  memset(&info, 0, sizeof info);
  info.payload_protocol = payload_protocol;
  return sctp_send(descriptor, message, length, &info, 0);
}

// SPDX-License-Identifier: Apache-2.0
#include "connect/socket/tcp_connection.h"

#include <fmt/core.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace hf {
namespace {

constexpr int kConnectMs = 10'000;

std::string Reason(int error) { return std::generic_category().message(error); }

// 0 or what went wrong. `descriptor` is one that does not wait.
int ConnectTo(int descriptor, const addrinfo& address) {
  if (connect(descriptor, address.ai_addr, address.ai_addrlen) == 0) {
    return 0;
  }
  if (errno != EINPROGRESS) {
    return errno;
  }
  pollfd waiting = {.fd = descriptor, .events = POLLOUT, .revents = 0};
  int ready = poll(&waiting, 1, kConnectMs);
  while (ready < 0 && errno == EINTR) {
    ready = poll(&waiting, 1, kConnectMs);
  }
  if (ready <= 0) {
    return ready == 0 ? ETIMEDOUT : errno;
  }
  int error = 0;
  socklen_t size = sizeof(error);
  return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace

Result<TcpConnection> TcpConnection::Connect(const std::string& host, std::uint16_t port) {
  const std::string peer = fmt::format("{}:{}", host, port);
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0) {
    return Unavailable(fmt::format("cannot connect to {}: {}", peer, gai_strerror(code)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  int error = EADDRNOTAVAIL;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int type = address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const int descriptor = socket(address->ai_family, type, address->ai_protocol);
    if (descriptor < 0) {
      error = errno;
      continue;
    }
    TcpConnection connection(descriptor, peer);
    error = ConnectTo(descriptor, *address);
    if (error == 0) {
      return connection;
    }
  }
  return Unavailable(fmt::format("cannot connect to {}: {}", peer, Reason(error)));
}

TcpConnection::TcpConnection(TcpConnection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), peer_(std::move(other.peer_)) {}

TcpConnection& TcpConnection::operator=(TcpConnection&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(peer_, other.peer_);
  return *this;
}

TcpConnection::~TcpConnection() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

Result<Received> TcpConnection::Receive(std::size_t bytes_max) {
  std::string bytes(bytes_max, '\0');
  ssize_t count = recv(descriptor_, bytes.data(), bytes.size(), 0);
  while (count < 0 && errno == EINTR) {
    count = recv(descriptor_, bytes.data(), bytes.size(), 0);
  }
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return Received{};
  }
  if (count < 0) {
    return Unavailable(fmt::format("the connection to {} broke: {}", peer_, Reason(errno)));
  }
  bytes.resize(static_cast<std::size_t>(count));
  return Received{.bytes = std::move(bytes), .closed = count == 0};
}

}  // namespace hf

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "holdfast/status.h"

namespace hf {

struct Received {
  std::string bytes;    // empty: nothing has arrived since the last call
  bool closed = false;  // the other side has ended the stream, and `bytes` are its last
};

// A connection of ours to a server, read without ever waiting. Closed on destruction.
class TcpConnection {
 public:
  // Tries each address of the name, ten seconds long. kUnavailable says which host and port, and why not.
  static Result<TcpConnection> Connect(const std::string& host, std::uint16_t port);
  TcpConnection(TcpConnection&& other) noexcept;
  TcpConnection& operator=(TcpConnection&& other) noexcept;
  TcpConnection(const TcpConnection&) = delete;
  TcpConnection& operator=(const TcpConnection&) = delete;
  ~TcpConnection();

  // At most `bytes_max` bytes of what has arrived. kUnavailable when the connection broke.
  Result<Received> Receive(std::size_t bytes_max);

 private:
  TcpConnection(int descriptor, std::string peer) : descriptor_(descriptor), peer_(std::move(peer)) {}

  int descriptor_;
  std::string peer_;  // "host:port"
};

}  // namespace hf

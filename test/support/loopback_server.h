// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

namespace hf::test {

// A server on the loopback interface that talks to one client.
class LoopbackServer {
 public:
  LoopbackServer() : listening_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listening_, any, size), 0);
    EXPECT_EQ(listen(listening_, 1), 0);
    EXPECT_EQ(getsockname(listening_, any, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~LoopbackServer() {
    Close();
    Refuse();
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  void Send(std::string_view bytes) {
    if (talking_ < 0) {
      talking_ = accept(listening_, nullptr, nullptr);
    }
    EXPECT_EQ(send(talking_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  void Close() {
    if (talking_ >= 0) {
      close(std::exchange(talking_, -1));
    }
  }
  // Breaks the connection instead of ending it.
  void Reset() {
    const linger now = {.l_onoff = 1, .l_linger = 0};
    EXPECT_EQ(setsockopt(talking_, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
    Close();
  }
  void Refuse() {
    if (listening_ >= 0) {
      close(std::exchange(listening_, -1));
    }
  }

 private:
  int listening_;
  int talking_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace hf::test

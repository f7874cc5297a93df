#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

/// A WebSocket client (RFC 6455) of just what the live test needs, on POSIX sockets: no TLS, no fragments sent. The plugin
/// uses the engine's own.
class WebSocket {
public:
    WebSocket(int port, const std::string& path) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
        // As the engine's sockets ask: the host without its port, and an origin made of it.
        WriteAll("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"
                 "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Protocol: avatar-bridge\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        while (buffer_.find("\r\n\r\n") == std::string::npos && Fill(10000)) {}
        isOpen_ = buffer_.compare(0, 12, "HTTP/1.1 101") == 0;
        buffer_.erase(0, buffer_.find("\r\n\r\n") + 4);
    }
    ~WebSocket() { ::close(socket_); }
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    bool IsOpen() const { return isOpen_; }

    void Send(const std::string& text) { WriteFrame(1, text); }

    /// The next whole message, waiting for at most `timeoutMs`; false if there is none.
    bool Receive(std::string& message, int timeoutMs) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMs);
        for (;;) {
            while (TakeFrame()) {
                if (!isWhole_) continue;
                message.swap(message_);
                message_.clear();
                isWhole_ = false;
                return true;
            }
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            if (!Fill(static_cast<int>(std::max<long long>(0, left.count())))) return false;
        }
    }

private:
    bool Fill(int timeoutMs) {
        pollfd waiting{socket_, POLLIN, 0};
        if (::poll(&waiting, 1, timeoutMs) <= 0) return false;
        char bytes[65536];
        const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
        if (count <= 0) {
            isOpen_ = false;
            return false;
        }
        buffer_.append(bytes, static_cast<std::size_t>(count));
        return true;
    }

    /// Take one frame off the buffer, if it is whole.
    bool TakeFrame() {
        if (buffer_.size() < 2) return false;
        const auto at = [this](std::size_t i) { return static_cast<std::uint8_t>(buffer_[i]); };
        std::uint64_t length = at(1) & 0x7F;
        const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (buffer_.size() < 2 + extra) return false;
        if (extra > 0) length = 0;
        for (std::size_t i = 0; i < extra; ++i) length = length << 8 | at(2 + i);
        if (buffer_.size() < 2 + extra + length) return false;
        const int opcode = at(0) & 0x0F;
        const std::string body = buffer_.substr(2 + extra, length);
        const bool isLast = (at(0) & 0x80) != 0;
        buffer_.erase(0, 2 + extra + length);
        if (opcode == 9) WriteFrame(10, body);
        if (opcode == 8) isOpen_ = false;
        if (opcode <= 2) {
            message_ += body;
            isWhole_ = isLast;
        }
        return true;
    }

    void WriteFrame(int opcode, const std::string& body) {
        std::string frame(1, static_cast<char>(0x80 | opcode));
        if (body.size() < 126) {
            frame += static_cast<char>(0x80 | body.size());
        } else {
            frame += static_cast<char>(0x80 | 126);
            frame += static_cast<char>(body.size() >> 8);
            frame += static_cast<char>(body.size() & 0xFF);
        }
        frame += std::string(4, '\0');  // a mask of zeros is a mask
        WriteAll(frame + body);
    }

    void WriteAll(const std::string& bytes) {
        for (std::size_t sent = 0; sent < bytes.size();) {
            const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) return;
            sent += static_cast<std::size_t>(count);
        }
    }

    int socket_ = -1;
    bool isOpen_ = false;
    std::string buffer_;
    std::string message_;
    bool isWhole_ = false;
};

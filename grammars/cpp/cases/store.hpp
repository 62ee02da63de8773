// Keeps records in a file.
#pragma once

#include <memory>
#include "detail/buffer.hpp"

STORE_BEGIN_NAMESPACE

namespace store::detail {
constexpr std::size_t page_size = 4096;
}

namespace store {

template <typename T> class cursor;

/// What a record is found by.
using key = std::string;
typedef std::vector<key> keys;

template <typename T>
concept record = requires(T t) { t.id(); };

enum class mode : unsigned char { read, write = 2 };

/**
 * \brief Keeps records in a file. Thread-safe.
 */
template <record T, std::size_t N = 16>
class STORE_API file_store final : public base<T>, private detail::buffer {
  int hidden_ = 0;

 public:
  using value_type = T;
  struct options {
    bool sync = true;
    std::string& path;
  };

  explicit file_store(const options& opts) : base<T>(opts.path), hidden_(1) {}
  STORE_CONSTEXPR file_store(int fd) noexcept : hidden_(fd) {}
  file_store(const file_store&) = delete;
  virtual ~file_store();

  /// Adds a record.
  template <typename... Args> auto put(key k, Args&&... args) -> T& {
    return emplace(k, std::forward<Args>(args)...);
  }
  [[nodiscard]] virtual bool empty() const noexcept override;
  T& operator[](const key& k) { return at(k); }
  explicit operator bool() const { return hidden_ != 0; }
  static int count;

 protected:
  void flush();

 private:
  friend class cursor<T>;
  auto at(const key& k) -> T&;
};

template <record T, std::size_t N>
file_store<T, N>::~file_store() {
  flush();
}

template <> struct hash<key> {
  std::size_t operator()(const key& k) const;
};

inline int detail_open(const char* path, int flags = O_RDONLY | O_CLOEXEC | O_NOATIME | O_NONBLOCK) {
  struct local { int x; };
  return ::open(path, flags);
}

std::ostream& operator<<(std::ostream& out, mode m);

}  // namespace store

STORE_END_NAMESPACE

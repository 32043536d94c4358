// SPDX-License-Identifier: Apache-2.0
// Status and Result: how every fallible function of Holdfast reports what went wrong.
//
// A failure has a kind (what its reader does next), one sentence, and, where Spark has a name for the
// same failure, Spark's error condition ("STATE_STORE_INVALID_VALUE_SCHEMA_EVOLUTION"). The library
// never prints, aborts or exits; a Status is the only way out.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace hf {

// Sorted by what the reader of the error must do next, not by where it arose.
enum class ErrorKind {
  kInvalid,       // fix the code, the options or the command line
  kUnavailable,   // try again later: disk full, file busy
  kCorrupt,       // restore data: bytes are not what they must be
  kIncompatible,  // upgrade, migrate, or name the change as accepted
  kConflict,      // another writer was here: stop
  kUser,          // the user's processor failed
  kInternal,      // report a bug
};

// Returns the word that names `kind` in documents ("corrupt").
std::string_view ErrorKindName(ErrorKind kind);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(ErrorKind kind, std::string message, std::string condition = {})
      : failure_(std::make_unique<Failure>(Failure{kind, std::move(message), std::move(condition)})) {}
  Status(const Status& other) : failure_(other.failure_ ? std::make_unique<Failure>(*other.failure_) : nullptr) {}
  Status& operator=(const Status& other) {
    failure_ = other.failure_ ? std::make_unique<Failure>(*other.failure_) : nullptr;
    return *this;
  }
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;
  ~Status() = default;

  [[nodiscard]] bool ok() const { return failure_ == nullptr; }

  // REQUIRES: !ok().
  [[nodiscard]] ErrorKind kind() const { return failure_->kind; }
  // The sentence without the condition; empty when ok.
  [[nodiscard]] std::string_view message() const { return ok() ? std::string_view() : failure_->message; }
  // Spark's (or our) error condition; empty when there is none.
  [[nodiscard]] std::string_view condition() const { return ok() ? std::string_view() : failure_->condition; }
  // "[CONDITION] message", or the message alone; "ok" for success.
  [[nodiscard]] std::string ToString() const;

  // Returns the same failure with `context` in front: "context: message". Keeps ok as it is.
  [[nodiscard]] Status WithContext(std::string_view context) const;

 private:
  struct Failure {
    ErrorKind kind;
    std::string message;
    std::string condition;
  };
  std::unique_ptr<Failure> failure_;
};

inline Status Invalid(std::string message, std::string condition = {}) {
  return {ErrorKind::kInvalid, std::move(message), std::move(condition)};
}
inline Status Unavailable(std::string message, std::string condition = {}) {
  return {ErrorKind::kUnavailable, std::move(message), std::move(condition)};
}
inline Status Corrupt(std::string message, std::string condition = {}) {
  return {ErrorKind::kCorrupt, std::move(message), std::move(condition)};
}
inline Status Incompatible(std::string message, std::string condition = {}) {
  return {ErrorKind::kIncompatible, std::move(message), std::move(condition)};
}
inline Status Conflict(std::string message, std::string condition = {}) {
  return {ErrorKind::kConflict, std::move(message), std::move(condition)};
}
inline Status UserError(std::string message, std::string condition = {}) {
  return {ErrorKind::kUser, std::move(message), std::move(condition)};
}
inline Status Internal(std::string message, std::string condition = {}) {
  return {ErrorKind::kInternal, std::move(message), std::move(condition)};
}

// A value or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}           // NOLINT(google-explicit-constructor)
  Result(Status failure) : held_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return held_.index() == 0; }
  [[nodiscard]] Status status() const& { return ok() ? Status() : std::get<1>(held_); }
  [[nodiscard]] Status status() && { return ok() ? Status() : std::move(std::get<1>(held_)); }

  // REQUIRES: ok().
  T& value() & { return std::get<0>(held_); }
  const T& value() const& { return std::get<0>(held_); }
  T&& value() && { return std::get<0>(std::move(held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> held_;
};

// Thrown by CHECK when an invariant of ours does not hold, and by the typed API where a user's processor
// misuses it. The engine catches it at the task boundary; it never reaches the host.
class InvariantError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Carries a Status through user code that has no way to return one (state access inside a processor).
// Thrown by the typed API only; the engine turns it back into the Status.
class StatusError : public std::runtime_error {
 public:
  explicit StatusError(Status status) : std::runtime_error(status.ToString()), status_(std::move(status)) {}
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  Status status_;
};

}  // namespace hf

#define HF_CONCAT_(a, b) a##b
#define HF_CONCAT(a, b) HF_CONCAT_(a, b)

// Returns from the enclosing function when `expression` is a failed Status.
#define HF_RETURN_IF_ERROR(expression)                              \
  do {                                                              \
    if (::hf::Status hf_status_ = (expression); !hf_status_.ok()) { \
      return hf_status_;                                            \
    }                                                               \
  } while (false)

// Evaluates a Result; returns its failure, or moves its value into `target` (a declaration or lvalue).
#define HF_ASSIGN_OR_RETURN(target, expression) \
  HF_ASSIGN_OR_RETURN_(HF_CONCAT(hf_result_, __LINE__), target, expression)
#define HF_ASSIGN_OR_RETURN_(result, target, expression) \
  auto result = (expression);                            \
  if (!result.ok()) {                                    \
    return std::move(result).status();                   \
  }                                                      \
  target = std::move(result).value()

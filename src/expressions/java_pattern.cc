// SPDX-License-Identifier: Apache-2.0
#include "expressions/java_pattern.h"

#include <boost/regex.hpp>

#include "base/utf8.h"

namespace hf {
namespace {

static_assert(sizeof(wchar_t) == sizeof(char32_t));
using Wide = std::wstring;

Wide Decoded(std::string_view text) {
  Wide wide;
  wide.reserve(text.size());
  const std::string valid = ReplaceInvalidUtf8(text);
  for (std::string_view rest = valid; !rest.empty();) {
    const CodePoint one = DecodeUtf8(rest);
    wide += static_cast<wchar_t>(one.value);
    rest.remove_prefix(one.size_bytes);
  }
  return wide;
}

void AppendEncoded(std::string* out, const wchar_t* begin, const wchar_t* end) {
  for (; begin != end; ++begin) {
    AppendUtf8(*out, static_cast<std::uint32_t>(*begin));
  }
}

bool IsDigit(wchar_t c) { return c >= L'0' && c <= L'9'; }
bool IsLetterOrDigit(wchar_t c) { return IsDigit(c) || (c >= L'a' && c <= L'z') || (c >= L'A' && c <= L'Z'); }

// Ends of lines as Java knows them, which `.` does not match.
constexpr const wchar_t* kLineEnds = L"\n\r\u0085\u2028\u2029";

// From Java's words to those of the library, which has Perl's.
class Translator {
 public:
  explicit Translator(Wide pattern) : pattern_(std::move(pattern)) {}

  // nullopt: not plain.
  std::optional<Wide> Run() {
    if (!Alternatives(&nothing_) || at_ != pattern_.size()) {
      return std::nullopt;
    }
    return out_;
  }
  [[nodiscard]] int groups() const { return groups_; }
  [[nodiscard]] bool may_match_nothing() const { return nothing_; }

 private:
  [[nodiscard]] bool AtEnd() const { return at_ == pattern_.size(); }
  [[nodiscard]] bool Is(wchar_t c) const { return !AtEnd() && pattern_[at_] == c; }
  bool Step(wchar_t c) {
    if (!Is(c)) {
      return false;
    }
    ++at_;
    return true;
  }

  // Each sets `nothing` when what it has read may match without a character.
  bool Alternatives(bool* nothing) {
    constexpr int kDepthMax = 50;
    if (++depth_ > kDepthMax) {
      return false;
    }
    const bool whole = depth_ == 1;
    bool one_is_empty = false;
    std::size_t branches = 0;
    do {
      if (branches++ > 0) {
        out_ += L'|';
      }
      const std::size_t begin = at_;
      bool empty = true;
      while (!AtEnd() && !Is(L'|') && !Is(L')')) {
        bool part_empty = false;
        if (!Part(&part_empty)) {
          return false;
        }
        empty = empty && part_empty;
      }
      one_is_empty = one_is_empty || empty;
      if (at_ == begin && !(whole && AtEnd() && branches == 1)) {
        return false;  // an empty alternative or group
      }
    } while (Step(L'|'));
    --depth_;
    *nothing = one_is_empty;
    return true;
  }

  bool Part(bool* nothing) {
    const wchar_t c = pattern_[at_];
    if (c == L'^' || c == L'$') {
      ++at_;
      out_ += c == L'^' ? L"\\A" : L"(?=(?:\\r\\n|\\r|\\x{85}|\\x{2028}|\\x{2029}|(?<!\\r)\\n)?\\z)";
      *nothing = true;
      return !IsQuantifier();
    }
    bool may_be_empty = false;
    if (c == L'(') {
      ++at_;
      if (!Group(&may_be_empty)) {
        return false;
      }
    } else if (!Single()) {
      return false;
    }
    bool optional = false;
    if (!Quantifier(may_be_empty, &optional)) {
      return false;
    }
    *nothing = may_be_empty || optional;
    return true;
  }

  bool Group(bool* nothing) {
    if (Step(L'?')) {
      if (!Step(L':')) {
        return false;
      }
      out_ += L"(?:";
    } else {
      ++groups_;
      out_ += L'(';
    }
    if (!Alternatives(nothing) || !Step(L')')) {
      return false;
    }
    out_ += L')';
    return true;
  }

  // A character, a class, `.`.
  bool Single() {
    const wchar_t c = pattern_[at_];
    if (c == L'[') {
      return Class();
    }
    if (c == L'\\') {
      return Escape(false);
    }
    if (std::wstring_view(L"*+?{}]").find(c) != std::wstring_view::npos) {
      return false;
    }
    ++at_;
    if (c == L'.') {
      out_ += Wide(L"[^") + kLineEnds + L"]";
    } else {
      AppendLiteral(c);
    }
    return true;
  }

  void AppendLiteral(wchar_t c) {
    if (std::wstring_view(L"\\^$.|?*+()[]{}-/").find(c) != std::wstring_view::npos) {
      out_ += L'\\';
    }
    out_ += c;
  }

  // The character that an escape stands for; nullopt when it is none.
  static std::optional<wchar_t> CharacterOf(wchar_t escaped) {
    switch (escaped) {
      case L't': return L'\t';
      case L'n': return L'\n';
      case L'r': return L'\r';
      case L'f': return L'\f';
      default: return IsLetterOrDigit(escaped) ? std::nullopt : std::optional(escaped);
    }
  }
  // What is in \d, \w and \s.
  static const wchar_t* SetOf(wchar_t escaped) {
    switch (escaped) {
      case L'd':
      case L'D': return L"0-9";
      case L'w':
      case L'W': return L"a-zA-Z0-9_";
      case L's':
      case L'S': return L" \\t\\n\\x0B\\f\\r";
      default: return nullptr;
    }
  }

  bool Escape(bool in_class) {
    ++at_;
    if (AtEnd()) {
      return false;
    }
    const wchar_t c = pattern_[at_++];
    if (const wchar_t* set = SetOf(c)) {
      const bool opposite = c < L'a';
      if (in_class) {
        out_ += set;
        return !opposite;
      }
      out_ += Wide(opposite ? L"[^" : L"[") + set + L"]";
      return true;
    }
    const auto character = CharacterOf(c);
    if (character.has_value()) {
      AppendLiteral(*character);
    }
    return character.has_value();
  }

  bool Class() {
    ++at_;
    out_ += L'[';
    if (Step(L'^')) {
      out_ += L'^';
    }
    for (bool first = true; !Step(L']'); first = false) {
      if (AtEnd() || (first && Is(L']'))) {
        return false;
      }
      if (Is(L'\\') && at_ + 1 < pattern_.size() && SetOf(pattern_[at_ + 1]) != nullptr) {
        if (!Escape(true) || Is(L'-')) {
          return false;
        }
        continue;
      }
      const auto low = ClassCharacter(first);
      if (!low.has_value()) {
        return false;
      }
      AppendLiteral(*low);
      const bool range = Is(L'-') && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != L']';
      if (range) {
        ++at_;
        const auto high = ClassCharacter(false);
        if (!high.has_value() || *high < *low) {
          return false;
        }
        out_ += L'-';
        AppendLiteral(*high);
      }
    }
    out_ += L']';
    return true;
  }

  // One character within a class; nullopt when something else is there.
  std::optional<wchar_t> ClassCharacter(bool first) {
    if (AtEnd()) {
      return std::nullopt;
    }
    wchar_t c = pattern_[at_++];
    if (c == L'\\') {
      if (AtEnd() || SetOf(pattern_[at_]) != nullptr) {
        return std::nullopt;
      }
      return CharacterOf(pattern_[at_++]);
    }
    // A minus is one only where no range can be meant.
    const bool plain_minus = c != L'-' || first || Is(L']');
    return plain_minus && std::wstring_view(L"[]&^").find(c) == std::wstring_view::npos ? std::optional(c)
                                                                                        : std::nullopt;
  }

  [[nodiscard]] bool IsQuantifier() const { return Is(L'*') || Is(L'+') || Is(L'?') || Is(L'{'); }

  bool Quantifier(bool may_be_empty, bool* optional) {
    if (!IsQuantifier()) {
      return true;
    }
    const std::size_t begin = at_;
    *optional = Is(L'*') || Is(L'?');
    const bool once = Is(L'?');
    if (Step(L'{')) {
      if (!Counts(optional)) {
        return false;
      }
    } else {
      ++at_;
    }
    if (Is(L'+')) {
      return false;  // possessive
    }
    Step(L'?');
    out_.append(pattern_, begin, at_ - begin);
    return !IsQuantifier() && (once || !may_be_empty);
  }

  // n}, n,} or n,m}
  bool Counts(bool* optional) {
    constexpr int kCountMax = 1000;
    const auto number = [this] {
      int value = -1;
      while (!AtEnd() && IsDigit(pattern_[at_]) && value <= kCountMax) {
        value = std::max(value, 0) * 10 + static_cast<int>(pattern_[at_++] - L'0');
      }
      return value;
    };
    const int least = number();
    int most = least;
    if (Step(L',')) {
      most = Is(L'}') ? kCountMax : number();
    }
    *optional = least == 0;
    return least >= 0 && most >= least && most > 0 && most <= kCountMax && Step(L'}');
  }

  const Wide pattern_;
  std::size_t at_ = 0;
  Wide out_;
  int groups_ = 0;
  bool nothing_ = false;
  int depth_ = 0;
};

class Compiled final : public JavaPattern {
 public:
  Compiled(boost::wregex regex, int groups, bool nothing)
      : regex_(std::move(regex)), groups_(groups), nothing_(nothing) {}

  [[nodiscard]] int groups() const override { return groups_; }
  [[nodiscard]] bool may_match_nothing() const override { return nothing_; }

  [[nodiscard]] Result<bool> IsIn(std::string_view text) const override {
    const Wide wide = Decoded(text);
    return Guarded([&]() -> Result<bool> { return boost::regex_search(wide, regex_); });
  }

  [[nodiscard]] Result<std::string> Extract(std::string_view text, int group) const override {
    const Wide wide = Decoded(text);
    return Guarded([&]() -> Result<std::string> {
      boost::wcmatch match;
      std::string found;
      if (boost::regex_search(wide.c_str(), wide.c_str() + wide.size(), match, regex_) && match[group].matched) {
        AppendEncoded(&found, match[group].first, match[group].second);
      }
      return found;
    });
  }

  [[nodiscard]] Result<std::vector<std::string>> Split(std::string_view text, std::int32_t limit) const override {
    const Wide wide = Decoded(text);
    return Guarded([&]() -> Result<std::vector<std::string>> {
      std::vector<std::string> parts;
      const wchar_t* const end = wide.c_str() + wide.size();
      const wchar_t* from = wide.c_str();
      boost::wcmatch match;
      while ((limit <= 0 || static_cast<std::int64_t>(parts.size()) < limit - 1) && Find(wide, from, &match)) {
        AppendEncoded(&parts.emplace_back(), from, match[0].first);
        from = match[0].second;
      }
      AppendEncoded(&parts.emplace_back(), from, end);
      return parts;
    });
  }

  [[nodiscard]] std::optional<Replacement> ReadReplacement(std::string_view text) const override {
    Replacement parts(1);
    const Wide wide = Decoded(text);
    for (std::size_t at = 0; at < wide.size();) {
      const wchar_t c = wide[at++];
      if (c == L'$') {
        if (at == wide.size() || !IsDigit(wide[at]) || wide[at] - L'0' > groups_) {
          return std::nullopt;
        }
        int group = wide[at++] - L'0';
        // Further digits belong to it as long as there is such a group.
        while (at < wide.size() && IsDigit(wide[at]) && group * 10 + (wide[at] - L'0') <= groups_) {
          group = group * 10 + (wide[at++] - L'0');
        }
        parts.back().group = group;
        parts.emplace_back();
        continue;
      }
      if (c == L'\\' && at == wide.size()) {
        return std::nullopt;
      }
      parts.back().text += static_cast<char32_t>(c == L'\\' ? wide[at++] : c);
    }
    return parts;
  }

  [[nodiscard]] Result<std::string> ReplaceAll(std::string_view text, const Replacement& by) const override {
    const Wide wide = Decoded(text);
    return Guarded([&]() -> Result<std::string> {
      std::string out;
      const wchar_t* const begin = wide.c_str();
      const wchar_t* const end = begin + wide.size();
      const wchar_t* kept = begin;  // what lies before is in `out`
      boost::wcmatch match;
      for (const wchar_t* from = begin; from <= end;) {
        if (!Find(wide, from, &match)) {
          break;
        }
        AppendEncoded(&out, kept, match[0].first);
        AppendReplacement(by, match, &out);
        kept = match[0].second;
        from = kept + (match[0].first == kept ? 1 : 0);
      }
      AppendEncoded(&out, kept, end);
      return out;
    });
  }

 private:
  // The first match that begins at `from` or behind it.
  bool Find(const Wide& text, const wchar_t* from, boost::wcmatch* match) const {
    const wchar_t* const begin = text.c_str();
    const auto flags = from == begin ? boost::match_default : boost::match_prev_avail;
    return boost::regex_search(from, begin + text.size(), *match, regex_, flags, begin);
  }

  static void AppendReplacement(const Replacement& by, const boost::wcmatch& match, std::string* out) {
    for (const JavaPattern::Part& part : by) {
      for (const char32_t c : part.text) {
        AppendUtf8(*out, static_cast<std::uint32_t>(c));
      }
      if (part.group.has_value() && match[*part.group].matched) {
        AppendEncoded(out, match[*part.group].first, match[*part.group].second);
      }
    }
  }

  // The library throws when a match takes too many steps.
  template <typename F>
  static auto Guarded(const F& run) -> decltype(run()) {
    try {
      return run();
    } catch (const std::runtime_error& failure) {
      return Invalid(std::string("a regular expression takes too long: ") + failure.what());
    }
  }

  boost::wregex regex_;
  int groups_;
  bool nothing_;
};

}  // namespace

std::shared_ptr<const JavaPattern> JavaPattern::Compile(std::string_view pattern) {
  constexpr std::size_t kSizeMax = 10'000;
  if (pattern.size() > kSizeMax) {
    return nullptr;
  }
  Translator translator(Decoded(pattern));
  const auto translated = translator.Run();
  if (!translated.has_value()) {
    return nullptr;
  }
  try {
    return std::make_shared<Compiled>(boost::wregex(*translated, boost::regex::perl), translator.groups(),
                                      translator.may_match_nothing());
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

}  // namespace hf

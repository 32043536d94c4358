// SPDX-License-Identifier: Apache-2.0
#include "expressions/token.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace hf {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int HexDigit(char c) {
  const char lower = Lower(c);
  return IsDigit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Reads `digits` hexadecimal digits at `at`; false when there are fewer.
bool ReadHex(std::string_view text, std::size_t at, std::size_t digits, std::uint32_t* value) {
  *value = 0;
  if (at + digits > text.size()) {
    return false;
  }
  for (std::size_t i = 0; i < digits; ++i) {
    const int digit = HexDigit(text[at + i]);
    if (digit < 0) {
      return false;
    }
    *value = *value << 4 | static_cast<std::uint32_t>(digit);
  }
  return true;
}

bool IsOctal(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && (text[at] == '0' || text[at] == '1') && text[at + 1] >= '0' && text[at + 1] <= '7' &&
         text[at + 2] >= '0' && text[at + 2] <= '7';
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> Run() {
    while (true) {
      HF_RETURN_IF_ERROR(SkipSpace());
      const std::size_t begin = at_;
      if (at_ == text_.size()) {
        tokens_.push_back({TokenKind::kEnd, "", begin, begin});
        return std::move(tokens_);
      }
      Token token;
      token.begin = begin;
      HF_RETURN_IF_ERROR(Take(&token));
      token.end = at_;
      tokens_.push_back(std::move(token));
    }
  }

 private:
  [[nodiscard]] char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  Status SkipSpace() {
    while (at_ < text_.size()) {
      if (IsSpace(Peek())) {
        ++at_;
      } else if (Peek() == '-' && Peek(1) == '-') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (Peek() == '/' && Peek(1) == '*') {
        HF_RETURN_IF_ERROR(SkipComment());
      } else {
        break;
      }
    }
    return {};
  }

  // Comments nest.
  Status SkipComment() {
    const std::size_t begin = at_;
    int depth = 0;
    do {
      if (at_ >= text_.size()) {
        return SyntaxError(text_, begin, "a comment that does not end");
      }
      const bool opens = Peek() == '/' && Peek(1) == '*';
      const bool closes = Peek() == '*' && Peek(1) == '/';
      depth += opens ? 1 : closes ? -1 : 0;
      at_ += opens || closes ? 2 : 1;
    } while (depth > 0);
    return {};
  }

  Status Take(Token* token) {
    const char c = Peek();
    if ((c == 'r' || c == 'R') && (Peek(1) == '\'' || Peek(1) == '"')) {
      ++at_;
      return TakeString(token, true);
    }
    if (c == '\'' || c == '"') {
      return TakeString(token, false);
    }
    if (c == '`') {
      return TakeQuoted(token);
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)) && !AfterName())) {
      TakeNumber(token);
      return {};
    }
    if (IsLetter(c)) {
      token->kind = TokenKind::kWord;
      while (IsLetter(Peek()) || IsDigit(Peek())) {
        token->text += text_[at_++];
      }
      return {};
    }
    static constexpr std::array<std::string_view, 34> kSymbols = {
        "<=>", "<>", "<=", ">=", "!=", "!<", "!>", "==", "||", "::", "<<", ">>", "->", "=>", "=", "<", ">",
        "+",   "-",  "*",  "/",  "%",  "(",  ")",  ",",  ".",  "!",  "~",  "&",  "|",  "^",  "[", "]", ";"};
    for (const std::string_view symbol : kSymbols) {
      if (text_.substr(at_).starts_with(symbol)) {
        token->kind = TokenKind::kSymbol;
        token->text = symbol;
        at_ += symbol.size();
        return {};
      }
    }
    return SyntaxError(text_, at_, "a character that SQL has no use for");
  }

  // Behind a name a point begins a field, as in t.1.
  [[nodiscard]] bool AfterName() const {
    return !tokens_.empty() && tokens_.back().end == at_ &&
           (tokens_.back().kind == TokenKind::kWord || tokens_.back().kind == TokenKind::kQuoted);
  }

  Status TakeQuoted(Token* token) {
    token->kind = TokenKind::kQuoted;
    const std::size_t begin = at_++;
    while (true) {
      if (at_ >= text_.size()) {
        return SyntaxError(text_, begin, "a name in backticks that does not end");
      }
      if (Peek() == '`' && Peek(1) != '`') {
        ++at_;
        break;
      }
      at_ += Peek() == '`' ? 1 : 0;
      token->text += text_[at_++];
    }
    return token->text.empty() ? SyntaxError(text_, begin, "an empty name") : Status();
  }

  Status TakeString(Token* token, bool raw) {
    token->kind = TokenKind::kString;
    const std::size_t begin = at_;
    const char quote = text_[at_++];
    while (true) {
      if (at_ >= text_.size()) {
        return SyntaxError(text_, begin, "a string that does not end");
      }
      if (Peek() == quote) {
        ++at_;
        // Spark 4: a quote within its own kind is written twice.
        if (raw || Peek() != quote) {
          return {};
        }
        token->text += text_[at_++];
      } else if (Peek() == '\\' && !raw) {
        ++at_;
        TakeEscape(&token->text);
      } else {
        token->text += text_[at_++];
      }
    }
  }

  // SparkParserUtils.unescapeSQLString.
  void TakeEscape(std::string* out) {
    std::uint32_t value = 0;
    if (Peek() == 'u' && ReadHex(text_, at_ + 1, 4, &value) && (value < 0xD800 || value > 0xDFFF)) {
      AppendUtf8(*out, value);
      at_ += 5;
    } else if (Peek() == 'U' && ReadHex(text_, at_ + 1, 8, &value) && value <= 0x10FFFF &&
               (value < 0xD800 || value > 0xDFFF)) {
      AppendUtf8(*out, value);
      at_ += 9;
    } else if (IsOctal(text_, at_)) {
      AppendUtf8(*out, static_cast<std::uint32_t>((Peek() - '0') * 64 + (Peek(1) - '0') * 8 + (Peek(2) - '0')));
      at_ += 3;
    } else if (at_ < text_.size()) {
      const char c = text_[at_++];
      switch (c) {
        case '0': *out += '\0'; break;
        case 'b': *out += '\b'; break;
        case 'n': *out += '\n'; break;
        case 'r': *out += '\r'; break;
        case 't': *out += '\t'; break;
        case 'Z': *out += '\x1A'; break;
        case '%': *out += "\\%"; break;
        case '_': *out += "\\_"; break;
        default: *out += c;
      }
    }
  }

  void TakeDigits(std::string* out) {
    while (IsDigit(Peek())) {
      *out += text_[at_++];
    }
  }

  void TakeNumber(Token* token) {
    token->kind = TokenKind::kNumber;
    TakeDigits(&token->text);
    if (Peek() == '.' && Peek(1) != '.') {
      token->text += text_[at_++];
      TakeDigits(&token->text);
    }
    const std::size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
    if (Lower(Peek()) == 'e' && IsDigit(Peek(1 + sign))) {
      token->text.append(text_, at_, 1 + sign);
      at_ += 1 + sign;
      TakeDigits(&token->text);
    }
    // A suffix, or what makes this no number: the parser judges.
    while (IsLetter(Peek()) || IsDigit(Peek())) {
      token->text += text_[at_++];
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> Tokenize(std::string_view text) { return Scanner(text).Run(); }

bool SameWord(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return Lower(a) == Lower(b); });
}

std::string LowerWord(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

Status SyntaxError(std::string_view text, std::size_t at, std::string_view what) {
  return Invalid(fmt::format("the expression \"{}\" has, at character {}, {}", text, at + 1, what),
                 "PARSE_SYNTAX_ERROR");
}

}  // namespace hf

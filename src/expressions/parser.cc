// SPDX-License-Identifier: Apache-2.0
// A Pratt parser for the expressions of SqlBaseParser.g4 (Spark 4.3). From the loosest: OR; AND; NOT; one predicate
// (IN, LIKE, BETWEEN, IS); comparisons; |; ^; &; shifts; + - ||; * / % DIV; unary + - ~; :: and what is no operator.
#include <fmt/format.h>

#include <array>
#include <limits>

#include "expressions/literal.h"
#include "expressions/operators.h"
#include "expressions/syntax.h"
#include "expressions/token_cursor.h"

namespace hf {
namespace {

class Parser : private TokenCursor {
 public:
  using TokenCursor::TokenCursor;

  Result<SelectItem> Item() {
    SelectItem item;
    HF_RETURN_IF_ERROR(NotEmpty());
    if (IsSymbol("*") && Next().kind == TokenKind::kEnd) {
      item.expression.kind = SyntaxKind::kStar;
      return item;
    }
    HF_ASSIGN_OR_RETURN(item.expression, Expression(kAny));
    HF_ASSIGN_OR_RETURN(item.alias, Alias());
    HF_RETURN_IF_ERROR(End());
    return item;
  }

  Result<std::optional<std::string>> Alias() {
    const bool as = TakeWord("as");
    if (Now().kind == TokenKind::kWord || Now().kind == TokenKind::kQuoted) {
      return std::optional(Take().text);
    }
    return as ? Unexpected("a name") : Result<std::optional<std::string>>(std::nullopt);
  }

  Result<Syntax> Whole() {
    HF_RETURN_IF_ERROR(NotEmpty());
    HF_ASSIGN_OR_RETURN(Syntax made, Expression(kAny));
    HF_RETURN_IF_ERROR(End());
    return made;
  }

 private:
  [[nodiscard]] Status NotEmpty() const {
    return Now().kind == TokenKind::kEnd ? Invalid("an expression is empty", "PARSE_EMPTY_STATEMENT") : Status();
  }
  [[nodiscard]] const BinaryOperator* OperatorHere() const {
    if (Now().kind != TokenKind::kSymbol && Now().kind != TokenKind::kWord) {
      return nullptr;
    }
    for (const BinaryOperator& one : kBinaryOperators) {
      if (SameWord(one.text, Now().text)) {
        return &one;
      }
    }
    return nullptr;
  }

  Result<Syntax> Expression(int least) {
    if (++depth_ > kBracketsMax) {
      return TooComplex();
    }
    auto made = Operators(least);
    --depth_;
    return made;
  }

  Result<Syntax> Operators(int least) {
    int most = kUnary;  // what may still follow
    Syntax left;
    const std::size_t begin = Now().begin;
    if (least <= kNot && (IsWord(Now(), "not") || IsSymbol("!"))) {
      Take();
      HF_ASSIGN_OR_RETURN(Syntax operand, Expression(kNot));
      left = CallSyntax("not", {std::move(operand)}, begin);
      most = kAnd;
    } else {
      HF_ASSIGN_OR_RETURN(left, Unary());
    }
    while (true) {
      if (IsTooComplex(left)) {
        return TooComplex();
      }
      const BinaryOperator* found = OperatorHere();
      if (found != nullptr && found->level >= least && found->level <= most) {
        Take();
        HF_ASSIGN_OR_RETURN(Syntax right, Expression(found->level + 1));
        std::vector<Syntax> both;
        both.push_back(std::move(left));
        both.push_back(std::move(right));
        left = CallSyntax(std::string(found->call), std::move(both), begin);
        most = std::min(most, found->level <= kAnd ? static_cast<int>(kAnd) : static_cast<int>(found->level));
      } else if (least <= kPredicate && most >= kPredicate && PredicateHere()) {
        HF_ASSIGN_OR_RETURN(left, Predicate(std::move(left), begin));
        most = kAnd;
      } else {
        return left;
      }
    }
  }

  [[nodiscard]] bool PredicateHere() const {
    const Token& token = IsWord(Now(), "not") ? Next() : Now();
    for (const std::string_view word : {"in", "like", "ilike", "rlike", "regexp", "between"}) {
      if (IsWord(token, word)) {
        return true;
      }
    }
    return IsWord(Now(), "is");
  }

  Result<Syntax> Predicate(Syntax left, std::size_t begin) {
    if (TakeWord("is")) {
      return Is(std::move(left), begin);
    }
    const bool negated = TakeWord("not");
    std::vector<Syntax> arguments;
    arguments.push_back(std::move(left));
    const std::string word = LowerWord(Take().text);
    if (word == "between") {
      HF_ASSIGN_OR_RETURN(arguments.emplace_back(), Expression(kComparison));
      HF_RETURN_IF_ERROR(ExpectWord("and"));
      HF_ASSIGN_OR_RETURN(arguments.emplace_back(), Expression(kComparison));
    } else if (word == "in") {
      HF_RETURN_IF_ERROR(Expect("("));
      if (IsSymbol(")")) {
        return Invalid(fmt::format("the expression \"{}\" has an IN without values", text()),
                       "INVALID_SQL_SYNTAX.EMPTY_IN_PREDICATE");
      }
      HF_RETURN_IF_ERROR(List(&arguments));
    } else if (word == "ilike" || IsWord(Now(), "any") || IsWord(Now(), "some") || IsWord(Now(), "all")) {
      return Unoffered(word == "ilike" ? word : word + " with a quantifier");
    } else {
      HF_ASSIGN_OR_RETURN(arguments.emplace_back(), Expression(kComparison));
      if (word == "like" && TakeWord("escape")) {
        HF_ASSIGN_OR_RETURN(arguments.emplace_back(), Unary());
      }
    }
    Syntax made = CallSyntax(word == "regexp" ? "rlike" : word, std::move(arguments), begin);
    return negated ? CallSyntax("not", {std::move(made)}, begin) : made;
  }

  Result<Syntax> Is(Syntax left, std::size_t begin) {
    const bool negated = TakeWord("not");
    const std::string word = LowerWord(Take().text);
    std::vector<Syntax> arguments;
    arguments.push_back(std::move(left));
    if (word == "null") {
      return CallSyntax(negated ? "isnotnull" : "isnull", std::move(arguments), begin);
    }
    if (word == "unknown") {
      return CallSyntax(negated ? "is not unknown" : "is unknown", std::move(arguments), begin);
    }
    Syntax made;
    if (word == "true" || word == "false") {
      Syntax value;
      value.value = word == "true";
      value.type = DataType::Boolean();
      arguments.push_back(std::move(value));
    } else if (word == "distinct") {
      HF_RETURN_IF_ERROR(ExpectWord("from"));
      HF_ASSIGN_OR_RETURN(arguments.emplace_back(), Expression(kComparison));
      made = CallSyntax("<=>", std::move(arguments), begin);
      return negated ? made : CallSyntax("not", {std::move(made)}, begin);
    } else {
      return Unexpected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM behind IS");
    }
    made = CallSyntax("<=>", std::move(arguments), begin);
    return negated ? CallSyntax("not", {std::move(made)}, begin) : made;
  }

  Result<Syntax> Unary() {
    const std::size_t begin = Now().begin;
    if (IsSymbol("-") && Next().kind == TokenKind::kNumber) {
      Take();
      return Postfix(Number(true));
    }
    for (const std::string_view symbol : {"-", "+", "~"}) {
      if (TakeSymbol(symbol)) {
        HF_ASSIGN_OR_RETURN(Syntax operand, Expression(kUnary));
        const std::string name = symbol == "-" ? "negative" : symbol == "+" ? "positive" : "~";
        Syntax made = CallSyntax(name, {std::move(operand)}, begin);
        made.written = symbol;
        return made;
      }
    }
    return Postfix(Primary());
  }

  Result<Syntax> Postfix(Result<Syntax> primary) {
    HF_RETURN_IF_ERROR(primary.status());
    Syntax made = std::move(primary).value();
    while (true) {
      if (IsTooComplex(made)) {
        return TooComplex();
      }
      if (TakeSymbol("::")) {
        HF_ASSIGN_OR_RETURN(const DataType type, Type());
        made = Cast(std::move(made), type);
      } else if (TakeSymbol("[")) {
        std::vector<Syntax> both;
        both.push_back(std::move(made));
        HF_ASSIGN_OR_RETURN(both.emplace_back(), Expression(kAny));
        HF_RETURN_IF_ERROR(Expect("]"));
        const std::size_t begin = both[0].begin;
        made = CallSyntax("[]", std::move(both), begin);
      } else if (TakeSymbol(".")) {
        HF_ASSIGN_OR_RETURN(made, Field(std::move(made)));
      } else {
        return made;
      }
    }
  }

  // Behind the dot: a name in brackets goes on, (r).a is r.a.
  Result<Syntax> Field(Syntax of) {
    if (IsSymbol("*")) {
      return Unoffered("all fields of a struct");
    }
    if (Now().kind != TokenKind::kWord && Now().kind != TokenKind::kQuoted) {
      return Unexpected("the name of a field");
    }
    if (of.kind == SyntaxKind::kName) {
      of.parts.push_back(Take().text);
      return of;
    }
    std::vector<Syntax> both;
    both.push_back(std::move(of));
    Syntax& name = both.emplace_back();
    name.value = Take().text;
    name.type = DataType::String();
    const std::size_t begin = both[0].begin;
    return CallSyntax(".", std::move(both), begin);
  }

  static Syntax Cast(Syntax operand, const DataType& type) {
    Syntax made;
    made.kind = SyntaxKind::kCast;
    made.begin = operand.begin;
    made.type = type;
    made.arguments.push_back(std::move(operand));
    Measure(&made);
    return made;
  }

  Result<Syntax> Number(bool negative) {
    const Token token = Take();
    HF_ASSIGN_OR_RETURN(auto made, NumberLiteral(token.text, negative));
    if (!made.has_value()) {
      if (negative || token.text.find('.') != std::string::npos) {
        return SyntaxError(text(), token.begin, fmt::format("\"{}\", which is no number", token.text));
      }
      made.emplace();
      made->kind = SyntaxKind::kName;
      made->parts.push_back(token.text);
    }
    made->begin = token.begin;
    return std::move(*made);
  }

  Result<Syntax> Primary() {
    switch (Now().kind) {
      case TokenKind::kNumber: return Number(false);
      case TokenKind::kString: return Text();
      case TokenKind::kQuoted: return Name();
      case TokenKind::kWord: return Word();
      default: break;
    }
    if (TakeSymbol("(")) {
      HF_ASSIGN_OR_RETURN(Syntax made, Expression(kAny));
      if (IsSymbol(",")) {
        return Unoffered("a tuple");
      }
      HF_RETURN_IF_ERROR(Expect(")"));
      return made;
    }
    return Unexpected("a value");
  }

  Result<Syntax> Text() {
    Syntax made;
    made.begin = Now().begin;
    std::string text;
    while (Now().kind == TokenKind::kString) {  // neighbours are one text
      text += Take().text;
    }
    made.value = std::move(text);
    made.type = DataType::String();
    return made;
  }

  Result<Syntax> Name() {
    Syntax made;
    made.kind = SyntaxKind::kName;
    made.begin = Now().begin;
    made.parts.push_back(Take().text);
    while (IsSymbol(".") && (Next().kind == TokenKind::kWord || Next().kind == TokenKind::kQuoted)) {
      Take();
      made.parts.push_back(Take().text);
    }
    return made;
  }

  Result<Syntax> Word() {
    const std::string word = LowerWord(Now().text);
    const std::size_t begin = Now().begin;
    if (word == "null" || word == "true" || word == "false") {
      Take();
      Syntax made;
      made.begin = begin;
      if (word != "null") {
        made.value = word == "true";
        made.type = DataType::Boolean();
      }
      return made;
    }
    if (Next().kind == TokenKind::kString) {
      HF_ASSIGN_OR_RETURN(auto made, TypedLiteral(Now().text, Next().text));
      if (made.has_value()) {
        Take();
        Take();
        made->begin = begin;
        return std::move(*made);
      }
    }
    if (word == "case") {
      return Case();
    }
    if (word == "interval") {
      return Unoffered("an interval");
    }
    for (const std::string_view reserved : {"and", "or", "not", "in", "like", "between", "is", "when", "then", "else",
                                            "end", "as", "from", "distinct", "select"}) {
      if (word == reserved) {
        return Unexpected("a value");
      }
    }
    if (Next().kind == TokenKind::kSymbol && Next().text == "(") {
      return word == "cast" ? CastCall() : FunctionCall();
    }
    return Name();
  }

  Result<Syntax> Case() {
    const std::size_t begin = Take().begin;
    std::optional<Syntax> operand;
    if (!IsWord(Now(), "when")) {
      HF_ASSIGN_OR_RETURN(operand, Expression(kAny));
    }
    Syntax made;
    made.kind = SyntaxKind::kCase;
    made.begin = begin;
    std::size_t nodes = 0;  // each WHEN has a copy of the operand
    do {
      HF_RETURN_IF_ERROR(ExpectWord("when"));
      HF_ASSIGN_OR_RETURN(Syntax when, Expression(kAny));
      if (operand.has_value()) {
        const std::size_t at = when.begin;
        std::vector<Syntax> both = {*operand};
        both.push_back(std::move(when));
        when = CallSyntax("=", std::move(both), at);
      }
      nodes += when.nodes;
      if (nodes > kNodesMax) {
        return TooComplex();
      }
      made.arguments.push_back(std::move(when));
      HF_RETURN_IF_ERROR(ExpectWord("then"));
      HF_ASSIGN_OR_RETURN(made.arguments.emplace_back(), Expression(kAny));
    } while (IsWord(Now(), "when"));
    if (TakeWord("else")) {
      HF_ASSIGN_OR_RETURN(made.arguments.emplace_back(), Expression(kAny));
    }
    HF_RETURN_IF_ERROR(ExpectWord("end"));
    Measure(&made);
    return made;
  }

  Result<Syntax> CastCall() {
    Take();
    Take();
    HF_ASSIGN_OR_RETURN(Syntax operand, Expression(kAny));
    HF_RETURN_IF_ERROR(ExpectWord("as"));
    HF_ASSIGN_OR_RETURN(const DataType type, Type());
    HF_RETURN_IF_ERROR(Expect(")"));
    return Cast(std::move(operand), type);
  }

  Result<Syntax> FunctionCall() {
    const std::size_t begin = Now().begin;
    const std::string written = Take().text;
    const std::string name = LowerWord(written);
    Take();
    std::vector<Syntax> arguments;
    if (IsWord(Now(), "distinct") || IsWord(Now(), "all")) {
      return Unoffered("DISTINCT or ALL in a function");
    }
    if (name == "trim" && (IsWord(Now(), "both") || IsWord(Now(), "leading") || IsWord(Now(), "trailing"))) {
      return Unoffered("trim with BOTH, LEADING or TRAILING");
    }
    if (name == "try_cast") {
      return Unoffered("try_cast");
    }
    if (IsSymbol("*") && name != "struct") {
      return Unoffered(fmt::format("{}(*)", written));
    }
    if (name == "position") {
      HF_ASSIGN_OR_RETURN(arguments.emplace_back(), Expression(kComparison));
      if (TakeWord("in")) {
        HF_ASSIGN_OR_RETURN(arguments.emplace_back(), Expression(kAny));
        HF_RETURN_IF_ERROR(Expect(")"));
        return CallSyntax("locate", std::move(arguments), begin);
      }
      HF_RETURN_IF_ERROR(Expect(","));
    }
    if (!TakeSymbol(")")) {
      HF_RETURN_IF_ERROR(List(&arguments, name == "struct"));
    }
    if (IsWord(Now(), "over") || IsWord(Now(), "filter")) {
      return Unoffered("a window or an aggregate");
    }
    Syntax made = CallSyntax(name, std::move(arguments), begin);
    made.written = written;
    return made;
  }

  // Up to and with the closing bracket.
  Status List(std::vector<Syntax>* items, bool named = false) {
    do {
      if (named && IsSymbol("*")) {
        Syntax& star = items->emplace_back();
        star.kind = SyntaxKind::kStar;
        star.begin = Take().begin;
        if (!IsSymbol(",") && !IsSymbol(")")) {
          return Unoffered("anything behind a * in struct()");
        }
        continue;
      }
      HF_ASSIGN_OR_RETURN(Syntax item, Expression(kAny));
      if (named) {
        HF_ASSIGN_OR_RETURN(item.alias, Alias());
      }
      if (IsSymbol("=>") || IsSymbol("->") || IsWord(Now(), "from") || IsWord(Now(), "for") ||
          IsWord(Now(), "placing")) {
        return Unoffered("a named argument, a lambda, or FROM within a function");
      }
      items->push_back(std::move(item));
    } while (TakeSymbol(","));
    return Expect(")");
  }

  Result<DataType> Type() {
    if (Now().kind != TokenKind::kWord) {
      return Unexpected("a type");
    }
    const std::string word = Take().text;
    std::vector<int> numbers;
    if (TakeSymbol("(")) {
      do {
        HF_ASSIGN_OR_RETURN(const Syntax number, Number(false));
        if (number.kind != SyntaxKind::kLiteral || number.type.kind() != TypeKind::kInt) {
          return Unexpected("digits of a type");
        }
        numbers.push_back(std::get<std::int32_t>(number.value));
      } while (TakeSymbol(","));
      HF_RETURN_IF_ERROR(Expect(")"));
    } else if (IsSymbol("<")) {
      return Unoffered("a cast to a nested type");
    }
    auto type = TypeOfWord(word, numbers);
    return type.ok() ? type : type.status().WithContext(fmt::format("the expression \"{}\"", text()));
  }

  int depth_ = 0;
};

}  // namespace

Result<SelectItem> ParseSelectItem(std::string_view text) {
  HF_ASSIGN_OR_RETURN(auto tokens, Tokenize(text));
  return Parser(text, std::move(tokens)).Item();
}

Result<Syntax> ParseExpression(std::string_view text) {
  HF_ASSIGN_OR_RETURN(auto tokens, Tokenize(text));
  return Parser(text, std::move(tokens)).Whole();
}

}  // namespace hf

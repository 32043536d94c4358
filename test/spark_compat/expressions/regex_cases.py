# SPDX-License-Identifier: Apache-2.0
"""Regular expressions."""

from expressions.cases import case

PATTERNS = ["a", "ab", "", "^a", "a$", "^a$", "^$", "$", "^", "a|b", "(a)", "(a)(b)", "(a|b)c", "a*", "a+", "a?", "ab*c", "(ab)+", "[abc]", "[^abc]", "[a-z]+", "[A-Za-z0-9_]+", "[0-9]{3}", "[0-9]{2,4}", "[0-9]{2,}", ".", ".*", "a.b", "a.*b", r"\d", r"\d+", r"\D+", r"\w+", r"\W", r"\s", r"\s+",
            r"\S+", r"\.", r"\\", r"\/", r"\-", r"[\w.]+@[\w.]+", r"^(\d{4})-(\d{2})-(\d{2})$", r"(\d+)-(\d+)", r"(?:ab)+", "(?i)abc", r"\bfoo\b", r"a+?", "a*?b", "a++", "(a", "a)", "[a", "a{2", "a{2}", "a{,2}", "*a", "a**", r"(a)\1", "(?=a)", "(?!a)b", "(?<=a)b", "(?<n>a)", "x*", "(a*)", "(a*)*", "(|a)", "a||b", "|a", "a|",
            "[]a]", "[^]a]", "[a-]", "[-a]", r"[\d-]", r"[a\-z]", "[a&&b]", "[[a]b]", "[a[b]]", r"\p{L}+", r"\p{Alpha}+", r"[[:alpha:]]", r"\x41", r"\u00e9", "é", "[é-ü]", "😀", "[😀]", ".😀", "[^😀]", r"\t", r"\n", "\n", r"\Qa.b\E", r"\z", r"\A", r"\Z", "(?s).", "(?m)^b", r"\h", r"\R", "a{0}", "a{1000}", "a{1001}", "(a|ab)(c|bcd)",
            "(https?)://([^/]+)(/.*)?", r"^\s+|\s+$", r"[^a-zA-Z0-9 ]", "[ ,;]+", "(a+)(b+)?", "(x)?(y)?(z)?", "((a)(b))", "#", "a #c", "-", "}", "]", "{", r"\{", r"\[", r"\(", r"\$", r"\^", r"\|", r"\?", r"\*", r"\+", "^abc|def$", "(^a)", "(a$)", "a$b", "a^b", "[$]", "[.]", "[a-zé]+", r"[\s,]+", r"[^\s]+", r"[^\d]", r"[\D]", r"\e", r"\0101", r"\cA"]
REPLACEMENTS = ["", "x", "[$0]", "$1", "<$1>", r"\$", r"\\", r"a\b", "$2$1", "$", "${n}", "$10", "$9", "é😀", "\\", "$1x$1"]


def tables():
    texts = [None, "", "a", "b", "ab", "abc", "aab", "aaab", "abab", "ababc", "xyz", "ABC", "aBc", "a b", " a  b ", "a.b", "a-b", "a_b", "a\nb", "a\n", "b\na", "a\r\n", "a\r", "\n", "a\u0085", "a\u2028", "a\u0085b", "a\rb", "a\u2028b", "2024-02-29", "on 2024-02-29 and 2023-01-01", "12", "123", "12345", "abc123def456", "foo bar foo", "foobar",
             "user@example.com", "a@b", "http://example.com/path?q=1", "https://x.org", "café", "éü", "😀", "a😀b", "😀😀", "a\tb", "a\u00a0b", "\u0663", "a\\b", "a/b", "[a]", "(a)", "{a}", "a$b", "a^b", "a|b", "a*b", "a+b", "a?b", "a#c", "x,y;z", "  lead", "trail  ", "--", "bcd", "abcd", "acd", "zzz", "yz", "xz", "def", "abcdef", "a" * 1000, "a" * 1001, "İ", "K", "ſ", "a\u000bb", "A", "aa"]
    return [{"table": "matched", "columns": "x string,i int", "rows": [[text, str(at % 3)] for at, text in enumerate(texts)]}]


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def cases():
    made = [case(f"x RLIKE {quoted(pattern)}", "matched") for pattern in PATTERNS]
    made += [case(f"regexp_replace(x, {quoted(pattern)}, '<>')", "matched") for pattern in PATTERNS] + [case(f"regexp_extract(x, {quoted(pattern)}, 0)", "matched") for pattern in PATTERNS]
    made += [case(f"regexp_replace(x, {quoted(pattern)}, {quoted(by)})", "matched") for pattern in ["a", "(a)(b)", "(a)|(b)", "x*"] for by in REPLACEMENTS]
    made += [case(f"regexp_extract(x, {quoted(pattern)}{group})", "matched") for pattern in ["(a)(b)", "(a)|(b)", r"(\d+)-(\d+)", "a", "((a)(b))", "(x)?(y)?(z)?"] for group in ["", ", 1", ", 2", ", 3", ", -1", ", i", ", NULL", ", '1'", ", 1L"]]
    return made + [case(e, "matched") for e in ["x REGEXP 'a'", "x NOT RLIKE 'a'", "x NOT REGEXP '^a'", "rlike(x, 'a')", "regexp(x, 'a')", "regexp_like(x, 'a')", "RLIKE(x, 'a')", "x RLIKE x", "x RLIKE NULL", "x RLIKE 'a' || 'b'", "i RLIKE '1'", "NULL RLIKE 'a'", "x rlike r'\\d+'", "x RLIKE 'a' AND x RLIKE 'b'", "x RLIKE ANY ('a', 'b')",
                                                "regexp_replace(x, 'a')", "regexp_replace(x, 'a', 'b', 1)", "regexp_replace(x, 'a', 'b', 2)", "regexp_replace(x, 'a', 'b', 0)", "regexp_replace(x, 'a', 'b', i)", "regexp_replace(x, x, 'b')", "regexp_replace(x, 'a', x)", "regexp_replace(x, NULL, 'b')", "regexp_replace(x, 'a', NULL)", "regexp_replace(NULL, 'a', 'b')",
                                                "regexp_replace(i, '1', 'one')", "Regexp_Replace(x, 'a', 'b')", "regexp_replace(x, 'a', i)", "regexp_replace(upper(x), 'A', '') = ''", "regexp_extract(x)", "regexp_extract(x, x, 0)", "regexp_extract(x, NULL, 0)", "regexp_extract(NULL, 'a', 0)", "regexp_extract(i, '1', 0)", "Regexp_Extract(x, '(a)')",
                                                "CAST(regexp_extract(x, '[0-9]+', 0) AS INT)", "length(regexp_replace(x, '[^a]', ''))", "regexp_extract_all(x, 'a')", "regexp_count(x, 'a')", "regexp_substr(x, 'a')", "regexp_instr(x, 'a')", "split(x, '[,;]')", "split(x, 'a+')", "x RLIKE ''", "if(x RLIKE '^[0-9]+$', x, 'none')"]] + [case(e, "sure_nested") for e in ["x RLIKE 'a'", "regexp_replace(x, 'a', 'b')", "regexp_extract(x, '(a)', 1)"]]

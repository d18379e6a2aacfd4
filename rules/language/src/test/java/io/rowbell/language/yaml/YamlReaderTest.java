package io.rowbell.language.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Location;
import io.rowbell.language.issue.Problems;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlReaderTest {
  private final Problems problems = new Problems();

  @Test
  void keepsOrderRawWordsAndBareEntries() {
    YamlMap map =
        map(
            """
            on: no
            n: 010
            data: {id, symbol, previous: before.price}
            list: [a, 'b']
            empty:
            """);

    assertThat(map.entries())
        .extracting(YamlMap.Entry::name)
        .containsExactly("on", "n", "data", "list", "empty");
    assertThat(text(map, "on").value()).isEqualTo("no");
    assertThat(text(map, "n").value()).isEqualTo("010");
    assertThat(text(map, "empty").isEmpty()).isTrue();
    YamlMap data = (YamlMap) value(map, "data");
    assertThat(text(data, "id").isEmpty()).isTrue();
    assertThat(text(data, "previous").value()).isEqualTo("before.price");
    assertThat(text(data, "previous").isInFlow()).isTrue();
    assertThat(((YamlList) value(map, "list")).items())
        .extracting(Object::toString)
        .containsExactly("a", "b");
    assertThat(problems.issues()).isEmpty();
  }

  @Test
  void everyCharacterKnowsItsPlaceInPlainAndQuotedText() {
    YamlMap map =
        map(
            """
            plain: a > 'b' && c
            single: 'it''s = here'
            double: "a\\t\\x41\\u00e9\\"b = c"
            folded over: one
              two =

              three
            quoted over: "one \\
              two =

              three"
            """);

    assertPlaces(text(map, "plain"), "a > 'b' && c", "&&", "1:16");
    assertPlaces(text(map, "single"), "it's = here", "=", "2:16");
    assertPlaces(text(map, "double"), "a\tA\u00e9\"b = c", "=", "3:27");
    assertPlaces(text(map, "double"), "a\tA\u00e9\"b = c", "A", "3:13");
    assertPlaces(text(map, "folded over"), "one two =\nthree", "=", "5:7");
    assertPlaces(text(map, "folded over"), "one two =\nthree", "three", "7:3");
    assertPlaces(text(map, "quoted over"), "one two =\nthree", "=", "9:7");
    assertPlaces(text(map, "quoted over"), "one two =\nthree", "ree", "11:5");
  }

  @Test
  void everyCharacterKnowsItsPlaceInBlocks() {
    YamlMap map =
        map(
            """
            literal: |  # why
              a >
                b

              && c
            folded: >-
              a
              && b

              || c
            indented: |2
                x
            """);

    String literal = "a >\n  b\n\n&& c\n";
    assertPlaces(text(map, "literal"), literal, ">", "2:5");
    assertPlaces(text(map, "literal"), literal, "  b", "3:3");
    assertPlaces(text(map, "literal"), literal, "b", "3:5");
    assertPlaces(text(map, "literal"), literal, "&&", "5:3");
    assertThat(place(text(map, "literal").at(literal.length()))).isEqualTo("5:7");
    assertPlaces(text(map, "folded"), "a && b\n|| c", "&&", "8:3");
    assertPlaces(text(map, "folded"), "a && b\n|| c", "|| c", "10:3");
    assertPlaces(text(map, "indented"), "  x\n", "  x", "12:3");
  }

  @Test
  void placesCountCharactersAfterAByteOrderMarkCrLfAndAstralCharacters() {
    YamlMap map = map("\uFEFFa: '\uD83D\uDE00'\r\nb: x \uD83D\uDE00 y\r\n");

    assertPlaces(text(map, "b"), "x \uD83D\uDE00 y", "y", "2:9");
    assertThat(text(map, "b").at(0).lineText()).isEqualTo("b: x \uD83D\uDE00 y");
  }

  @Test
  void positionsOfRandomScalarsPointAtTheSameCharacter() {
    for (long seed = 0; seed < 3_000; seed++) {
      Random random = new Random(seed);
      String source = randomScalar(random);
      Problems seen = new Problems();
      if (!(YamlReader.read("f", source, seen) instanceof YamlMap map)
          || !seen.issues().isEmpty()
          || !(map.entries().get(0).value() instanceof YamlScalar scalar)) {
        continue;
      }
      String[] lines = source.split("\n", -1);
      for (int i = 0; i < scalar.value().length(); i++) {
        char c = scalar.value().charAt(i);
        Location location = scalar.at(i);
        if (c != ' ' && c != '\n' && c != '\t') {
          assertThat(lines[location.line() - 1].charAt(location.column() - 1))
              .as("seed %d, offset %d of <%s> read from <%s>", seed, i, scalar.value(), source)
              .isEqualTo(c);
        }
      }
      scalar.at(scalar.value().length());
    }
  }

  private static String randomScalar(Random random) {
    String[] styles = {"", "'", "\"", "|\n  ", ">\n  ", ">-\n   ", "|+\n  "};
    String style = styles[random.nextInt(styles.length)];
    StringBuilder source = new StringBuilder("key: ").append(style);
    String[] parts = {"a", "b", "c", " ", "  ", "\n  ", "\n    ", "\n\n  ", "1", "."};
    for (int i = random.nextInt(20); i >= 0; i--) {
      String part = parts[random.nextInt(parts.length)];
      if (random.nextInt(8) == 0) {
        part = style.equals("'") ? "''" : style.equals("\"") ? "\\\n  " : part;
      }
      source.append(part);
    }
    return source.append(style.length() == 1 ? style : "").append("\n").toString();
  }

  @Test
  void knowsTheCommentThatEndsAPlainText() {
    YamlMap map = map("a: x == 'no #1'\nb: 'x' # y\nc: x\n");

    Location comment = text(map, "a").commentAfter();
    assertThat(comment == null ? "" : place(comment)).isEqualTo("1:13");
    assertThat(text(map, "b").commentAfter()).isNull();
    assertThat(text(map, "c").commentAfter()).isNull();
  }

  @Test
  void aLeadingExclamationMarkIsATag() {
    YamlNode node = YamlReader.read("r.yaml", "when: !deleted\nkey: id\n", problems);

    assertRendered(
        """
        r.yaml:1:7: error R003: YAML reads a value that begins with '!' as a tag
             1 | when: !deleted
               |       ^
               = help: write the whole value between quotes, or after '|' on a line of its own""");
    assertThat(node).isInstanceOf(YamlMap.class);
    assertThat(text((YamlMap) java.util.Objects.requireNonNull(node), "when").isBroken()).isTrue();
  }

  @Test
  void showsEveryMisreadValueOfAFileAtOnceAndReadsTheRest() {
    YamlNode node =
        YamlReader.read(
            "r.yaml",
            """
            a: x ? y : z
            b: 'A' == status
            c: [1, 2].exists(x, x > 1)
            d: &x
            e: *.ssn
            f: @x
            g: {x: a[0], y}
            h: > 5
            j: {x: y, z: !a, b: c}
            k: [@a]
            i: fine
            """,
            problems);

    assertRendered(
        """
        r.yaml:1:10: error R003: YAML reads ': ' as the end of a key
             1 | a: x ? y : z
               |          ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        r.yaml:2:4: error R003: YAML reads a value that begins with a quote only as far as the closing quote
             2 | b: 'A' == status
               |    ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        r.yaml:3:4: error R003: YAML reads a value that begins with '[' as a list
             3 | c: [1, 2].exists(x, x > 1)
               |    ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        r.yaml:4:4: error R003: YAML reads a value that begins with '&' as an anchor
             4 | d: &x
               |    ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        r.yaml:5:4: error R003: YAML reads a value that begins with '*' as an alias
             5 | e: *.ssn
               |    ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        r.yaml:6:4: error R003: YAML lets no value begin with '@'
             6 | f: @x
               |    ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        r.yaml:7:9: error R003: between { } or [ ] YAML ends a value at each of , : [ ] { }, so it cannot read on here
             7 | g: {x: a[0], y}
               |         ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        r.yaml:8:4: error R003: YAML reads a value that begins with '>' as a block
             8 | h: > 5
               |    ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        r.yaml:9:14: error R003: YAML reads a value that begins with '!' as a tag
             9 | j: {x: y, z: !a, b: c}
               |              ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        r.yaml:10:5: error R003: YAML lets no value begin with '@'
            10 | k: [@a]
               |     ^
               = help: write the whole value between quotes, or after '|' on a line of its own""");
    YamlMap map = (YamlMap) java.util.Objects.requireNonNull(node);
    assertThat(text(map, "a").isBroken()).isTrue();
    assertThat(text(map, "i").value()).isEqualTo("fine");
    assertThat(text(map, "i").isBroken()).isFalse();
  }

  @Test
  void aDuplicateKeyIsAnError() {
    map("a: 1\nb: {x, x}\na: 2\n");

    assertRendered(
        """
        r.yaml:2:8: error R004: the key 'x' stands twice in one mapping
             2 | b: {x, x}
               |        ^
               = help: the first is on line 2: remove one
        r.yaml:3:1: error R004: the key 'a' stands twice in one mapping
             3 | a: 2
               | ^
               = help: the first is on line 1: remove one""");
  }

  @Test
  void aMappingAsAKeyIsAnError() {
    map("{x}: 1\n");

    assertRendered(
        """
        r.yaml:1:1: error R003: the key of a mapping is text, and YAML reads a mapping here
             1 | {x}: 1
               | ^
               = help: write the whole value between quotes, or after '|' on a line of its own""");
  }

  @Test
  void brokenYamlIsOneIssue() {
    assertThat(YamlReader.read("r.yaml", "a: 1\n  b: [2\n", problems)).isNull();

    assertRendered(
        """
        r.yaml:2:4: error R002: this is no YAML: mapping values are not allowed here
             2 |   b: [2
               |    ^
               = help: check the indentation and the quotes of this line and of the one before it""");
  }

  @Test
  void anEmptyFileASecondDocumentAndAControlCharacterAreErrors() {
    assertThat(YamlReader.read("empty.yaml", "# nothing\n", problems)).isNull();
    assertThat(YamlReader.read("two.yaml", "a: 1\n---\nb: 2\n", problems)).isNull();
    assertThat(YamlReader.read("zero.yaml", "a: \u0000\n", problems)).isNull();
    assertThat(YamlReader.read("half.yaml", "a: \uD83D\n", problems)).isNull();

    assertThat(problems.issues())
        .extracting(issue -> issue.location() + " " + issue.code() + " " + issue.message())
        .containsExactly(
            "empty.yaml:1:1 R002 the file holds nothing",
            "half.yaml:1:4 R002 the character U+D83D may not stand in YAML",
            "two.yaml:2:1 R002 a second document begins here, and a file holds one",
            "zero.yaml:1:4 R002 the character U+0000 may not stand in YAML");
  }

  @Test
  void boundsDepthNodesAndBytes() {
    assertThat(YamlReader.read("deep.yaml", "[".repeat(100_000), problems)).isNull();
    assertThat(YamlReader.read("many.yaml", "[" + "a,".repeat(60_000) + "]", problems)).isNull();
    assertThat(YamlReader.read("large.yaml", "a: " + "\u00e9".repeat(600_000), problems)).isNull();

    assertThat(problems.issues())
        .extracting(issue -> issue.location().file() + " " + issue.code() + " " + issue.message())
        .containsExactly(
            "deep.yaml R005 nested deeper than 32 levels",
            "large.yaml R005 the file is larger than 1048576 bytes",
            "many.yaml R005 the file holds more than 50000 nodes");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void mutatedFilesNeverThrow(long seed) {
    Random random = new Random(seed);
    String file =
        "a: [1, {b: c, d}, 'e']\nf: |\n  x\n   y\ng: \"h\\u0041\\\n i\"\n? j\n: !k &l m\nn: *l\n- o\n";
    String alphabet = "ab:,[]{}'\"|>-?!&*%@`# \n\t\\u0041\u00e9\uD83D\uDE00\u0085\r";
    for (int round = 0; round < 3_000; round++) {
      StringBuilder mutated = new StringBuilder(file);
      for (int i = random.nextInt(6); i >= 0; i--) {
        int at = random.nextInt(mutated.length());
        String piece = String.valueOf(alphabet.charAt(random.nextInt(alphabet.length())));
        switch (random.nextInt(3)) {
          case 0 -> mutated.insert(at, piece);
          case 1 -> mutated.deleteCharAt(at);
          default -> mutated.replace(at, at + 1, piece);
        }
      }
      Problems seen = new Problems();
      YamlNode node = YamlReader.read("f", mutated.toString(), seen);
      seen.issues().forEach(Issue::render);
      assertThat(node == null && seen.issues().isEmpty())
          .as("seed %d round %d: nothing read and nothing said of <%s>", seed, round, mutated)
          .isFalse();
      locateAll(node);
    }
  }

  private static void locateAll(@Nullable YamlNode node) {
    if (node instanceof YamlMap map) {
      map.entries().forEach(entry -> locateAll(entry.key()));
      map.entries().forEach(entry -> locateAll(entry.value()));
    } else if (node instanceof YamlList list) {
      list.items().forEach(YamlReaderTest::locateAll);
    } else if (node instanceof YamlScalar scalar) {
      for (int i = 0; i <= scalar.value().length(); i++) {
        scalar.at(i);
      }
      scalar.commentAfter();
    }
  }

  private YamlMap map(String text) {
    return (YamlMap) java.util.Objects.requireNonNull(YamlReader.read("r.yaml", text, problems));
  }

  private static YamlNode value(YamlMap map, String key) {
    return java.util.Objects.requireNonNull(map.get(key)).value();
  }

  private static YamlScalar text(YamlMap map, String key) {
    return (YamlScalar) value(map, key);
  }

  private static void assertPlaces(YamlScalar scalar, String value, String part, String place) {
    assertThat(scalar.value()).isEqualTo(value);
    assertThat(place(scalar.at(value.indexOf(part)))).isEqualTo(place);
  }

  private static String place(Location location) {
    return location.line() + ":" + location.column();
  }

  private void assertRendered(String expected) {
    assertThat(problems.issues().stream().map(Issue::render).collect(Collectors.joining("\n")))
        .isEqualTo(expected);
  }
}

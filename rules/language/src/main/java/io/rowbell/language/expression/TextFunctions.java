package io.rowbell.language.expression;

import static io.rowbell.language.expression.RuleFunction.Group.TEXT;
import static io.rowbell.language.expression.RuleFunction.function;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.rowbell.language.expression.Node.Constant;
import io.rowbell.model.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Functions on text. Positions and sizes count code points, from 0. */
final class TextFunctions {
  static final List<RuleFunction> ALL =
      List.of(
          function(TEXT, "startsWith")
              .form("text.startsWith(prefix)")
              .says("The text begins with the prefix.")
              .example("symbol.startsWith('AC')", "true")
              .built(
                  call ->
                      call.ofTexts(Type.BOOLEAN, (a, b) -> ((String) a).startsWith((String) b))),
          function(TEXT, "endsWith")
              .form("text.endsWith(suffix)")
              .says("The text ends with the suffix.")
              .example("symbol.endsWith('ME')", "true")
              .built(
                  call -> call.ofTexts(Type.BOOLEAN, (a, b) -> ((String) a).endsWith((String) b))),
          function(TEXT, "contains")
              .form("text.contains(part)")
              .says("The part occurs in the text.")
              .example("'abc'.contains('d')", "false")
              .built(
                  call -> call.ofTexts(Type.BOOLEAN, (a, b) -> ((String) a).contains((String) b))),
          function(TEXT, "matches")
              .form("text.matches('pattern')")
              .says(
                  "The RE2 pattern matches some part of the text; anchor it with ^ and $ to match"
                      + " all of it. The pattern is a constant.")
              .example("'order-17'.matches('^order-[0-9]+$')", "true")
              .example("symbol.matches('^B')", "false")
              .built(TextFunctions::matches),
          function(TEXT, "lower")
              .form("lower(text)")
              .says("The text in lower case, the same on every machine.")
              .example("lower('ÄBC')", "'äbc'")
              .built(
                  call -> call.ofText(Type.TEXT, text -> ((String) text).toLowerCase(Locale.ROOT))),
          function(TEXT, "upper")
              .form("upper(text)")
              .says("The text in upper case, the same on every machine.")
              .example("upper('äbc')", "'ÄBC'")
              .built(
                  call -> call.ofText(Type.TEXT, text -> ((String) text).toUpperCase(Locale.ROOT))),
          function(TEXT, "trim")
              .form("trim(text)")
              .says("The text without white space at its ends.")
              .example("trim('  a b ')", "'a b'")
              .built(call -> call.ofText(Type.TEXT, text -> Texts.trim((String) text))),
          function(TEXT, "substring")
              .form("text.substring(from)")
              .form("text.substring(from, to)")
              .says("The part from one position to before another, clipped to the text.")
              .example("'hello'.substring(1, 3)", "'el'")
              .example("'hi'.substring(1, 10)", "'i'")
              .built(TextFunctions::substring),
          function(TEXT, "replace")
              .form("text.replace(part, other)")
              .says("The text with every occurrence of the part replaced.")
              .example("'a-b-c'.replace('-', '.')", "'a.b.c'")
              .built(TextFunctions::replace),
          function(TEXT, "split")
              .form("text.split(separator)")
              .says("The parts between the separators.")
              .example("'a,b,,c'.split(',')", "['a', 'b', '', 'c']")
              .built(
                  call ->
                      call.ofTexts(
                          Type.listOf(Type.TEXT), (a, b) -> split((String) a, (String) b))),
          function(TEXT, "string")
              .form("string(x)")
              .says(
                  "Text of anything: numbers as SQL prints them, timestamps in RFC 3339, bytes read as"
                      + " UTF-8, lists and JSON as JSON.")
              .example("string(price)", "'110.00'")
              .example("string(true)", "'true'")
              .example("string(payload.total)", "'9.90'")
              .built(TextFunctions::string));

  private TextFunctions() {}

  private static @Nullable Node matches(Call call) {
    List<Node> nodes = call.texts(2, 2);
    if (nodes == null) {
      return null;
    }
    if (!(nodes.get(1) instanceof Constant constant)
        || !(constant.value() instanceof String source)) {
      return call.fail("the pattern of matches() must be a constant text");
    }
    if (PatternSize.isTooLarge(source)) {
      return call.checker.error(
          "E120",
          call.checker.syntax.at(call.arg(1)),
          "the pattern of matches() has more than "
              + PatternSize.MOST
              + " parts, each repetition counted",
          "repeat less: repetitions within each other multiply");
    }
    try {
      Pattern pattern = Pattern.compile(source);
      return call.fold(
          Strict.of(Type.BOOLEAN, nodes.get(0), text -> pattern.matcher((String) text).find()),
          nodes.get(0));
    } catch (PatternSyntaxException e) {
      return call.checker.error(
          "E109",
          call.checker.syntax.at(call.arg(1)),
          "this is no RE2 pattern: " + e.getDescription(),
          "RE2 has no look-around and no back-references, and so never runs away");
    }
  }

  private static @Nullable Node substring(Call call) {
    List<Node> nodes = call.nodes(2, 3);
    if (nodes == null
        || !call.isText(0, nodes.get(0))
        || !call.isInt(1, nodes.get(1))
        || (nodes.size() == 3 && !call.isInt(2, nodes.get(2)))) {
      return null;
    }
    return call.fold(
        Strict.of(
            Type.TEXT,
            nodes,
            values ->
                Texts.substring(
                    (String) values[0],
                    (Long) values[1],
                    values.length == 3 ? (Long) values[2] : Long.MAX_VALUE)),
        nodes);
  }

  private static @Nullable Node replace(Call call) {
    List<Node> nodes = call.texts(3, 3);
    return nodes == null
        ? null
        : call.fold(
            Strict.of(
                Type.TEXT,
                nodes,
                values ->
                    Texts.replace((String) values[0], (String) values[1], (String) values[2])),
            nodes);
  }

  private static List<?> split(String text, String separator) {
    if (separator.isEmpty()) {
      return Membership.bounded(
          text.codePoints().limit(Membership.MAX_MADE + 1L).mapToObj(Character::toString).toList());
    }
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int at = text.indexOf(separator);
        at >= 0 && parts.size() < Membership.MAX_MADE;
        at = text.indexOf(separator, start)) {
      parts.add(text.substring(start, at));
      start = at + separator.length();
    }
    parts.add(text.substring(start));
    return Membership.bounded(parts);
  }

  private static @Nullable Node string(Call call) {
    List<Node> nodes = call.nodes(1, 1);
    if (nodes == null) {
      return null;
    }
    Node x = nodes.get(0);
    Node text =
        switch (x.type().kind()) {
          case TEXT -> x;
          case BYTES -> Strict.of(Type.TEXT, x, bytes -> utf8((byte[]) bytes));
          case JSON -> Strict.partial(Type.TEXT, x, TextFunctions::textOfJson);
          default -> Strict.of(Type.TEXT, x, CanonicalText::of);
        };
    return text == x ? x : call.fold(text, x);
  }

  /** A document that is nothing but a text is that text, without quotes. */
  private static @Nullable Object textOfJson(Object value) {
    Object scalar = value instanceof Json json ? JsonText.scalar(json) : value;
    return scalar == null ? null : CanonicalText.of(scalar);
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new EvaluationException("X405", "the bytes are no UTF-8");
    }
  }
}

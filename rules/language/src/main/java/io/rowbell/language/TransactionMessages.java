package io.rowbell.language;

import io.rowbell.language.expression.EvaluationException;
import io.rowbell.language.expression.JsonText;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.memory.OpenTransaction;
import io.rowbell.model.Change;
import io.rowbell.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a transaction says about itself by {@code pg_logical_emit_message}: {@code
 * rowbell.context}, a JSON object of attributes for its events, and {@code rowbell.skip}, the rules
 * that it must not fire. What cannot be used is told, and stops nothing.
 */
final class TransactionMessages {
  /** Prefixes that begin with this are not for rules. */
  static final String OWN = "rowbell.";

  static final String CONTEXT = "rowbell.context";
  static final String SKIP = "rowbell.skip";

  /** The prefixes that must be decoded. */
  static final Set<String> PREFIXES = Set.of(CONTEXT, SKIP);

  private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,20}");
  private static final int LONGEST_VALUE = 1024;
  private static final int MOST_ATTRIBUTES = 20;

  /** CloudEvents' own attributes. {@code dataversion} is the version of an event's contract. */
  private static final Set<String> RESERVED =
      Set.of(
          "id",
          "source",
          "specversion",
          "type",
          "subject",
          "time",
          "datacontenttype",
          "dataschema",
          "data",
          "dataversion");

  private final List<Notice> notices = new ArrayList<>();

  /** What could not be used since the last call. */
  List<Notice> take() {
    List<Notice> taken = List.copyOf(notices);
    notices.clear();
    return taken;
  }

  static boolean isOne(Change change) {
    return change instanceof Change.Message message && PREFIXES.contains(message.prefix());
  }

  /** One that belongs to no transaction says nothing about any. */
  void outside(Change.Message message) {
    tell(message, "it belongs to no transaction: write it with pg_logical_emit_message(true, …)");
  }

  /**
   * Reads one.
   *
   * @param rules the names of all rules, each with those of the rules that are skipped with it
   */
  void read(Change.Message message, OpenTransaction transaction, Map<String, Set<String>> rules) {
    if (transaction.isPartlyDurable() && transaction.changes(/* shadow= */ true) > 0) {
      tell(
          message,
          "it came when a part of its transaction was done, which it does not cover: write it as"
              + " the transaction's first statement");
    }
    if (message.prefix().equals(SKIP)) {
      skip(message, transaction, rules);
    } else {
      context(message, transaction);
    }
  }

  private void skip(
      Change.Message message, OpenTransaction transaction, Map<String, Set<String>> rules) {
    String content = message.content().strip();
    if (content.isEmpty()) {
      transaction.skipAll();
      return;
    }
    for (String name : names(message, content)) {
      Set<String> skipped = rules.get(name);
      if (skipped != null) {
        skipped.forEach(transaction::skip);
      } else {
        tell(
            message,
            "no rule '"
                + cut(name)
                + "' is enabled"
                + Suggestions.didYouMean(name, rules.keySet()).map(help -> ": " + help).orElse(""));
      }
    }
  }

  private List<String> names(Change.Message message, String content) {
    if (!content.startsWith("[")) {
      return Stream.of(content.split(",", -1)).map(String::strip).toList();
    }
    if (tree(content) instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String::valueOf).toList();
    }
    tell(message, "its content is no JSON list of rule names");
    return List.of();
  }

  private void context(Change.Message message, OpenTransaction transaction) {
    if (!(tree(message.content()) instanceof Map<?, ?> attributes)) {
      tell(message, "its content is no JSON object");
      return;
    }
    attributes.forEach(
        (written, value) -> {
          String name = String.valueOf(written).toLowerCase(Locale.ROOT).replace("_", "");
          String problem = problem(name, value, transaction);
          if (problem == null && !transaction.addContext(name, text(value))) {
            problem = "there is no room for it in this transaction";
          }
          if (problem != null) {
            tell(
                message,
                "attribute '" + cut(String.valueOf(written)) + "' is left out: " + problem);
          }
        });
  }

  private static @Nullable String problem(
      String name, @Nullable Object value, OpenTransaction transaction) {
    if (!NAME.matcher(name).matches()) {
      return "a name is at most 20 letters of a to z and digits";
    }
    if (RESERVED.contains(name) || EventOrigin.ATTRIBUTES.contains(name)) {
      return "an event's own '" + name + "' cannot be replaced";
    }
    boolean scalar =
        value instanceof String
            || value instanceof Boolean
            || (value instanceof Json number && isNumber(number));
    if (!scalar) {
      return "its value is neither a text nor a number nor a boolean";
    }
    String text = text(value);
    if (text.length() > LONGEST_VALUE) {
      return "its value is longer than " + LONGEST_VALUE + " characters";
    }
    if (text.codePoints().anyMatch(TransactionMessages::isForbidden)) {
      return "its value has characters that CloudEvents does not allow";
    }
    Map<String, String> known = transaction.context();
    return known.size() >= MOST_ATTRIBUTES && !known.containsKey(name)
        ? "a transaction has at most " + MOST_ATTRIBUTES
        : null;
  }

  private static boolean isNumber(Json json) {
    char first = json.text().charAt(0);
    return first == '-' || (first >= '0' && first <= '9');
  }

  /** Controls and halves of characters. */
  private static boolean isForbidden(int point) {
    return Character.isISOControl(point) || (point >= 0xD800 && point <= 0xDFFF);
  }

  private static String text(@Nullable Object value) {
    return value instanceof Json number ? number.text() : String.valueOf(value);
  }

  private static @Nullable Object tree(String content) {
    try {
      return JsonText.tree(content);
    } catch (EvaluationException e) {
      return null;
    }
  }

  private static String cut(String name) {
    return name.length() <= 100 ? name : name.substring(0, 100) + "…";
  }

  private void tell(Change.Message message, String problem) {
    notices.add(
        new Notice(
            Codes.BAD_MESSAGE,
            "message " + message.prefix() + " at " + message.origin().position() + ": " + problem,
            message.origin().xid()));
  }
}

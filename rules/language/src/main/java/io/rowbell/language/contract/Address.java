package io.rowbell.language.contract;

import io.rowbell.language.expression.CanonicalText;
import io.rowbell.language.expression.Evaluation;
import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.Template;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A topic or an event's type: text, with a parameter for each part that a row decides.
 *
 * @param text the text; a parameter stands in it as {@code {name}}
 * @param parameters what the parameters stand for, in the order of the text
 */
public record Address(String text, Map<String, Parameter> parameters) {
  private static final Pattern LAST_NAME = Pattern.compile("(?:\\w+\\.)*+([A-Za-z_]\\w*)");
  private static final Pattern HOLE = Pattern.compile("\\{([A-Za-z_]\\w*)}");

  public Address {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /**
   * A part that a row decides.
   *
   * @param expression the expression in the rule file
   * @param labels the values of an enum; empty for any text
   */
  public record Parameter(String expression, List<String> labels) {
    public Parameter {
      labels = List.copyOf(labels);
    }
  }

  /** The address that a template's texts have. */
  public static Address of(Template template) {
    StringBuilder text = new StringBuilder();
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    for (Object part : template.parts()) {
      if (!(part instanceof Expression hole)) {
        text.append(part);
      } else if (hole.constant()) {
        Object value = hole.evaluate(new Evaluation());
        text.append(value == null ? "" : CanonicalText.of(value));
      } else {
        Parameter parameter = new Parameter(hole.toString(), hole.type().labels());
        text.append('{').append(name(parameter, parameters)).append('}');
      }
    }
    return new Address(text.toString(), parameters);
  }

  private static String name(Parameter parameter, Map<String, Parameter> taken) {
    Matcher last = LAST_NAME.matcher(parameter.expression().strip());
    String wanted = last.matches() ? last.group(1) : "value";
    String name = wanted;
    for (int i = 2; taken.containsKey(name) && !parameter.equals(taken.get(name)); i++) {
      name = wanted + i;
    }
    taken.put(name, parameter);
    return name;
  }

  /** Whether it is the same for every event. */
  public boolean isConstant() {
    return parameters.isEmpty();
  }

  /** A pattern, as JSON Schema has them, that its texts match. */
  String pattern() {
    StringBuilder pattern = new StringBuilder("^");
    Matcher hole = HOLE.matcher(text);
    int from = 0;
    while (hole.find()) {
      if (parameters.containsKey(hole.group(1))) {
        pattern.append(literal(text.substring(from, hole.start()))).append("[\\s\\S]*");
        from = hole.end();
      }
    }
    return pattern.append(literal(text.substring(from))).append('$').toString();
  }

  private static String literal(String text) {
    return text.replaceAll("[\\\\^$.|?*+()\\[\\]{}/]", "\\\\$0");
  }
}

package io.rowbell.language.expression;

import java.util.stream.Collectors;

/** The reference of functions, made from their declarations. */
final class FunctionReference {
  private FunctionReference() {}

  static String markdown() {
    StringBuilder text =
        new StringBuilder(
            """
            # Functions and words of the rule language

            Made from the declarations in the code, whose examples run as tests; do not edit it by hand.
            `x.f(y)` and `f(x, y)` are the same. Where an argument is null the result is unknown, unless said otherwise.

            The examples are an update of a row of `stocks`: `price` (numeric) goes from 90.00 to 110.00 and `status` from
            HALTED to OPEN; `symbol` is 'ACME', `qty` (int) null, `tags` ['tech', 'us'], `created_at` two hours before the
            commit, `vars.hot` 90, and `payload` (jsonb)
            `{"total": 9.90, "express": true, "gone": null, "who": {"name": "Ada"}, "items": [{"sku": "A", "qty": 2}, {"sku": "B", "qty": 3}]}`.
            """);
    for (RuleFunction.Group group : RuleFunction.Group.values()) {
      text.append("\n## ").append(group.title).append("\n\n");
      text.append("| Written | What it is | Examples |\n|---|---|---|\n");
      Functions.all().stream()
          .filter(function -> function.group() == group)
          .forEach(function -> text.append(line(function)));
    }
    return text.toString();
  }

  private static String line(RuleFunction function) {
    String forms =
        function.forms().stream().map(form -> "`" + form + "`").collect(Collectors.joining("<br>"));
    String examples =
        function.examples().stream()
            .map(FunctionReference::example)
            .map(example -> example.replace("|", "\\|"))
            .collect(Collectors.joining("<br>"));
    return "| " + forms + " | " + function.summary() + " | " + examples + " |\n";
  }

  private static String example(RuleFunction.Example example) {
    String result =
        example.result().startsWith("X")
            ? "error " + example.result()
            : example.result().equals("unknown") ? "unknown" : "`" + example.result() + "`";
    return "`" + example.expression() + "` → " + result;
  }
}

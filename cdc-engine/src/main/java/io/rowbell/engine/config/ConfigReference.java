package io.rowbell.engine.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Every setting in a table, for {@code docs/configuration.md}. */
final class ConfigReference {
  private final StringBuilder text = new StringBuilder();
  private final List<Runnable> later = new ArrayList<>();

  private ConfigReference() {}

  /** Markdown: a heading and a table for each mapping. */
  static String write(Adapters adapters) {
    ConfigReference reference = new ConfigReference();
    reference.table("The file", "", Shape.of(PipelineSettings.class, adapters));
    // A table's mappings follow it, and theirs follow them.
    while (!reference.later.isEmpty()) {
      List<Runnable> now = List.copyOf(reference.later);
      reference.later.clear();
      now.forEach(Runnable::run);
    }
    return reference.text.toString().strip() + "\n";
  }

  private void table(String heading, String key, Shape.Group shape) {
    text.append("\n### ").append(heading).append("\n\n");
    if (shape.fields().isEmpty()) {
      text.append("Nothing to set.\n");
      return;
    }
    text.append("| Key | What | Value | Default |\n|---|---|---|---|\n");
    for (Shape.Field field : shape.fields()) {
      String path = key.isEmpty() ? field.key() : key + "." + field.key();
      if (field.shape() instanceof Shape.Target target) {
        row(Shape.Target.HANDLER, Shape.Target.HANDLER_DESCRIPTION, "text", "");
        below("sink", key, target.sinks());
        target.sinks().keySet().forEach(sink -> row(sink, field.description(), "mapping", ""));
        continue;
      }
      row(field.key(), field.description(), type(path, field.shape()), byDefault(field));
    }
  }

  private void row(String key, String description, String type, String byDefault) {
    text.append("| `")
        .append(key)
        .append("` | ")
        .append(description.replace("|", "\\|"))
        .append(" | ")
        .append(type)
        .append(" | ")
        .append(byDefault)
        .append(" |\n");
  }

  private static String byDefault(Shape.Field field) {
    if (field.byDefault() != null) {
      return "`" + field.byDefault() + "`";
    }
    return field.nullable() ? "none" : field.shape() instanceof Shape.Group ? "" : "**required**";
  }

  private String type(String key, Shape shape) {
    if (shape instanceof Shape.Scalar scalar) {
      ScalarType<?> type = scalar.type();
      return type.words().isEmpty()
          ? type.expected()
          : "`" + String.join("`, `", type.words()) + "`";
    }
    if (shape instanceof Shape.Sequence sequence) {
      return "list of " + type(key + "[]", sequence.item());
    }
    if (shape instanceof Shape.Group group) {
      later.add(() -> table("`" + key + "`", key, group));
      return "mapping";
    }
    if (shape instanceof Shape.Choice choice) {
      below(choice.kind(), key, choice.adapters());
      return "`" + String.join("` or `", choice.adapters().keySet()) + "`";
    }
    return "mapping of texts";
  }

  private void below(String kind, String key, Map<String, Shape.Adapter> adapters) {
    adapters.forEach(
        (name, adapter) ->
            later.add(
                () ->
                    table(
                        "`" + key + "." + name + "`, a " + kind,
                        key + "." + name,
                        adapter.settings())));
  }
}

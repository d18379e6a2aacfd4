package io.rowbell.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a text was bound to, and what was noted on the way.
 *
 * @param messages every issue as it is shown
 */
record Bound<S extends Record>(
    @Nullable S settings, String messages, List<EffectiveSetting> effective) {
  /** What was bound without a complaint. */
  S clean() {
    assertThat(messages).isEmpty();
    return Objects.requireNonNull(settings);
  }

  static <S extends Record> Bound<S> of(Class<S> type, String yaml) {
    return of(type, yaml, Map.of(), Adapters.NONE);
  }

  static <S extends Record> Bound<S> of(
      Class<S> type, String yaml, Map<String, String> environment) {
    return of(type, yaml, environment, Adapters.NONE);
  }

  static <S extends Record> Bound<S> of(
      Class<S> type, String yaml, Map<String, String> environment, Adapters adapters) {
    Problems problems = new Problems();
    References references = new References(environment, Path.of(""), problems);
    Values values = new Values(references, problems);
    Shape.Group shape = Shape.of(type, adapters);
    Overrides overrides = new Overrides(environment, shape);
    Binder binder = new Binder(values, overrides, problems, Bound.class.getClassLoader());
    YamlNode document = YamlReader.read("rowbell.yaml", yaml, problems);
    Record bound =
        document == null
            ? null
            : binder.group(shape, new Binder.Slot("", document, document.location()));
    overrides.reportLeft(References.variables(yaml), problems);
    return new Bound<>(
        problems.hasErrors() ? null : type.cast(bound),
        values.hideSecrets(problems.issues()).stream()
            .map(Issue::render)
            .collect(Collectors.joining("\n")),
        values.effective());
  }
}

package io.rowbell.language;

import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Issue;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.issue.Text;
import io.rowbell.language.yaml.YamlScalar;
import io.rowbell.model.Catalog;
import io.rowbell.model.TableId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code mode} and {@code compare}: which rules are only looked at, and beside which others. */
final class Shadowing {
  static final List<String> MODES = List.of("live", "shadow");

  /** By how much more than the longer of their times two states that last may end apart. */
  private static final Duration SLACK = Duration.ofMinutes(1);

  private Shadowing() {}

  /**
   * Reads the mode of a rule, or of {@code defaults}.
   *
   * @param otherwise the mode if none is given
   */
  static RuleDeclaration.Mode mode(
      Entries entries, RuleDeclaration.Mode otherwise, Problems problems) {
    YamlScalar word = entries.text("mode");
    if (word != null && !MODES.contains(word.value())) {
      problems.error(
          Codes.BAD_VALUE,
          word.location(),
          "'mode' cannot be '" + word.value() + "'",
          Suggestions.didYouMean(word.value(), MODES)
              .orElse("it is one of " + String.join(", ", MODES)));
      return otherwise;
    }
    boolean shadow = word == null ? otherwise.shadow() : word.value().equals("shadow");
    Text compare = entries.text("compare");
    if (!shadow) {
      entries.refuse(
          "compare",
          "belongs to 'mode: shadow', and this rule is live",
          "say 'mode: shadow' or remove it");
      return RuleDeclaration.Mode.LIVE;
    }
    return new RuleDeclaration.Mode(true, compare);
  }

  /** Notes what is compared with a rule that there is not, or that is a shadow itself. */
  static void check(List<RuleDeclaration> rules, Problems problems) {
    List<String> live =
        rules.stream()
            .filter(rule -> !rule.settings().isShadow())
            .map(rule -> rule.name().value())
            .toList();
    for (RuleDeclaration rule : rules) {
      Text compare = rule.settings().mode().compare();
      if (compare != null && !live.contains(compare.value())) {
        problems.error(
            Codes.BAD_VALUE,
            compare.at(0),
            "there is no live rule '" + compare.value() + "'",
            Suggestions.didYouMean(compare.value(), live)
                .orElse("name the rule whose events these are compared with"));
      }
    }
  }

  /**
   * Whether rules in shadow name the table of a private column, and no live one does: nothing of it
   * is published.
   */
  static boolean isOnlyOfShadows(
      PrivateColumns.Entry entry, List<RuleDeclaration> rules, Catalog catalog) {
    List<RuleDeclaration> naming =
        rules.stream().filter(rule -> names(rule, entry, catalog)).toList();
    return !entry.isOfAny()
        && !naming.isEmpty()
        && naming.stream().allMatch(rule -> rule.settings().isShadow());
  }

  /** Whether a rule names the table of a private column. */
  static boolean names(RuleDeclaration rule, PrivateColumns.Entry entry, Catalog catalog) {
    return named(rule, catalog).stream().anyMatch(id -> entry.isOf(id, catalog));
  }

  /** The tables that a rule may mean, whether there are any or not. */
  private static List<TableId> named(RuleDeclaration rule, Catalog catalog) {
    List<OnClause.Table> named = new ArrayList<>();
    if (rule.on() instanceof OnClause.Table own) {
      named.add(own);
    }
    rule.with().forEach(child -> named.add(child.table()));
    List<TableId> tables = new ArrayList<>();
    for (OnClause.Table table : named) {
      List<String> schemas =
          table.schema() == null ? catalog.searchPath() : List.of(table.schema());
      schemas.forEach(schema -> tables.add(new TableId(schema, table.table())));
    }
    return tables;
  }

  /**
   * A rule in shadow that does not fit the tables.
   *
   * @param why the issues, as people read them
   */
  record Misfit(RuleDeclaration declaration, RuleCounter counter, String why) {
    static Misfit of(RuleDeclaration declaration, RuleCounter counter, Problems found) {
      return new Misfit(
          declaration,
          counter,
          found.issues().stream()
              .filter(issue -> issue.severity() == Issue.Severity.ERROR)
              .map(Issue::render)
              .collect(Collectors.joining("\n")));
    }
  }

  /**
   * The rules in shadow, each with the live one that it is compared with: those that run, in their
   * order, then those that do not fit.
   */
  static List<ShadowRule> of(List<RuleBinder.Bound> rules, List<Misfit> misfits) {
    List<ShadowRule> shadows = new ArrayList<>();
    for (RuleBinder.Bound rule : rules) {
      RuleDeclaration declared = rule.rule().declaration();
      if (declared.settings().isShadow()) {
        RuleBinder.Bound live = live(declared, rules);
        shadows.add(
            new ShadowRule(
                rule.rule().name(),
                live == null ? null : live.rule().name(),
                live == null ? null : within(declared, live.rule().declaration()),
                Fingerprint.of(live == null ? List.of(rule) : List.of(rule, live)),
                rule.rule().counter(),
                /* misfit= */ null));
      }
    }
    for (Misfit misfit : misfits) {
      RuleDeclaration declared = misfit.declaration();
      if (declared.settings().enabled()) {
        RuleBinder.Bound live = live(declared, rules);
        shadows.add(
            new ShadowRule(
                declared.name().value(),
                live == null ? null : live.rule().name(),
                /* within= */ null,
                /* fingerprint= */ "",
                misfit.counter(),
                misfit.why()));
      }
    }
    return shadows;
  }

  /** How far apart the two may make events that belong together; null if of the same change. */
  private static @Nullable Duration within(RuleDeclaration one, RuleDeclaration other) {
    if (one.lasting() == null && other.lasting() == null) {
      return null;
    }
    Duration a = one.lasting() == null ? Duration.ZERO : one.lasting().duration();
    Duration b = other.lasting() == null ? Duration.ZERO : other.lasting().duration();
    return (a.compareTo(b) > 0 ? a : b).plus(SLACK);
  }

  private static RuleBinder.@Nullable Bound live(
      RuleDeclaration shadow, List<RuleBinder.Bound> rules) {
    Text compare = shadow.settings().mode().compare();
    List<RuleBinder.Bound> found =
        rules.stream()
            .filter(rule -> !rule.rule().declaration().settings().isShadow())
            .filter(
                rule ->
                    compare != null
                        ? rule.rule().name().equals(compare.value())
                        : sameEvent(shadow, rule.rule().declaration()))
            .toList();
    return found.size() == 1 ? found.get(0) : null;
  }

  private static boolean sameEvent(RuleDeclaration one, RuleDeclaration other) {
    Text a = one.output().event();
    Text b = other.output().event();
    return a != null && b != null && Objects.equals(a.value(), b.value());
  }
}

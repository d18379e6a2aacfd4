package io.rowbell.language;

import io.rowbell.language.expression.Durations;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Suggestions;
import io.rowbell.language.issue.Text;
import io.rowbell.language.yaml.YamlList;
import io.rowbell.language.yaml.YamlMap;
import io.rowbell.language.yaml.YamlNode;
import io.rowbell.language.yaml.YamlReader;
import io.rowbell.language.yaml.YamlScalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the declarations of one rule file.
 *
 * <p>{@link RuleKeys} declares the keys. {@code tests} are read by {@link
 * io.rowbell.language.testing.RuleTests} only: an engine does not stop because of a test.
 */
final class RuleFileReader {
  private static final String VERSION = "v1";
  private static final String LIST_OF_COLUMNS =
      "write for example 'private: [users.email, \"*.ssn\"]'";
  private static final List<String> FILE_KEYS = RuleKeys.names(RuleKeys.FILE);
  private static final List<String> DEFAULTS_KEYS = RuleKeys.names(RuleKeys.DEFAULTS);
  private static final List<String> KEYS = RuleKeys.names(RuleKeys.TRIGGER);
  private static final Map<String, String> ELSEWHERE = elsewhere();
  private static final Duration FORGET_AFTER = Duration.ofDays(90);
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,99}");
  private static final Pattern NAMES = Pattern.compile("\\w+(?:\\s*,\\s*\\w+)++");
  private static final Pattern LET_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

  private final Problems problems;
  private Constants vars = Constants.NONE;
  private @Nullable Text defaultTo;
  private OnError defaultOnError = OnError.DLQ;
  private RuleDeclaration.Mode defaultMode = RuleDeclaration.Mode.LIVE;

  /** Words that stand at the top of a file by mistake. */
  private static Map<String, String> elsewhere() {
    Map<String, String> words = new HashMap<>();
    for (String key : KEYS) {
      words.put(
          key,
          "it belongs to a rule: indent it under 'triggers:', the rule's first key after '- '");
    }
    words.put("include", "name every file in the configuration: rules: [shop.yaml, rules/*.yaml]");
    return words;
  }

  private RuleFileReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * What a file declares.
   *
   * @param privates columns that may not leave
   */
  record Declarations(List<RuleDeclaration> rules, List<PrivateColumns.Entry> privates) {
    static final Declarations NONE = new Declarations(List.of(), List.of());
  }

  /** What a file declares, as far as it can be read. */
  static Declarations read(RuleFile file, Problems problems) {
    YamlNode document = YamlReader.read(file.name(), file.text(), problems);
    if (document == null || Entries.broken(document)) {
      return Declarations.NONE;
    }
    if (!(document instanceof YamlMap map)) {
      problems.error(
          Codes.WRONG_KIND,
          document.location(),
          "a rule file is a mapping, and there is " + document.kind() + " here",
          "begin the file with 'rules: v1'");
      return Declarations.NONE;
    }
    return new RuleFileReader(problems).file(map);
  }

  private Declarations file(YamlMap map) {
    Entries entries = new Entries(map, problems).allow(FILE_KEYS, ELSEWHERE);
    version(entries);
    defaults(entries);
    constants(entries);
    return new Declarations(rules(entries), privates(entries));
  }

  private List<PrivateColumns.Entry> privates(Entries entries) {
    YamlNode node = entries.node("private");
    List<PrivateColumns.Entry> privates = new ArrayList<>();
    if (node instanceof YamlList list) {
      for (YamlNode item : list.items()) {
        if (item instanceof YamlScalar text && !text.isEmpty()) {
          PrivateColumns.Entry.read(text, problems).ifPresent(privates::add);
        } else if (!Entries.broken(item)) {
          entries.wrongKind(item, "private", "a list of columns", LIST_OF_COLUMNS);
        }
      }
    } else if (node != null && !Entries.broken(node)) {
      entries.wrongKind(node, "private", "a list of columns", LIST_OF_COLUMNS);
    }
    return privates;
  }

  private List<RuleDeclaration> rules(Entries entries) {
    YamlNode triggers = entries.node("triggers");
    if (triggers == null) {
      entries.missing("the file", "triggers", "list its rules under 'triggers'");
    } else if (triggers instanceof YamlList list) {
      return triggers(list);
    } else if (!Entries.broken(triggers)) {
      entries.wrongKind(
          triggers, "triggers", "a list of rules", "begin each rule on a line with '- event: '");
    }
    return List.of();
  }

  private void constants(Entries entries) {
    YamlNode node = entries.node("vars");
    if (node instanceof YamlMap map) {
      vars = Constants.read(map, problems);
    } else if (node != null && !Entries.broken(node)) {
      entries.wrongKind(
          node,
          "vars",
          "a mapping of names to constants",
          "write for example 'vars: {limit: 100}'");
    }
  }

  private void version(Entries entries) {
    if (!entries.has("rules")) {
      entries.missing("the file", "rules", "begin the file with 'rules: v1'");
      return;
    }
    if (entries.node("rules") instanceof YamlList list) {
      entries.wrongKind(
          list,
          "rules",
          "the version of the language",
          "write 'rules: v1', and this list under 'triggers:'");
      return;
    }
    YamlScalar version = entries.text("rules");
    if (version != null && !version.value().equals(VERSION)) {
      problems.error(
          Codes.BAD_VALUE,
          version.location(),
          "there is no version '" + version.value() + "' of the rule language",
          "write 'rules: v1'");
    }
  }

  private void defaults(Entries entries) {
    YamlNode node = entries.node("defaults");
    if (node instanceof YamlMap map) {
      Entries defaults = new Entries(map, problems).allow(DEFAULTS_KEYS);
      defaultTo = defaults.text("to");
      defaultOnError = onError(defaults, OnError.DLQ);
      defaultMode = Shadowing.mode(defaults, RuleDeclaration.Mode.LIVE, problems);
    } else if (node != null && !Entries.broken(node)) {
      entries.wrongKind(
          node, "defaults", "a mapping", "write for example 'defaults: {on_error: halt}'");
    }
  }

  private List<RuleDeclaration> triggers(YamlList list) {
    List<RuleDeclaration> rules = new ArrayList<>();
    for (YamlNode item : list.items()) {
      if (item instanceof YamlMap map) {
        RuleDeclaration rule = rule(new Entries(map, problems).allow(KEYS));
        if (rule != null) {
          rules.add(rule);
        }
      } else if (!Entries.broken(item)) {
        problems.error(
            Codes.WRONG_KIND,
            item.location(),
            "a rule is a mapping, and there is " + item.kind() + " here",
            "write for example '- event: OrderPaid'");
      }
    }
    return rules;
  }

  private @Nullable RuleDeclaration rule(Entries entries) {
    Text event = entries.text("event");
    if (!entries.has("event")) {
      entries.missing("this rule", "event", "name the event that it makes");
    }
    Text name = name(entries, event);
    List<NamedText> let = entries.named("let", /* bare= */ false);
    letNames(let);
    List<NamedText> with = entries.named("with", /* bare= */ false);
    letNames(with);
    List<ChildClause> children = children(with, let);
    OnClause on = on(entries);
    YamlNode lets = entries.node("let");
    if (lets != null
        && (Entries.broken(lets)
            || (lets instanceof YamlMap names && names.entries().size() > let.size()))) {
      on = null; // Every use of a name that could not be read would be an issue too.
    }
    if (entries.has("with")
        && (!(entries.node("with") instanceof YamlMap names)
            || names.entries().size() > children.size())) {
      on = null;
    }
    YamlScalar description = entries.text("description");
    RuleDeclaration.Output output =
        new RuleDeclaration.Output(
            event,
            key(entries),
            entries.expression("id"),
            data(entries),
            entries.has("to") ? entries.text("to") : defaultTo,
            contractVersion(entries));
    RuleDeclaration.Settings settings =
        new RuleDeclaration.Settings(
            onError(entries, defaultOnError),
            enabled(entries),
            vars,
            Shadowing.mode(entries, defaultMode, problems),
            description == null ? null : description.value().strip());
    Duration forgetAfter = duration(entries, "forget_after");
    RuleDeclaration.Memory memory =
        new RuleDeclaration.Memory(
            duration(entries, "cooldown"), forgetAfter == null ? FORGET_AFTER : forgetAfter);
    Text when = entries.expression("when");
    return name == null
        ? null
        : new RuleDeclaration(
            name, on, let, children, when, output, lasting(entries), memory, settings);
  }

  private @Nullable Text name(Entries entries, @Nullable Text event) {
    YamlScalar rule = entries.text("rule");
    if (!entries.has("rule") && event != null && event.value().indexOf('{') >= 0) {
      entries.missing(
          "this rule",
          "rule",
          "an event with {expr} in it cannot name its rule: add 'rule: <name>'");
      return null;
    }
    Text name = entries.has("rule") ? rule : event;
    if (name != null && !NAME.matcher(name.value()).matches()) {
      problems.error(
          Codes.BAD_VALUE,
          name.at(0),
          "'" + name.value() + "' cannot be the name of a rule",
          entries.has("rule")
              ? "a name is at most 100 letters, digits, '_', '.' and '-', and begins with a letter"
              : "name the rule with 'rule: <name>', in letters, digits, '_', '.' and '-'");
      return null;
    }
    return name;
  }

  private @Nullable OnClause on(Entries entries) {
    if (!entries.has("on")) {
      entries.missing(
          "this rule",
          "on",
          entries.has("while")
              ? "say which table it watches: 'on: orders'"
              : "say what it listens to: 'on: insert orders'");
      return null;
    }
    YamlScalar text = entries.text("on");
    if (text == null || Entries.cut(text, problems)) {
      return null;
    }
    OnClause on =
        entries.has("while") ? OnParser.parseTable(text, problems) : OnParser.parse(text, problems);
    if (on instanceof OnClause.Messages messages
        && messages.prefix().startsWith(TransactionMessages.OWN)) {
      problems.error(
          Codes.BAD_ON,
          text.at(text.value().indexOf(TransactionMessages.OWN)),
          "messages whose prefix begins with '" + TransactionMessages.OWN + "' are for Rowbell",
          "give the messages of the application another prefix");
      return null;
    }
    return on;
  }

  private RuleDeclaration.@Nullable Lasting lasting(Entries entries) {
    if (!entries.has("while")) {
      for (String key : List.of("until", "for", "resolved")) {
        entries.refuse(
            key, "belongs to 'while', and this rule has none", "say 'while: <condition>'");
      }
      return null;
    }
    for (String key : List.of("when", "with", "cooldown", "forget_after", "id")) {
      entries.refuse(
          key,
          "does not go with 'while'",
          key.equals("when") ? "put both conditions into 'while', with &&" : "remove it");
    }
    Text holds = entries.expression("while");
    Text until = entries.expression("until");
    Duration duration = duration(entries, "for");
    return holds == null
        ? null
        : new RuleDeclaration.Lasting(
            holds, until, duration == null ? Duration.ZERO : duration, entries.text("resolved"));
  }

  private List<ChildClause> children(List<NamedText> with, List<NamedText> let) {
    List<ChildClause> children = new ArrayList<>();
    for (NamedText named : with) {
      String name = named.name().value();
      if (let.stream().anyMatch(other -> other.name().value().equals(name))) {
        problems.error(
            Codes.BAD_VALUE,
            named.name().at(0),
            "'" + name + "' is a name under 'let' too",
            "give one of them another name");
      }
      ChildClause child = OnParser.parseChild(named.name(), named.text(), problems);
      if (child != null) {
        children.add(child);
      }
    }
    return children;
  }

  private void letNames(List<NamedText> let) {
    for (NamedText named : let) {
      if (!LET_NAME.matcher(named.name().value()).matches()) {
        problems.error(
            Codes.BAD_VALUE,
            named.name().at(0),
            "'" + named.name().value() + "' cannot be used as a name in expressions",
            "a name is letters, digits and '_', and begins with none of the digits");
      }
    }
  }

  private static @Nullable Text key(Entries entries) {
    if (entries.node("key") instanceof YamlList list && Entries.names(list).size() > 1) {
      List<String> parts = Entries.names(list).stream().map(n -> "string(" + n + ")").toList();
      entries.wrongKind(list, "key", "one value", "join them: " + String.join(" + '-' + ", parts));
      return null;
    }
    return entries.expression("key");
  }

  private @Nullable DataClause data(Entries entries) {
    YamlNode node = entries.node("data");
    if (node == null) {
      entries.missing(
          "this rule",
          "data",
          "say what the event tells: 'data: {id, total}', or 'data: row' for every column");
      return null;
    }
    if (node instanceof YamlMap) {
      return new DataClause.Fields(entries.named("data", /* bare= */ true));
    }
    if (node instanceof YamlList list && !Entries.names(list).isEmpty()) {
      entries.wrongKind(
          list,
          "data",
          "a mapping of names to values",
          "write {" + String.join(", ", Entries.names(list)) + "}");
      return null;
    }
    if (node instanceof YamlScalar list && NAMES.matcher(list.value()).matches()) {
      entries.wrongKind(
          node, "data", "a mapping of names to values", "write {" + list.value() + "}");
      return null;
    }
    Text text = entries.expression("data");
    if (text == null) {
      return null;
    }
    return text.value().equals("row") ? new DataClause.EntireRow(text) : new DataClause.Whole(text);
  }

  private int contractVersion(Entries entries) {
    YamlScalar text = entries.text("version");
    if (text == null) {
      return 1;
    }
    if (!NUMBER.matcher(text.value()).matches()) {
      problems.error(
          Codes.BAD_VALUE,
          text.location(),
          "'" + text.value() + "' is no version",
          "write a whole number from 1");
      return 1;
    }
    return Integer.parseInt(text.value());
  }

  private OnError onError(Entries entries, OnError otherwise) {
    YamlScalar text = entries.text("on_error");
    if (text == null) {
      return otherwise;
    }
    for (OnError value : OnError.values()) {
      if (value.word().equals(text.value())) {
        return value;
      }
    }
    problems.error(
        Codes.BAD_VALUE,
        text.location(),
        "'on_error' cannot be '" + text.value() + "'",
        Suggestions.didYouMean(text.value(), OnError.words())
            .orElse("it is one of " + String.join(", ", OnError.words())));
    return otherwise;
  }

  private @Nullable Duration duration(Entries entries, String key) {
    YamlScalar text = entries.text(key);
    return text == null ? null : Durations.read(key, text, problems);
  }

  private boolean enabled(Entries entries) {
    YamlScalar text = entries.text("enabled");
    if (text == null || text.value().equals("true") || text.value().equals("false")) {
      return text == null || text.value().equals("true");
    }
    problems.error(
        Codes.BAD_VALUE,
        text.location(),
        "'enabled' cannot be '" + text.value() + "'",
        "it is true or false");
    return true;
  }
}

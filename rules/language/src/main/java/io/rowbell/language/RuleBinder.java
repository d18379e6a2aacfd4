package io.rowbell.language;

import io.rowbell.language.expression.Expression;
import io.rowbell.language.expression.ExpressionCompiler;
import io.rowbell.language.expression.KeyedHash;
import io.rowbell.language.expression.Scope;
import io.rowbell.language.expression.Template;
import io.rowbell.language.issue.Codes;
import io.rowbell.language.issue.Problems;
import io.rowbell.language.issue.Text;
import io.rowbell.model.Catalog;
import io.rowbell.model.DatabaseId;
import io.rowbell.model.Operation;
import io.rowbell.model.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks one declaration against the catalog and compiles it. */
final class RuleBinder {
  private static final String DEFAULT_TO = "rowbell.{table}";
  private static final String MESSAGES = "messages";

  private final DatabaseId database;
  private final @Nullable KeyedHash hash;
  private final Catalog catalog;
  private final PrivateColumns privates;
  private final @Nullable ConditionCoverage coverage;
  private final Problems problems;

  /**
   * @param coverage is told what conditions come to; null if nobody asks
   */
  RuleBinder(
      DatabaseId database,
      @Nullable KeyedHash hash,
      Catalog catalog,
      PrivateColumns privates,
      @Nullable ConditionCoverage coverage,
      Problems problems) {
    this.database = database;
    this.hash = hash;
    this.catalog = catalog;
    this.privates = privates;
    this.coverage = coverage;
    this.problems = problems;
  }

  /**
   * A rule and what it listens to.
   *
   * @param table its table, or null for messages
   * @param prefix its messages' prefix, or null for a table
   * @param reads what it needs of the table
   */
  record Bound(
      CompiledRule rule, @Nullable TableSchema table, @Nullable String prefix, TableReads reads) {}

  /**
   * @return null if there is an error: all that could be found were noted
   */
  @Nullable Bound bind(RuleDeclaration rule, RuleCounter counter) {
    if (rule.on() instanceof OnClause.Messages messages) {
      rule.with().forEach(clause -> ChildBinder.refuse(clause, problems));
      Scope scope = Scope.message().withVars(rule.settings().vars().values()).withHash(hash);
      return compile(rule, counter, scope, messages.prefix(), new int[0]);
    }
    if (!(rule.on() instanceof OnClause.Table on)) {
      return null;
    }
    TableSchema table = OnBinder.find(on, catalog, problems);
    if (table == null) {
      return null;
    }
    int[] columns = OnBinder.columns(on, table, problems);
    Scope scope =
        Scope.table(table, on.operations())
            .withVars(rule.settings().vars().values())
            .withPrivates(privates.of(table, catalog))
            .withChildren(
                new ChildBinder(
                        table,
                        rule.lasting() == null ? on.operations() : Set.of(Operation.INSERT),
                        catalog,
                        privates,
                        problems)
                    .bind(rule.with()))
            .withHash(hash);
    return compile(rule, counter, scope, null, columns);
  }

  private @Nullable Bound compile(
      RuleDeclaration rule,
      RuleCounter counter,
      Scope scope,
      @Nullable String prefix,
      int[] columns) {
    TableSchema table = scope.table();
    RuleDeclaration.Output output = rule.output();
    ExpressionCompiler compiler = new ExpressionCompiler(scope);
    TableReads reads = new TableReads(table, scope.operations());
    reads.listed(columns);
    scope.children().forEach(child -> reads.parent(child.parentColumn()));
    rule.with().stream()
        .map(clause -> clause.name().value())
        .filter(name -> scope.child(name) == null)
        .forEach(compiler::broken);
    for (NamedText let : rule.let()) {
      reads.add(compiler.let(let.name().value(), let.text(), problems));
    }
    Expression when = rule.when() == null ? null : condition(rule, rule.when(), compiler);
    Expression id = output.id() == null ? null : compiler.scalar(output.id(), problems);
    Lasting lasting = lasting(rule, compiler, reads);
    EventKey key = key(rule, compiler, scope, reads);
    EventPayload payload = payload(output.data(), compiler, reads);
    Template type = output.event() == null ? null : compiler.template(output.event(), problems);
    Template topic = compiler.template(topicText(output.to(), table), problems);
    reads.add(when).add(id).add(type).add(topic);
    if (rule.lasting() != null && reads.atCommit() != null) {
      problems.error(
          Codes.TOGETHER,
          reads.atCommit(),
          "tx.changes does not go with 'while': it is known only when the transaction has ended",
          "make a rule with 'when' of it");
    }
    if (rule.lasting() != null && reads.last() != null) {
      problems.error(
          Codes.TOGETHER,
          reads.last(),
          "'last' does not go with 'while', which looks at the row as it is",
          "make a rule with 'when' of it");
    }
    Privacy privacy = new Privacy(scope.privates(), table, problems);
    checkPrivacy(privacy, rule, key, payload);
    privacy.leaves("id", id);
    privacy.leaves("event", type);
    privacy.leaves("to", topic);
    privacy.leaves("resolved", lasting == null ? null : lasting.resolved());
    if (problems.hasErrors() || key == null || payload == null || type == null || topic == null) {
      return null;
    }
    if (rule.lasting() != null && lasting == null) {
      return null;
    }
    EventKey rowKey =
        table == null || table.primaryKey().isEmpty()
            ? new EventKey.None()
            : new EventKey.Primary(table.primaryKey());
    EventOrigin source =
        table == null
            ? EventOrigin.messages(database, String.valueOf(prefix))
            : EventOrigin.table(database, table.id());
    CompiledRule compiled =
        new CompiledRule(
            rule,
            database,
            source,
            new Trigger(scope.operations(), columns, when),
            new Making(
                type,
                topic,
                key,
                rowKey,
                privacy.hidesPrimaryKey() ? new EventKey.None() : rowKey,
                id,
                payload,
                output.version()),
            new Keeping(table, reads, scope.children()),
            new Memories(
                rule.lasting() == null ? Remembering.of(rule, table, key, reads) : null,
                lasting == null || table == null
                    ? null
                    : Episodes.of(rule, table, key, reads, lasting),
                Windows.of(rule, table, key, compiler.windows())),
            counter);
    return new Bound(compiled, table, prefix, reads);
  }

  private static void checkPrivacy(
      Privacy privacy,
      RuleDeclaration rule,
      @Nullable EventKey key,
      @Nullable EventPayload payload) {
    if (key instanceof EventKey.Chosen chosen) {
      privacy.leaves("key", chosen.expression());
    } else if (key instanceof EventKey.Primary) {
      privacy.primaryKeyLeaves(rule.name());
    }
    if (payload instanceof EventPayload.Fields named) {
      named.fields().forEach(field -> privacy.leaves("data", field.expression()));
    } else if (payload instanceof EventPayload.Whole whole) {
      privacy.leaves("data", whole.expression());
    } else if (rule.output().data() instanceof DataClause.EntireRow row) {
      privacy.rowLeaves(row.text());
    }
  }

  /**
   * The compiled conditions of a state that lasts.
   *
   * @param until null for when {@code holds} is no longer true
   * @param resolved null for no event
   */
  record Lasting(Expression holds, @Nullable Expression until, @Nullable Template resolved) {}

  private @Nullable Lasting lasting(
      RuleDeclaration rule, ExpressionCompiler compiler, TableReads reads) {
    RuleDeclaration.Lasting declared = rule.lasting();
    if (declared == null) {
      return null;
    }
    Expression holds = condition(rule, declared.holds(), compiler);
    Text endText = declared.until();
    Expression until = endText == null ? null : condition(rule, endText, compiler);
    Text resolvedText = declared.resolved();
    Template resolved = resolvedText == null ? null : compiler.template(resolvedText, problems);
    reads.add(holds).add(until).add(resolved);
    return holds == null ? null : new Lasting(holds, until, resolved);
  }

  private @Nullable Expression condition(
      RuleDeclaration rule, Text text, ExpressionCompiler compiler) {
    Expression condition = compiler.condition(text, problems);
    return condition == null || coverage == null
        ? condition
        : coverage.watched(rule.name().value(), text, condition, compiler);
  }

  private static Text topicText(@Nullable Text to, @Nullable TableSchema table) {
    return TableInText.of(
        to == null ? Text.of("(default)", DEFAULT_TO) : to,
        table == null ? MESSAGES : table.id().name());
  }

  private @Nullable EventKey key(
      RuleDeclaration rule, ExpressionCompiler compiler, Scope scope, TableReads reads) {
    Text chosen = rule.output().key();
    if (scope.table() != null && rule.output().id() == null) {
      PrimaryKey.checkSnapshot(rule, scope.table(), scope.operations(), problems);
    }
    if (chosen != null) {
      Expression expression = compiler.scalar(chosen, problems);
      reads.add(expression);
      if (expression != null && expression.readsWindow()) {
        problems.error(
            Codes.WINDOW,
            chosen.at(0),
            "a window is kept by key, so the key cannot depend on one",
            "make the key of columns, and read the window in 'when' or 'data'");
      }
      if (expression != null && expression.last() != null) {
        problems.error(
            Codes.TOGETHER,
            expression.last(),
            "what 'last' reads is kept by key, so the key cannot depend on it",
            "make the key of the row's own columns");
      }
      return expression == null ? null : new EventKey.Chosen(expression);
    }
    if (scope.table() == null || scope.operations().equals(Set.of(Operation.TRUNCATE))) {
      return new EventKey.None();
    }
    reads.primaryKey();
    return PrimaryKey.check(rule, scope.table(), scope.operations(), problems)
        ? new EventKey.Primary(scope.table().primaryKey())
        : null;
  }

  private @Nullable EventPayload payload(
      @Nullable DataClause data, ExpressionCompiler compiler, TableReads reads) {
    if (data instanceof DataClause.Fields named) {
      List<EventPayload.Field> fields = new ArrayList<>();
      for (NamedText field : named.fields()) {
        Expression expression =
            field.isBare()
                ? compiler.name(field.text(), problems)
                : compiler.expression(field.text(), problems);
        reads.add(expression);
        if (expression != null) {
          fields.add(new EventPayload.Field(field.name().value(), expression));
        }
      }
      return new EventPayload.Fields(fields);
    }
    if (data instanceof DataClause.Whole whole) {
      Expression expression = compiler.expression(whole.text(), problems);
      reads.add(expression);
      return expression == null ? null : new EventPayload.Whole(expression);
    }
    if (data instanceof DataClause.EntireRow row) {
      if (!reads.entireRow()) {
        problems.error(
            Codes.BAD_VALUE,
            row.text().at(0),
            "a message has no row",
            "write 'data: content' for the text of the message");
        return null;
      }
      return new EventPayload.EntireRow();
    }
    return null;
  }
}

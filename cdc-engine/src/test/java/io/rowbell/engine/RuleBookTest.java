package io.rowbell.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rowbell.engine.config.EngineConfig;
import io.rowbell.language.RuleCounter;
import io.rowbell.model.Catalog;
import io.rowbell.model.Change;
import io.rowbell.model.Column;
import io.rowbell.model.Origin;
import io.rowbell.model.Position;
import io.rowbell.model.ReplicaIdentity;
import io.rowbell.model.TableSchema;
import io.rowbell.spi.Source;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which rules are in force for which versions of the tables. */
class RuleBookTest {
  private static final String LIVE = "  - {event: Placed, on: insert orders, data: {id}}\n";
  private static final String MESSAGES = "  - {event: Asked, on: message asked, data: content}\n";
  private static final String PRIVATE = "private: [users.email]\n";

  private static final TableSchema ORDERS = ScriptedSource.ORDERS;
  private static final TableSchema USERS = ScriptedSource.USERS;
  private static final TableSchema USERS_WITHOUT_EMAIL =
      new TableSchema(
          USERS.id(), List.of(USERS.column(0)), List.of(0), ReplicaIdentity.FULL, List.of(0));
  private static final TableSchema USERS_WITH_MAIL =
      new TableSchema(
          USERS.id(),
          List.of(USERS.column(0), new Column("mail", USERS.column(1).type(), true)),
          List.of(0),
          ReplicaIdentity.FULL,
          List.of(0, 1));

  /** Of an updated or deleted row only the key is logged. */
  private static final TableSchema ORDERS_BY_KEY =
      new TableSchema(
          ORDERS.id(), ORDERS.columns(), List.of(0), ReplicaIdentity.DEFAULT, List.of(0));

  @TempDir private Path directory;

  private RuleBook book(String... rules) throws Exception {
    ScriptedSource source = new ScriptedSource();
    EngineConfig config = new MemoryPipeline(directory, source, new ModelJournal()).config(rules);
    try (Source opened = source.open(new ScriptedSource.Settings(), config.context())) {
      return RuleBook.compile(config, opened);
    }
  }

  private static String shadow(String name, String on, String rest) {
    return "  - {rule: %s, event: Seen, on: %s, mode: shadow, %s}\n".formatted(name, on, rest);
  }

  private static Catalog tables(TableSchema... tables) {
    return new Catalog(
        List.of("public"),
        Arrays.stream(tables).collect(Collectors.toMap(TableSchema::id, Function.identity())));
  }

  private static Change row(TableSchema table, @Nullable Object... values) {
    return new Change.Inserted(
        new Origin(700, Instant.EPOCH, new Position(0x80), 0, null),
        ScriptedSource.row(table, values));
  }

  private static List<String> leftOut(RuleBook book) {
    return List.copyOf(Misfits.of(book.current()).keySet());
  }

  private static List<String> inForce(RuleBook book) {
    return book.current().counters().stream().map(RuleCounter::rule).toList();
  }

  @Test
  void whatDoesNotFitAnyMoreIsLeftOutThoughAnotherFitsAgain() throws Exception {
    RuleBook book =
        book(
            MESSAGES,
            shadow("OfUsers", "insert users", "data: {email}"),
            shadow("OfOrders", "insert orders", "data: {id}"));
    book.of(row(USERS_WITHOUT_EMAIL, 1L));
    assertThat(leftOut(book)).containsExactly("OfUsers");

    assertThat(book.leaveOutMisfits(tables(USERS))).isTrue();
    assertThat(leftOut(book)).containsExactly("OfOrders");
    assertThat(book.leaveOutMisfits(tables(USERS))).as("nothing more").isFalse();
  }

  @Test
  void aTableThatALiveRuleReadsMayBecomeUnfitForAShadowBeforeARowSaysSo() throws Exception {
    String live = "  - {event: Updated, on: update orders, when: status == 'A', data: {id}}\n";
    RuleBook book =
        book(live, shadow("Before", "update orders", "when: before.status == 'A', data: {id}"));
    assertThat(book.leaveOutMisfits(tables(ORDERS, USERS))).as("all fit").isFalse();

    assertThat(book.leaveOutMisfits(tables(ScriptedSource.ORDERS_WITHOUT_STATUS, USERS)))
        .as("a live rule does not fit")
        .isFalse();
    assertThat(inForce(book)).containsExactly("Updated", "Before");

    assertThat(book.leaveOutMisfits(tables(ORDERS_BY_KEY, USERS))).isTrue();
    assertThat(leftOut(book)).containsExactly("Before");
    assertThat(Misfits.of(book.current()).get("Before")).contains("E110");
    assertThat(Objects.requireNonNull(book.requirements().tables().get(ORDERS.id())).oldColumns())
        .doesNotContain("status");

    book.of(row(ORDERS, 1L, "A"));
    assertThat(leftOut(book)).as("a row of before, that was still to come").isEmpty();
  }

  @Test
  void aShadowGoesOnWhenARowOfATableThatOnlyItReadsFitsAgain() throws Exception {
    RuleBook book = book(LIVE, shadow("OfUsers", "insert users", "data: {email}"));
    book.of(row(USERS_WITHOUT_EMAIL, 1L));
    assertThat(leftOut(book)).containsExactly("OfUsers");
    Object before = book.current();
    book.of(row(USERS_WITHOUT_EMAIL, 2L));
    assertThat(book.current()).as("compiled for each version once").isSameAs(before);
    book.of(row(USERS, 3L, "a@b"));
    assertThat(leftOut(book)).isEmpty();
    assertThat(inForce(book)).containsExactly("Placed", "OfUsers");
  }

  @Test
  void whatIsPrivateMayGoWithATableThatOnlyShadowsRead() throws Exception {
    String shadow = shadow("OfUsers", "insert users", "data: {id}");
    RuleBook renamed = book(LIVE, shadow, PRIVATE);
    renamed.of(row(USERS_WITH_MAIL, 1L, "a@b"));
    assertThat(leftOut(renamed)).containsExactly("OfUsers");
    assertThat(inForce(renamed)).containsExactly("Placed");

    RuleBook dropped = book(LIVE, shadow, PRIVATE);
    assertThat(dropped.leaveOutMisfits(tables(ORDERS))).isTrue();
    assertThat(leftOut(dropped)).containsExactly("OfUsers");
    assertThat(inForce(dropped)).containsExactly("Placed");
  }

  @Test
  void whatIsPrivateMayNotBeRenamedWhereALiveRuleReads() throws Exception {
    RuleBook book = book("  - {event: Registered, on: insert users, data: {id}}\n", PRIVATE);
    assertThatThrownBy(() -> book.of(row(USERS_WITH_MAIL, 1L, "a@b")))
        .isInstanceOf(EngineException.class)
        .hasMessageContainingAll("was altered", "E101", "'email'");
  }

  @Test
  void whatIsPrivateMustBeThereAtTheStart() {
    String shadow = shadow("OfUsers", "insert users", "data: {id}");
    assertThatThrownBy(() -> book(LIVE, shadow, "private: [users.emial]\n"))
        .hasMessageContaining("E101");
    assertThatThrownBy(() -> book(LIVE, shadow, "private: [usres.email]\n"))
        .hasMessageContaining("E203");
  }
}

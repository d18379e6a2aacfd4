package io.rowbell.language;

import static io.rowbell.language.Shop.STOCKS;
import static io.rowbell.language.Shop.inserted;
import static org.assertj.core.api.Assertions.assertThat;

import io.rowbell.language.issue.Issue;
import io.rowbell.language.memory.Memory;
import io.rowbell.model.TableSchema;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A private column leaves by no way that the language has. */
class PrivacyTest {
  private static final String HEAD =
      "rules: v1\nprivate: [users.email, \"*.symbol\", payments.method, outbox.payload]\n"
          + "triggers:\n  - {event: E, on: ";

  private static Compilation compile(String rule) {
    return Shop.compile(HEAD + rule + "}\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert users, data: {email}",
        "insert users, data: {x: after.email}",
        "insert users, data: {x: \"'a' + email\"}",
        "insert users, data: {x: size(email)}",
        "insert users, data: {x: \"email == 'a' ? 1 : 2\"}",
        "insert users, data: \"{'a': [email]}\"",
        "insert users, data: row",
        "insert users, let: {e: email}, data: {id, e}",
        "insert users, let: {e: email, f: \"e + 'x'\"}, data: {id, f}",
        "insert users, data: {id}, key: email",
        "insert users, data: {id}, id: email",
        "insert users, data: {id}, to: \"u.{email}\"",
        "insert users, rule: r, data: {id}, event: \"U{email}\"",
        "insert users, data: {id, x: \"['a'].exists(a, a == email)\"}",
        "insert users, data: {id, x: \"mask('a') + email\"}",
        "insert users, data: {id, x: \"email + mask(email)\"}",
        "insert users, data: {x: \"coalesce(plan, email)\"}",
        "insert users, data: {x: \"after['email']\"}",
        "update stocks, data: {id, was: last.symbol}",
        "update payments, data: {x: before.method}",
        "update payments, data: {x: changed(method)}",
        "update payments, let: {c: \"changed(amount, method)\"}, data: {x: c}",
        "update payments, data: {x: \"becomes(method == 'card')\"}",
        "update payments, data: {x: \"count_over(method == 'card', '1m')\"}",
        "payments, while: amount > 1, resolved: \"R{method}\", data: {id}",
        "payments, while: amount > 1, data: {id, method}",
        "insert outbox, data: {x: payload.who.name}",
        "insert outbox, data: {x: has(payload.who)}",
        "insert outbox, data: {x: \"payload.items.map(i, i.sku)\"}",
        "insert outbox, data: {x: \"payload.items.map(i, mask(i.sku))\"}",
        "insert outbox, let: {p: payload}, data: {x: \"['a'].filter(a, a == string(p.b))\"}"
      })
  void aPrivateColumnDoesNotLeave(String rule) {
    // The event's name stands twice where the rule gives one of its own.
    String file = HEAD + rule + "}\n";
    if (rule.contains("event:")) {
      file = file.replace("{event: E, on", "{on");
    }
    assertThat(Shop.compile(file).issues()).extracting(Issue::code).contains("E301");
    assertThat(Shop.compile(file).rules()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "insert users, data: {id, m: mask(email)}",
        "insert users, let: {m: mask(email)}, data: {id, m}",
        "insert users, when: email.endsWith('x'), data: {id}",
        "update users, when: email != null, data: {id}",
        "insert users, data: {id}, to: \"u.{mask(email)}\"",
        "insert users, let: {e: email}, when: e != null, data: {id}",
        "insert users, data: {id, m: \"size(mask(email + 'x', 2))\"}",
        "update payments, when: changed(method), data: {id}",
        "update payments, data: {id, x: mask(changed(method))}",
        "insert outbox, let: {p: payload}, data: {x: mask(p.who.name)}"
      })
  void itMayBeAskedForAndLeaveHidden(String rule) {
    assertThat(compile(rule).issues()).extracting(Issue::code).isSubsetOf("W110", "W120");
  }

  @Test
  void theMessageSaysWhereAndWhatToDo() {
    Compilation compilation =
        Shop.compile(
            """
            rules: v1
            private: [users.email]
            triggers:
              - event: A
                on: insert users
                let: {who: email}
                data: {id, who, email}
              - event: B
                on: insert users
                data: row
            """);

    assertThat(compilation.render())
        .isEqualTo(
            """
            rules.yaml:6:16: error E301: 'email' is private, and would leave in 'data'
                 6 |     let: {who: email}
                   |                ^
                   = help: write mask(email) or hash(email), or leave it out
            rules.yaml:7:21: error E301: 'email' is private, and would leave in 'data'
                 7 |     data: {id, who, email}
                   |                     ^
                   = help: write mask(email) or hash(email), or leave it out
            rules.yaml:10:11: error E301: public.users has private columns, and 'data: row' lets every column leave
                10 |     data: row
                   |           ^
                   = help: name the columns that may leave: data: {...}"""
                .stripTrailing());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "users.emial | E101 table public.users has no column 'emial' | did you mean 'email'?",
        "user.email | E203 there is no table 'user' | did you mean 'users'?",
        "'\"*.emial\"' | E101 no table has a column 'emial' | did you mean 'email'?",
        "email | R011 'email' names no column | write table.column, schema.table.column, or \"*.column\" for every table"
      })
  void aNameThatProtectsNothingIsAnError(String name, String message, String help) {
    Compilation compilation =
        Shop.compile(
            "rules: v1\nprivate: ["
                + name
                + "]\ntriggers:\n  - {event: E, on: insert stocks, data: {id}}\n");

    assertThat(compilation.issues())
        .singleElement()
        .satisfies(
            issue -> {
              assertThat(issue.code() + " " + issue.message()).isEqualTo(message);
              assertThat(issue.help()).isEqualTo(help);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sales.Order Book.größe",
        "Sales.\"Order Book\".\"größe\"",
        "\"Sales\".\"Order Book\".größe",
        "*.\"größe\""
      })
  void namesMayStandBetweenDoubleQuotes(String name) {
    Compilation compilation =
        Shop.compile(
            "rules: v1\nprivate: ['"
                + name
                + "']\ntriggers:\n  - event: E\n    on: insert \"Sales\".\"Order Book\"\n"
                + "    data: {größe}\n");

    assertThat(compilation.issues()).extracting(Issue::code).containsExactly("E301");
  }

  @Test
  void aNameMayHaveADotInIt() {
    TableSchema dots = Shop.table("public.dots", "FULL", "id! int8", "a.b text");
    String file =
        "rules: v1\nprivate: ['dots.\"a.b\"']\ntriggers:\n  - {event: E, on: insert dots, data: row}\n";

    assertThat(
            new RuleCompiler(List.of(new RuleFile("r", file)), Shop.DATABASE, null)
                .compile(Shop.catalog(dots))
                .issues())
        .extracting(Issue::code)
        .containsExactly("E301");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"users.", ".email", "users..email", "users.\"email", "\"users.email\"", "\"\""})
  void whatNamesNoColumnIsAnError(String name) {
    assertThat(Shop.compile("rules: v1\nprivate: ['" + name + "']\ntriggers: []\n").issues())
        .extracting(Issue::code)
        .containsExactly("R011");
  }

  @Test
  void whatOneFileDeclaresHoldsForAll() {
    Compilation compilation =
        Shop.compile(
            "rules: v1\ntriggers:\n  - {event: E, on: insert users, data: {email}}\n",
            "rules: v1\nprivate: [public.users.email]\ntriggers: []\n");

    assertThat(compilation.issues()).extracting(Issue::code).containsExactly("E301");
  }

  @Test
  void aPrivatePrimaryKeyIsNotTheKeyOfAnEventAndNotInADeadLetter() {
    String file =
        "rules: v1\nprivate: [stocks.id]\ntriggers:\n  - {event: E, on: insert stocks, %sdata: {x: 1 / int(price)}}\n";
    assertThat(Shop.compile(file.formatted("")).issues())
        .extracting(Issue::code)
        .containsExactly("E301");

    RuleSet rules = Shop.compile(file.formatted("key: mask(id), ")).orThrow();
    Outcome dead =
        rules.evaluate(inserted(STOCKS, 4711L, "ACME", BigDecimal.ZERO, null), new Memory()).get(0);
    assertThat(dead).isInstanceOf(Outcome.Dead.class);
    assertThat(dead.toString()).doesNotContain("4711");
    assertThat(
            new String(
                ((Outcome.Dead) dead).letter().payload().bytes(),
                java.nio.charset.StandardCharsets.UTF_8))
        .doesNotContain("4711");
  }
}

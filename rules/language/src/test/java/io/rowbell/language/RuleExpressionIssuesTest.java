package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Messages about expressions, where they stand in a file. */
class RuleExpressionIssuesTest {
  @Test
  void everyIssueOfEveryRuleIsShownWithItsLine() {
    assertIssues(
        """
        rules: v1
        triggers:
          - event: A
            on: update payments
            when: amount > 100 && amoun < 5
            data: {id, ordr_id, x: amount > 'a'}
          - event: B
            on: update stocks
            when: before.price == 5
            data: row
          - event: C
            on: insert stocks
            when: |
              symbol == 'A'
                && prise != null
            key: "coalesce(nme, 'x')"
            to: a.{symbol}.{nope}
            data: {last: last.prise, n: upper(id), z: frob(id)}
        """,
        """
        rules.yaml:5:11: warning W110: 'amount' can be null: the condition is unknown then, and does not fire
             5 |     when: amount > 100 && amoun < 5
               |           ^
               = help: if that is not meant, say what null counts as: coalesce(amount, ...)
        rules.yaml:5:27: error E101: table public.payments has no column 'amoun'
             5 |     when: amount > 100 && amoun < 5
               |                           ^
               = help: did you mean 'amount'?
        rules.yaml:6:16: error E101: table public.payments has no column 'ordr_id'
             6 |     data: {id, ordr_id, x: amount > 'a'}
               |                ^
               = help: did you mean 'order_id'?
        rules.yaml:6:35: error E102: operator '>' cannot compare numeric with text
             6 |     data: {id, ordr_id, x: amount > 'a'}
               |                                   ^
               = help: string(x) makes text of anything
        rules.yaml:9:11: error E110: this condition reads the row before the change, but public.stocks has REPLICA IDENTITY DEFAULT: PostgreSQL does not log old values
             9 |     when: before.price == 5
               |           ^
               = help: run ALTER TABLE public.stocks REPLICA IDENTITY FULL, or compare with last.price, which needs none
        rules.yaml:15:12: error E101: table public.stocks has no column 'prise'
            15 |         && prise != null
               |            ^
               = help: did you mean 'price'?
        rules.yaml:16:20: error E101: table public.stocks has no column 'nme'
            16 |     key: "coalesce(nme, 'x')"
               |                    ^
               = help: its columns are id, symbol, price, note
        rules.yaml:17:21: error E101: table public.stocks has no column 'nope'
            17 |     to: a.{symbol}.{nope}
               |                     ^
               = help: did you mean 'note'?
        rules.yaml:18:23: error E101: table public.stocks has no column 'prise'
            18 |     data: {last: last.prise, n: upper(id), z: frob(id)}
               |                       ^
               = help: did you mean 'price'?
        rules.yaml:18:39: error E106: upper() takes text, and this is int
            18 |     data: {last: last.prise, n: upper(id), z: frob(id)}
               |                                       ^
               = help: string(x) makes text of anything
        rules.yaml:18:47: error E105: there is no function 'frob'
            18 |     data: {last: last.prise, n: upper(id), z: frob(id)}
               |                                               ^
               = help: docs/functions.md lists all functions
        """);
  }

  @Test
  void aNameWhoseLetFailsIsNoIssueOfItsOwn() {
    assertIssues(
        """
        rules: v1
        triggers:
          - event: A
            on: insert stocks
            let: {bad: nope + 1, "worse": upper(}
            when: bad > 1 && worse == 'x'
            data: {id}
        """,
        """
        rules.yaml:5:41: error R003: between { } YAML ends a value at each of , : [ ] { }, so it has read only 'upper('
             5 |     let: {bad: nope + 1, "worse": upper(}
               |                                         ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        """);
    assertIssues(
        """
        rules: v1
        triggers:
          - event: A
            on: insert stocks
            let: {bad: nope + 1, good: bad + 1}
            when: bad > good
            data: {bad, good}
        """,
        """
        rules.yaml:5:16: error E101: table public.stocks has no column 'nope'
             5 |     let: {bad: nope + 1, good: bad + 1}
               |                ^
               = help: did you mean 'note'?
        """);
  }

  @Test
  void anEntryOfDataThatIsNoNameIsGivenOne() {
    assertIssues(
        """
        rules: v1
        triggers:
          - event: A
            on: insert stocks
            data: {after.price, upper(symbol), ACME}
        """,
        """
        rules.yaml:5:12: error E101: table public.stocks has no column 'after.price'
             5 |     data: {after.price, upper(symbol), ACME}
               |            ^
               = help: write a name for it: price: after.price
        rules.yaml:5:25: error E101: table public.stocks has no column 'upper(symbol)'
             5 |     data: {after.price, upper(symbol), ACME}
               |                         ^
               = help: write a name for it: <name>: upper(symbol)
        rules.yaml:5:40: error E101: table public.stocks has no column 'ACME'
             5 |     data: {after.price, upper(symbol), ACME}
               |                                        ^
               = help: its columns are id, symbol, price, note
        """);
  }

  @Test
  void lastStandsOnlyWhereSomethingIsRemembered() {
    assertIssues(
        """
        rules: v1
        triggers:
          - event: A
            on: stocks
            let: {was: last.price}
            while: was != price
            data: {id}
          - event: B
            on: update stocks
            key: coalesce(last.symbol, symbol)
            data: {id}
        """,
        """
        rules.yaml:5:16: error R012: 'last' does not go with 'while', which looks at the row as it is
             5 |     let: {was: last.price}
               |                ^
               = help: make a rule with 'when' of it
        rules.yaml:10:19: error R012: what 'last' reads is kept by key, so the key cannot depend on it
            10 |     key: coalesce(last.symbol, symbol)
               |                   ^
               = help: make the key of the row's own columns
        """);
  }

  @Test
  void aConstantHoleWithoutAValueIsToldWhenTheFileIsLoaded() {
    assertIssues(
        """
        rules: v1
        triggers:
          - rule: C
            event: "c.{[1][3]}"
            on: insert stocks
            data: {id}
        """,
        """
        rules.yaml:4:16: error E109: this always fails: the hole has no value
             4 |     event: "c.{[1][3]}"
               |                ^
               = help: write the text that is meant
        """);
  }

  @Test
  void templatesShowWhatIsWrongInTheirHoles() {
    assertIssues(
        """
        rules: v1
        defaults: {to: "x.{nope}"}
        triggers:
          - rule: A
            event: "{symbol"
            on: insert stocks
            to: "{}"
            data: {id}
          - rule: B
            event: "a}b"
            on: message m
            data: content
            to: "{table}.{prefix}"
          - event: C
            on: insert users
            data: {id, nothing}
        """,
        """
        rules.yaml:2:20: error E101: table public.users has no column 'nope'
             2 | defaults: {to: "x.{nope}"}
               |                    ^
               = help: its columns are id, email, plan, deleted_at
        rules.yaml:5:13: error E100: this '{' is not closed
             5 |     event: "{symbol"
               |             ^
               = help: a brace that is meant is written '{{'
        rules.yaml:7:11: error E100: the expression is empty
             7 |     to: "{}"
               |           ^
               = help: write what it is, or leave the key out
        rules.yaml:10:14: error E100: this '}' closes nothing
            10 |     event: "a}b"
               |              ^
               = help: a brace that is meant is written '}}'
        rules.yaml:16:16: error E101: table public.users has no column 'nothing'
            16 |     data: {id, nothing}
               |                ^
               = help: its columns are id, email, plan, deleted_at
        """);
  }

  private static void assertIssues(String file, String expected) {
    assertThat(Shop.compile(file).render()).isEqualTo(expected.strip());
  }
}

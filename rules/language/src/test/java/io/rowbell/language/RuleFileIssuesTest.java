package io.rowbell.language;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Every message about the form of a rule file, in full. */
class RuleFileIssuesTest {
  @Test
  void unknownKeysAreCollectedWithTheirLikelyNames() {
    assertIssues(
        """
        rules: v1
        trigers: []
        defaults: {too: x}
        triggers:
          - event: A
            on: insert users
            wen: id > 1
            data: {id}
            zzz: 1
        """,
        """
        rules.yaml:2:1: error R001: unknown key 'trigers'
             2 | trigers: []
               | ^
               = help: did you mean 'triggers'?
        rules.yaml:3:12: error R001: unknown key 'too'
             3 | defaults: {too: x}
               |            ^
               = help: did you mean 'to'?
        rules.yaml:7:5: error R001: unknown key 'wen'
             7 |     wen: id > 1
               |     ^
               = help: did you mean 'when'?
        rules.yaml:9:5: error R001: unknown key 'zzz'
             9 |     zzz: 1
               |     ^
               = help: the keys here are event, rule, on, let, with, when, while, until, for, resolved, key, id, cooldown, forget_after, data, to, version, on_error, description, enabled, mode, compare
        """);
  }

  @Test
  void wordsThatDoNotGoTogetherAreTold() {
    assertIssues(
        """
        rules: v1
        triggers:
          - event: A
            on: update payments
            while: status == 'PENDING'
            when: amount > 1
            cooldown: 1m
            data: {id}
          - event: B
            on: payments(status)
            while: status == 'PENDING'
            data: {id}
          - event: C
            on: update payments
            until: status == 'PAID'
            for: a while
            data: {id}
          - event: D
            on: payments
            while: status == 'PENDING'
            for: 0s
            data: {id}
          - event: E
            on: payments
            data: {id}
        """,
        """
        rules.yaml:4:9: error R012: an operation does not go with 'while', which sees every change of the table
             4 |     on: update payments
               |         ^
               = help: write the table alone
        rules.yaml:6:5: error R012: 'when' does not go with 'while'
             6 |     when: amount > 1
               |     ^
               = help: put both conditions into 'while', with &&
        rules.yaml:7:5: error R012: 'cooldown' does not go with 'while'
             7 |     cooldown: 1m
               |     ^
               = help: remove it
        rules.yaml:10:17: error R012: a column list does not go with 'while', which sees every change of the table
            10 |     on: payments(status)
               |                 ^
               = help: write the table alone
        rules.yaml:15:5: error R012: 'until' belongs to 'while', and this rule has none
            15 |     until: status == 'PAID'
               |     ^
               = help: say 'while: <condition>'
        rules.yaml:16:5: error R012: 'for' belongs to 'while', and this rule has none
            16 |     for: a while
               |     ^
               = help: say 'while: <condition>'
        rules.yaml:21:10: error R011: 'for' cannot be '0s'
            21 |     for: 0s
               |          ^
               = help: write how long, up to ten years, in d, h, m, s or ms: 90s, 1h30m, 7d
        rules.yaml:24:9: error R009: an operation must stand before the table 'payments'
            24 |     on: payments
               |         ^
               = help: write for example 'insert or update payments'; a table alone belongs to 'while'
        """);
  }

  @Test
  void whatOnIsNotMadeOf() {
    assertIssues(
        """
        rules: v1
        triggers:
          - event: A
            on: [insert, update] stocks
            data: {id}
          - event: B
            on: update stocks where price > 1
            data: {id}
          - event: C
            on: update stocks and users
            data: {id}
        """,
        """
        rules.yaml:4:9: error R003: YAML reads a value that begins with '[' as a list
             4 |     on: [insert, update] stocks
               |         ^
               = help: write 'insert or update stocks'
        rules.yaml:7:23: error R009: nothing more is expected here
             7 |     on: update stocks where price > 1
               |                       ^
               = help: conditions go into 'when'
        rules.yaml:10:23: error R009: nothing more is expected here
            10 |     on: update stocks and users
               |                       ^
               = help: write for example 'insert or update orders'
        """);
  }

  @Test
  void filesAreNamedInTheConfiguration() {
    assertIssues(
        """
        rules: v1
        include: other.yaml
        tests: []
        triggers:
          - event: A
            on: insert payments
            data: {id}
        """,
        """
        rules.yaml:2:1: error R001: unknown key 'include'
             2 | include: other.yaml
               | ^
               = help: name every file in the configuration: rules: [shop.yaml, rules/*.yaml]
        """);
  }

  @Test
  void missingKeysAndWrongKinds() {
    assertIssues(
        """
        rules: v2
        defaults: x
        vars: [1]
        triggers:
          - data: {id}
          - event: B
          - event: "{type}"
            on: insert outbox
            data: row
          - text
          - event: {type}
            rule: outbox
            on: [insert]
            let: x
            data:
          - event: two words
            on: insert users
            data: {id}
          - event: C
            rule: 1st
            on: insert users
            data: {id}
            version: 0
            enabled: yes
            on_error: dql
        """,
        """
        rules.yaml:1:8: error R011: there is no version 'v2' of the rule language
             1 | rules: v2
               |        ^
               = help: write 'rules: v1'
        rules.yaml:2:11: error R007: 'defaults' is a mapping, and there is text here
             2 | defaults: x
               |           ^
               = help: write for example 'defaults: {on_error: halt}'
        rules.yaml:3:7: error R007: 'vars' is a mapping of names to constants, and there is a list here
             3 | vars: [1]
               |       ^
               = help: write for example 'vars: {limit: 100}'
        rules.yaml:5:5: error R006: this rule has no 'event'
             5 |   - data: {id}
               |     ^
               = help: name the event that it makes
        rules.yaml:5:5: error R006: this rule has no 'on'
             5 |   - data: {id}
               |     ^
               = help: say what it listens to: 'on: insert orders'
        rules.yaml:6:5: error R006: this rule has no 'on'
             6 |   - event: B
               |     ^
               = help: say what it listens to: 'on: insert orders'
        rules.yaml:6:5: error R006: this rule has no 'data'
             6 |   - event: B
               |     ^
               = help: say what the event tells: 'data: {id, total}', or 'data: row' for every column
        rules.yaml:7:5: error R006: this rule has no 'rule'
             7 |   - event: "{type}"
               |     ^
               = help: an event with {expr} in it cannot name its rule: add 'rule: <name>'
        rules.yaml:10:5: error R007: a rule is a mapping, and there is text here
            10 |   - text
               |     ^
               = help: write for example '- event: OrderPaid'
        rules.yaml:11:12: error R003: YAML reads a value that begins with '{' as a mapping, and 'event' is text
            11 |   - event: {type}
               |            ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        rules.yaml:13:9: error R007: 'on' is text, and there is a list here
            13 |     on: [insert]
               |         ^
               = help: write one text, without brackets and '- '
        rules.yaml:14:10: error R007: 'let' is a mapping of names to expressions, and there is text here
            14 |     let: x
               |          ^
               = help: write for example 'let: {name: expression}'
        rules.yaml:15:10: error R007: 'data' is an expression, and there is nothing here
            15 |     data:
               |          ^
               = help: write what it is, or leave it out
        rules.yaml:16:12: error R011: 'two words' cannot be the name of a rule
            16 |   - event: two words
               |            ^
               = help: name the rule with 'rule: <name>', in letters, digits, '_', '.' and '-'
        rules.yaml:20:11: error R011: '1st' cannot be the name of a rule
            20 |     rule: 1st
               |           ^
               = help: a name is at most 100 letters, digits, '_', '.' and '-', and begins with a letter
        rules.yaml:23:14: error R011: '0' is no version
            23 |     version: 0
               |              ^
               = help: write a whole number from 1
        rules.yaml:24:14: error R011: 'enabled' cannot be 'yes'
            24 |     enabled: yes
               |              ^
               = help: it is true or false
        rules.yaml:25:15: error R011: 'on_error' cannot be 'dql'
            25 |     on_error: dql
               |               ^
               = help: did you mean 'dlq'?
        """);
  }

  @Test
  void aFileWithoutItsFirstLinesOrOfAnotherKind() {
    assertIssues(
        "triggers: {}",
        """
        rules.yaml:1:1: error R006: the file has no 'rules'
             1 | triggers: {}
               | ^
               = help: begin the file with 'rules: v1'
        rules.yaml:1:11: error R007: 'triggers' is a list of rules, and there is a mapping here
             1 | triggers: {}
               |           ^
               = help: begin each rule on a line with '- event: '
        """);
    assertIssues(
        "rules: v1",
        """
        rules.yaml:1:1: error R006: the file has no 'triggers'
             1 | rules: v1
               | ^
               = help: list its rules under 'triggers'
        """);
    assertIssues(
        "- rules",
        """
        rules.yaml:1:1: error R007: a rule file is a mapping, and there is a list here
             1 | - rules
               | ^
               = help: begin the file with 'rules: v1'
        """);
  }

  @Test
  void yamlTrapsInExpressions() {
    assertIssues(
        """
        rules: v1
        triggers:
          - event: A
            on: insert users
            let: {move: pct_change(1, 2), other: 2}
            when: plan == 'no #1'
            data: {id, total: round(id, 2)}
          - event: B
            on: insert users
            when: {a}
            key: [id]
            id: !x
            data: {id: {nested: id}}
          - event: C
            on: insert users
            when: id == 1 # a comment is fine
            data: {id}
        """,
        """
        rules.yaml:5:29: error R003: between { } YAML ends a value at each of , : [ ] { }, so it has read only 'pct_change(1'
             5 |     let: {move: pct_change(1, 2), other: 2}
               |                             ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        rules.yaml:6:23: error R003: YAML reads ' #' as the beginning of a comment
             6 |     when: plan == 'no #1'
               |                       ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        rules.yaml:7:31: error R003: between { } YAML ends a value at each of , : [ ] { }, so it has read only 'round(id'
             7 |     data: {id, total: round(id, 2)}
               |                               ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        rules.yaml:10:11: error R003: YAML reads a value that begins with '{' as a mapping, and 'when' is an expression
            10 |     when: {a}
               |           ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        rules.yaml:11:10: error R003: YAML reads a value that begins with '[' as a list, and 'key' is an expression
            11 |     key: [id]
               |          ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        rules.yaml:12:9: error R003: YAML reads a value that begins with '!' as a tag
            12 |     id: !x
               |         ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        rules.yaml:13:16: error R003: YAML reads a value that begins with '{' as a mapping, and 'id' is an expression
            13 |     data: {id: {nested: id}}
               |                ^
               = help: write the whole value between quotes, or after '|' on a line of its own
        """);
  }

  @Test
  void namesThatStandTwiceAreFoundAcrossFiles() {
    String file = Shop.rule("event: A\non: insert users\ndata: {id}");

    assertThat(Shop.compile(file, file).render())
        .isEqualTo(
            """
            1.yaml:3:12: error R008: there is another rule 'A'
                 3 |   - event: A
                   |            ^
                   = help: it is at 0.yaml:3:12: give one of them a name of its own with 'rule: <name>'
            """
                .strip());
  }

  @Test
  void tablesAndColumnsThatAreNotThere() {
    assertIssues(
        """
        rules: v1
        triggers:
          - {event: A, on: insert user, data: row}
          - {event: B, on: insert sales.orders, data: row}
          - {event: C, on: insert "Order Book", data: row}
          - event: D
            on: update payments(statuss, amount)
            data: row
          - {event: E, on: insert, data: row}
          - {event: F, on: insert zzzzzz, data: row}
        """,
        """
        rules.yaml:3:27: error E203: there is no table 'user' on the search path public
             3 |   - {event: A, on: insert user, data: row}
               |                           ^
               = help: did you mean 'users'?
        rules.yaml:4:27: error E203: there is no table 'sales.orders'
             4 |   - {event: B, on: insert sales.orders, data: row}
               |                           ^
               = help: create it first, or name another; a name with capital letters stands between "", and a view has no changes: name its tables
        rules.yaml:5:27: error E203: there is no table 'Order Book' on the search path public
             5 |   - {event: C, on: insert "Order Book", data: row}
               |                           ^
               = help: there is "Sales"."Order Book"
        rules.yaml:7:25: error E101: table public.payments has no column 'statuss'
             7 |     on: update payments(statuss, amount)
               |                         ^
               = help: did you mean 'status'?
        rules.yaml:9:26: error R009: a table is expected here
             9 |   - {event: E, on: insert, data: row}
               |                          ^
               = help: write for example 'insert or update orders'
        rules.yaml:10:27: error E203: there is no table 'zzzzzz' on the search path public
            10 |   - {event: F, on: insert zzzzzz, data: row}
               |                           ^
               = help: create it first, or name another; a name with capital letters stands between "", and a view has no changes: name its tables
        """);
  }

  @Test
  void whatPostgresDoesNotLog() {
    assertIssues(
        """
        rules: v1
        triggers:
          - event: A
            on: update stocks(price, symbol)
            data: row
          - event: B
            on: insert or update stocks(price)
            data: row
          - event: C
            on: delete codes
            data: row
        """,
        """
        rules.yaml:4:23: error E110: this rule can never fire: it asks whether 'price' changed, but public.stocks has REPLICA IDENTITY DEFAULT: PostgreSQL does not log old values
             4 |     on: update stocks(price, symbol)
               |                       ^
               = help: run ALTER TABLE public.stocks REPLICA IDENTITY FULL, or remove the column list
        rules.yaml:7:33: warning W201: an update never counts as a change of 'price': public.stocks has REPLICA IDENTITY DEFAULT, so its old value is not logged
             7 |     on: insert or update stocks(price)
               |                                 ^
               = help: run ALTER TABLE public.stocks REPLICA IDENTITY FULL
        rules.yaml:9:12: error E110: the key of this rule is the primary key, but public.codes has REPLICA IDENTITY INDEX: PostgreSQL does not log it for a deleted row
             9 |   - event: C
               |            ^
               = help: add a 'key' of columns that are logged, or run ALTER TABLE public.codes REPLICA IDENTITY FULL
        """);
  }

  @Test
  void tablesWithoutAPrimaryKey() {
    assertIssues(
        """
        rules: v1
        triggers:
          - event: A
            on: insert log
            data: row
          - event: B
            on: insert or snapshot log
            key: line
            data: row
          - event: C
            on: message reports
            data: row
        """,
        """
        rules.yaml:3:12: error E202: table public.log has no primary key, and the rule gives no 'key'
             3 |   - event: A
               |            ^
               = help: add 'key: <column>': events of one key stay in order
        rules.yaml:6:12: error E202: table public.log has no primary key, and only that names a row of a snapshot
             6 |   - event: B
               |            ^
               = help: add an 'id' that is different for every row
        rules.yaml:12:11: error R011: a message has no row
            12 |     data: row
               |           ^
               = help: write 'data: content' for the text of the message
        """);
  }

  private static void assertIssues(String file, String expected) {
    assertThat(Shop.compile(file).render()).isEqualTo(expected.strip());
  }
}

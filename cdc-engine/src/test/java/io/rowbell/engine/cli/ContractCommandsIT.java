package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code contract}, {@code contract diff} and {@code impact}, against a stage. */
class ContractCommandsIT {
  private static final String RULES =
      """
      rules: v1
      triggers:
        - event: StockListed
          description: A stock can be bought.
          on: insert stocks
          data: {id, symbol}
        - event: StockRenamed
          on: update stocks
          when: last.symbol != symbol
          data: {id, symbol, previous: last.symbol}
      """;

  private final Path directory;
  private final String config;

  ContractCommandsIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    Path file = directory.resolve("rowbell.yaml");
    Files.writeString(
        file,
        """
        source: {stage: {mood: ready}}
        rules: [rules.yaml]
        journal: {stage: {}}
        """);
    config = file.toString();
    rules(RULES);
  }

  private void rules(String text) throws IOException {
    Files.writeString(directory.resolve("rules.yaml"), text);
  }

  private String contract() {
    return directory.resolve("contract").toString();
  }

  private Invocation impact(String sql) throws IOException {
    Path migration = directory.resolve("V2.sql");
    Files.writeString(migration, sql);
    return Invocation.of("impact", migration.toString(), "-c", config);
  }

  @Test
  void aContractIsADocumentOrADirectory() throws IOException {
    Invocation document = Invocation.of("contract", "-c", config);
    assertThat(document.code()).isZero();
    assertThat(document.out())
        .startsWith("{\n  \"asyncapi\" : \"3.0.0\"")
        .contains("\"address\" : \"rowbell.stocks\"", "A stock can be bought.");

    assertThat(Invocation.of("contract", "-o", contract(), "-c", config).out())
        .isEqualTo("wrote 3 files into " + contract() + "\n");
    assertThat(files())
        .containsExactly(
            "StockListed.v1.schema.json", "StockRenamed.v1.schema.json", "asyncapi.json");
    assertThat(Files.readString(directory.resolve("contract/asyncapi.json")))
        .isEqualTo(document.out());

    rules(RULES.replace("event: StockRenamed", "event: StockRelabelled"));
    Invocation unused = Invocation.of("contract", "-o", contract(), "-c", config);
    assertThat(files())
        .containsExactly(
            "StockListed.v1.schema.json", "StockRelabelled.v1.schema.json", "asyncapi.json");
  }

  private Stream<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("contract"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  @Test
  void rulesThatDoNotFitHaveNoContract() throws IOException {
    rules(RULES.replace("{id, symbol}", "{id, symbl}"));
    Invocation contract = Invocation.of("contract", "-c", config);

    assertThat(contract.code()).isEqualTo(1);
    assertThat(contract.out()).isEmpty();
    assertThat(contract.err()).contains("rules.yaml:6:16: error E101");
  }

  @Test
  void aDifferenceThatBreaksEndsWith1() throws IOException {
    Invocation unused = Invocation.of("contract", "-o", contract(), "-c", config);
    Invocation same = Invocation.of("contract", "diff", contract(), "-c", config);
    assertThat(same.out()).isEqualTo("the contracts are the same for consumers\n");
    assertThat(same.code()).isZero();

    rules(RULES.replace("data: {id, symbol}", "data: {id, name: symbol}"));
    Invocation broken = Invocation.of("contract", "diff", contract(), "-c", config);
    assertThat(broken.out())
        .isEqualTo(
            """
            error E302: StockListed version 1: 'symbol' is removed
              = help: raise version to 2, or keep the field
            note: StockListed version 1: 'name' is added
            1 change breaks consumers
            """);
    assertThat(broken.code()).isEqualTo(1);
    assertThat(
            Invocation.of("contract", "diff", contract(), "-c", config, "--accept", "StockListed")
                .code())
        .isZero();
    assertThat(Invocation.of("contract", "diff", contract(), "-c", config, "-o", "json").out())
        .contains("\"breaks\" : true", "\"code\" : \"E302\"", "\"field\" : \"symbol\"");

    Invocation other = Invocation.of("contract", "-o", contract() + "2", "-c", config);
    assertThat(other.code()).isZero();
    assertThat(Invocation.of("contract", "diff", contract(), contract() + "2").code()).isEqualTo(1);
    assertThat(Invocation.of("contract", "diff", "nowhere", contract()))
        .satisfies(nowhere -> assertThat(nowhere.code()).isEqualTo(3))
        .satisfies(
            nowhere ->
                assertThat(nowhere.err())
                    .isEqualTo(
                        "rowbell: there is no contract to read at nowhere, as 'rowbell contract -o"
                            + " DIR' writes one: it is not there\n"));
    assertThat(Invocation.of("contract", "diff", config, contract()).err())
        .contains("rowbell.yaml is no contract: it is no JSON");
  }

  @Test
  void anAcceptedEventThatNobodyMakesIsATypingError() {
    Invocation unused = Invocation.of("contract", "-o", contract(), "-c", config);
    Invocation misspelt =
        Invocation.of("contract", "diff", contract(), "-c", config, "--accept", "StockListd");

    assertThat(misspelt.code()).isEqualTo(2);
    assertThat(misspelt.err())
        .contains("neither contract has an event 'StockListd': did you mean 'StockListed'?");
  }

  @Test
  void filesThatCannotBeReadOrWrittenAreNamedWithTheReason() throws IOException {
    assertThat(Invocation.of("impact", "V9.sql", "-c", config).err())
        .isEqualTo("rowbell: the migration V9.sql cannot be read: it is not there\n");
    assertThat(Invocation.of("test", "none.yaml", "-c", config).err())
        .isEqualTo("rowbell: rule file none.yaml cannot be read: it is not there\n");
    Path file = Files.createFile(directory.resolve("file"));
    assertThat(Invocation.of("contract", "-o", file.toString(), "-c", config).err())
        .endsWith("cannot be written into " + file + ": there is a file of that name\n");
  }

  @Test
  void aMigrationThatBreaksNothingEndsWith0() throws IOException {
    Invocation impact = impact("ALTER TABLE stocks ADD COLUMN note text;");

    assertThat(impact.out()).isEqualTo("this migration breaks no rule and no consumer\n");
    assertThat(impact.code()).isZero();
  }

  @Test
  void aMigrationIsToldWhatItBreaks() throws IOException {
    Invocation dropped = impact("ALTER TABLE stocks RENAME COLUMN symbol TO ticker;");
    assertThat(dropped.code()).isEqualTo(1);
    assertThat(dropped.out())
        .contains("rules.yaml:6:16: error E101: table public.stocks has no column 'symbol'")
        .contains("rules.yaml:9:16: error E101")
        .endsWith("this migration breaks something, or may\n");

    Invocation retyped =
        impact("ALTER TABLE stocks ALTER symbol TYPE varchar(9),\n  ALTER symbol DROP NOT NULL;");
    assertThat(retyped.code()).isEqualTo(1);
    assertThat(retyped.out())
        .contains("error E302: StockListed version 1: 'symbol' is newly nullable")
        .contains("rule StockRenamed would forget what it remembers and begin afresh");

    Invocation unidentified = impact("ALTER TABLE stocks DROP CONSTRAINT stocks_pkey;");
    assertThat(unidentified.code()).isEqualTo(1);
    assertThat(unidentified.out())
        .contains(
            "public.stocks would have no replica identity: the application's own UPDATE and DELETE"
                + " of it fail where they are published\n");
    Invocation identified = impact("ALTER TABLE stocks REPLICA IDENTITY FULL;");
    assertThat(identified.code()).isZero();
    assertThat(identified.out())
        .startsWith("note: public.stocks gets another replica identity: if the publication has")
        .endsWith("this migration breaks no rule and no consumer\n");

    Invocation unclear = impact("SELECT 1;\nDO $$ BEGIN END $$;");
    assertThat(unclear.code()).isEqualTo(1);
    assertThat(unclear.out()).contains("V2.sql:2: not understood: DO $$ BEGIN END $$");
    assertThat(
            Invocation.of(
                    "impact", directory.resolve("V2.sql").toString(), "-c", config, "-o", "json")
                .out())
        .contains("\"understood\" : false");
  }
}

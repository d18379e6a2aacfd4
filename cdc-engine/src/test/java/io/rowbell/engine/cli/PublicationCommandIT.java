package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about the publication, against a stage instead of a database. */
class PublicationCommandIT {
  @TempDir private Path directory;

  private Invocation publication(String mood, String... args) throws IOException {
    Files.writeString(
        directory.resolve("rules.yaml"),
        """
        rules: v1
        triggers:
          - event: StockListed
            on: insert stocks
            data: {id, symbol}
        """);
    Path file =
        Files.writeString(
            directory.resolve("rowbell.yaml"),
            """
            source: {stage: {mood: %s}}
            rules: [rules.yaml]
            journal: {stage: {}}
            """
                .formatted(mood));
    String[] all = new String[args.length + 3];
    all[0] = "publication";
    System.arraycopy(args, 0, all, 1, args.length);
    all[args.length + 1] = "-c";
    all[args.length + 2] = file.toString();
    return Invocation.of(all);
  }

  @Test
  void aPlanSaysWhatIsLeftOutAndWhatIsNot() throws IOException {
    Invocation plan = publication("ahead", "plan", "--keys-stay");
    assertThat(plan.err()).isEmpty();
    assertThat(plan.out())
        .isEqualTo(
            """
            publication rowbell
              operations: no rule needs update

            public.stocks
              no row filter: a rule needs every row

            SQL
              ALTER PUBLICATION rowbell SET TABLE stocks;

            'rowbell publication apply' carries this out
            """);
    assertThat(plan.code()).isZero();
    assertThat(publication("ready", "plan").out())
        .contains("no operations: rules need all of them")
        .endsWith("publication 'rowbell' is as planned\n");
  }

  @Test
  void whatWasCarriedOutIsToldWithWhatTheJournalHasToAccept() throws IOException {
    Invocation apply = publication("lacking", "apply");
    assertThat(apply.out())
        .contains("Applied\n  ALTER PUBLICATION rowbell SET TABLE stocks;\n")
        .contains("set source.postgres.accept-publication to p0123456789ab before the next start");
    assertThat(apply.code()).isZero();
    assertThat(publication("ready", "apply").out())
        .doesNotContain("Applied")
        .endsWith("is as planned\n");
  }

  @Test
  void aNarrowerPublicationIsAnErrorAndAWiderOneIsTold() throws IOException {
    Invocation narrower = publication("lacking", "verify");
    assertThat(narrower.out())
        .contains("error E204: publication rowbell: it does not exist")
        .endsWith("publication 'rowbell' sends less than the rules need\n");
    assertThat(narrower.code()).isEqualTo(1);
    Invocation wider = publication("ahead", "verify");
    assertThat(wider.out()).endsWith("publication 'rowbell' sends more than the rules need\n");
    assertThat(wider.code()).isZero();
  }

  @Test
  void programsGetOneObject() throws IOException {
    assertThat(publication("ahead", "verify", "-o", "json").out())
        .isEqualTo(
            "{\"publication\":\"rowbell\",\"narrower\":false,\"asPlanned\":false,\"decisions\":["
                + "{\"subject\":\"publication rowbell\",\"part\":\"operations\",\"pushed\":false,"
                + "\"text\":\"rules need all of them\"},"
                + "{\"subject\":\"public.stocks\",\"part\":\"row filter\",\"pushed\":false,"
                + "\"text\":\"a rule needs every row\"}],\"findings\":[],"
                + "\"sql\":[\"ALTER PUBLICATION rowbell SET TABLE stocks\"],\"applied\":[],"
                + "\"refused\":[],\"acceptPublication\":null}\n");
  }

  @Test
  void withoutACommandThereIsNothingToDo() {
    Invocation none = Invocation.of("publication");
    assertThat(none.err()).contains("which command?");
    assertThat(none.code()).isEqualTo(2);
  }
}

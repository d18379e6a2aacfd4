package io.rowbell.engine.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rowbell.engine.PublicationReview;
import io.rowbell.engine.cli.Terminal.Colour;
import io.rowbell.spi.Finding;
import io.rowbell.spi.PublicationPlan;
import io.rowbell.spi.PublicationPlan.Decision;
import io.rowbell.spi.Publishing;
import io.rowbell.spi.Source.Applied;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the commands about the publication print. */
final class PublicationReport {
  private final Terminal terminal;
  private final PublicationPlan plan;
  private final Publishing.@Nullable Outcome outcome;
  private final String verdict;
  private final StringBuilder text = new StringBuilder();

  private PublicationReport(Terminal terminal, PublicationReview review, String verdict) {
    this.terminal = terminal;
    this.plan = review.plan();
    this.outcome = review.outcome();
    this.verdict = verdict;
  }

  static PublicationReport plan(Terminal terminal, PublicationReview review) {
    PublicationPlan plan = review.plan();
    return new PublicationReport(
        terminal,
        review,
        !plan.statements().isEmpty()
            ? "'rowbell publication apply' carries this out"
            : plan.isNarrower()
                ? "there is no plan before what is wrong is mended"
                : "publication '" + plan.name() + "' is as planned");
  }

  static PublicationReport apply(Terminal terminal, PublicationReview review) {
    Publishing.Outcome outcome = review.outcome();
    if (outcome == null) {
      return plan(terminal, review);
    }
    return new PublicationReport(
        terminal,
        review,
        outcome.applied().done().isEmpty()
            ? "nothing was altered: the role may not; the owner of the publication and its tables may"
            : outcome.accept() == null
                ? "publication '" + review.plan().name() + "' is as planned"
                : "publication '"
                    + review.plan().name()
                    + "' is as planned; set source.postgres.accept-publication to "
                    + outcome.accept()
                    + " before the next start: all that rules need was sent at every moment");
  }

  static PublicationReport verify(Terminal terminal, PublicationReview review) {
    PublicationPlan plan = review.plan();
    return new PublicationReport(
        terminal,
        review,
        plan.isNarrower()
            ? "publication '" + plan.name() + "' sends less than the rules need"
            : plan.statements().isEmpty()
                ? "publication '" + plan.name() + "' is as planned"
                : "publication '" + plan.name() + "' sends more than the rules need");
  }

  /** For people: reasons, what is wrong, SQL, and the verdict at the end. */
  String text() {
    String subject = "";
    for (Decision decision : plan.decisions()) {
      if (!decision.subject().equals(subject)) {
        subject = decision.subject();
        heading(subject);
      }
      text.append(decision.pushed() ? "  " : "  no ")
          .append(decision.part().words())
          .append(": ")
          .append(decision.text())
          .append('\n');
    }
    if (!plan.findings().isEmpty()) {
      heading("Database");
      plan.findings().forEach(found -> text.append(FindingOutput.text(terminal, found)));
    }
    Applied applied = outcome == null ? Applied.NOTHING : outcome.applied();
    statements("Applied", applied.done());
    statements("Not applied: the role may not", applied.refused());
    if (applied.refused().isEmpty()) {
      statements("SQL", plan.statements());
    }
    text.append('\n')
        .append(terminal.paint(plan.isNarrower() ? Colour.ERROR : Colour.GOOD, verdict))
        .append('\n');
    return text.toString();
  }

  private void heading(String title) {
    text.append(text.isEmpty() ? "" : "\n")
        .append(terminal.paint(Colour.STRONG, title))
        .append('\n');
  }

  private void statements(String title, List<String> sql) {
    if (!sql.isEmpty()) {
      heading(title);
      sql.forEach(statement -> text.append("  ").append(statement).append(";\n"));
    }
  }

  /** For programs: one object on one line. */
  String json() {
    StringWriter written = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(written)) {
      json.writeStartObject();
      json.writeStringField("publication", plan.name());
      json.writeBooleanField("narrower", plan.isNarrower());
      json.writeBooleanField("asPlanned", !plan.isNarrower() && plan.statements().isEmpty());
      json.writeArrayFieldStart("decisions");
      for (Decision decision : plan.decisions()) {
        json.writeStartObject();
        json.writeStringField("subject", decision.subject());
        json.writeStringField("part", decision.part().words());
        json.writeBooleanField("pushed", decision.pushed());
        json.writeStringField("text", decision.text());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("findings");
      for (Finding finding : plan.findings()) {
        FindingOutput.json(json, finding);
      }
      json.writeEndArray();
      FindingOutput.strings(json, "sql", plan.statements());
      Applied applied = outcome == null ? Applied.NOTHING : outcome.applied();
      FindingOutput.strings(json, "applied", applied.done());
      FindingOutput.strings(json, "refused", applied.refused());
      json.writeStringField("acceptPublication", outcome == null ? null : outcome.accept());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return written.append('\n').toString();
  }
}

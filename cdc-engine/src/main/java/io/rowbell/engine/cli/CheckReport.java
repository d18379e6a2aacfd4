package io.rowbell.engine.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rowbell.engine.Checkup;
import io.rowbell.engine.Checkup.JournalEnd;
import io.rowbell.engine.cli.Terminal.Colour;
import io.rowbell.engine.config.EffectiveSetting;
import io.rowbell.engine.config.LoadedConfig;
import io.rowbell.engine.config.Origin;
import io.rowbell.language.issue.Issue;
import io.rowbell.model.Checkpoint;
import io.rowbell.spi.Finding;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** What {@code check} prints. */
final class CheckReport {
  /** What else may be done where rules do not fit, once the journal has a position. */
  private static final String BEHIND =
      """
        = note: rules that fitted before a table was altered may still be run if the pipeline is behind:
          they stop where the table was altered, and rules that fit it then go on from there
      """;

  private final Terminal terminal;
  private final StringBuilder text = new StringBuilder();

  CheckReport(Terminal terminal) {
    this.terminal = terminal;
  }

  /** For people: settings, rules, database, and the verdict where the eye is, at the end. */
  String text(LoadedConfig loaded, Checkup checkup) {
    heading("Settings");
    settings(loaded.settings());
    if (!checkup.issues().isEmpty()) {
      heading("Rules");
      checkup.issues().forEach(this::issue);
      if (checkup.isMisfit() && checkup.hasPosition()) {
        text.append(BEHIND);
      }
    }
    if (checkup.journal() != null) {
      heading("Journal");
      text.append("  ").append(journal(checkup.journal())).append('\n');
    }
    statements("Applied", checkup.applied().done());
    statements("Not applied: the role may not", checkup.applied().refused());
    if (!checkup.findings().isEmpty()) {
      heading("Database");
      checkup.findings().forEach(this::finding);
    }
    if (!checkup.issues().isEmpty() || !checkup.findings().isEmpty()) {
      String code =
          checkup.issues().isEmpty()
              ? checkup.findings().get(0).code()
              : checkup.issues().get(0).code();
      text.append('\n')
          .append(terminal.paint(Colour.FAINT, "'rowbell message " + code + "' tells more"))
          .append('\n');
    }
    text.append('\n');
    if (checkup.failure() != null) {
      text.append(terminal.paint(Colour.ERROR, String.valueOf(checkup.failure().getMessage())))
          .append('\n');
    }
    verdict(loaded, checkup);
    return text.toString();
  }

  /** For people: the rules against the tables of a file. */
  String offline(String schema, List<Issue> issues) {
    if (!issues.isEmpty()) {
      heading("Rules");
      issues.forEach(this::issue);
      text.append('\n');
    }
    long errors = count(issues, Issue.Severity.ERROR);
    long warnings = count(issues, Issue.Severity.WARNING);
    text.append(
            terminal.paint(
                errors == 0 ? Colour.GOOD : Colour.ERROR,
                "the rules "
                    + (errors == 0 ? "fit" : "do not fit")
                    + " the tables of "
                    + schema
                    + (errors + warnings == 0 ? "" : " (" + counted(errors, warnings) + ")")))
        .append("; the configuration and the database were not looked at\n");
    return text.toString();
  }

  /** For programs: the rules against the tables of a file. */
  static String offlineJson(String schema, List<Issue> issues) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("tables", schema);
      json.writeBooleanField("fits", count(issues, Issue.Severity.ERROR) == 0);
      json.writeArrayFieldStart("issues");
      for (Issue issue : issues) {
        issue(json, issue);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.append('\n').toString();
  }

  private void statements(String title, List<String> sql) {
    if (!sql.isEmpty()) {
      heading(title);
      sql.forEach(statement -> text.append("  ").append(statement).append('\n'));
    }
  }

  private void heading(String title) {
    text.append(text.isEmpty() ? "" : "\n")
        .append(terminal.paint(Colour.STRONG, title))
        .append('\n');
  }

  private void settings(List<EffectiveSetting> settings) {
    Table table = new Table("  KEY", "FROM", "VALUE");
    for (EffectiveSetting setting : settings) {
      table.add("  " + setting.key(), from(setting), setting.value());
    }
    List<String> lines = table.lines(terminal.width());
    for (int i = 0; i < lines.size(); i++) {
      boolean quiet =
          i == 0
              || settings.get(i - 1).origin() == Origin.DEFAULT
              || settings.get(i - 1).origin() == Origin.UNSET;
      text.append(quiet ? terminal.paint(Colour.FAINT, lines.get(i)) : lines.get(i)).append('\n');
    }
  }

  private static String from(EffectiveSetting setting) {
    return switch (setting.origin()) {
      case FILE, OVERRIDE -> setting.place();
      case DEFAULT -> "default";
      case UNSET -> "not set";
    };
  }

  private void issue(Issue issue) {
    String rendered = issue.render();
    int end = rendered.indexOf('\n');
    text.append(
            terminal.paint(
                issue.severity() == Issue.Severity.ERROR ? Colour.ERROR : Colour.WARNING,
                rendered.substring(0, end)))
        .append(rendered.substring(end))
        .append('\n');
  }

  private static String journal(JournalEnd journal) {
    if (!journal.exists()) {
      return "there is none yet: the first run makes it, and begins where the slot stands";
    }
    return journal.checkpoint() == null
        ? "it is empty: a run begins where the slot stands"
        : "it ends at " + journal.checkpoint() + ": a run goes on from there";
  }

  private void finding(Finding finding) {
    text.append(FindingOutput.text(terminal, finding));
  }

  private void verdict(LoadedConfig loaded, Checkup checkup) {
    long errors =
        count(checkup, Issue.Severity.ERROR, Finding.Severity.ERROR)
            + (checkup.failure() == null ? 0 : 1);
    long warnings = count(checkup, Issue.Severity.WARNING, Finding.Severity.WARNING);
    String counted = counted(errors, warnings);
    if (checkup.isClean()) {
      text.append(
          terminal.paint(
              Colour.GOOD,
              "ready: '"
                  + loaded.config().name()
                  + "' would start"
                  + (counted.isEmpty() ? "" : " (" + counted + ")")));
    } else {
      text.append(
          terminal.paint(
              Colour.ERROR,
              "not ready: '" + loaded.config().name() + "' would not start (" + counted + ")"));
    }
    text.append('\n');
  }

  private static long count(Checkup checkup, Issue.Severity issues, Finding.Severity findings) {
    return count(checkup.issues(), issues)
        + checkup.findings().stream().filter(finding -> finding.severity() == findings).count();
  }

  private static long count(List<Issue> issues, Issue.Severity severity) {
    return issues.stream().filter(issue -> issue.severity() == severity).count();
  }

  private static String counted(long errors, long warnings) {
    return (errors > 0 ? number(errors, "error") : "")
        + (errors > 0 && warnings > 0 ? ", " : "")
        + (warnings > 0 ? number(warnings, "warning") : "");
  }

  private static String number(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** For programs: one object on one line. */
  static String json(LoadedConfig loaded, Checkup checkup) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("pipeline", loaded.config().name());
      json.writeBooleanField("ready", checkup.isClean());
      json.writeStringField(
          "failure", checkup.failure() == null ? null : checkup.failure().getMessage());
      json.writeArrayFieldStart("issues");
      for (Issue issue : checkup.issues()) {
        issue(json, issue);
      }
      json.writeEndArray();
      if (checkup.journal() == null) {
        json.writeNullField("journal");
      } else {
        journal(json, checkup.journal());
      }
      json.writeArrayFieldStart("findings");
      for (Finding finding : checkup.findings()) {
        FindingOutput.json(json, finding);
      }
      json.writeEndArray();
      FindingOutput.strings(json, "applied", checkup.applied().done());
      FindingOutput.strings(json, "refused", checkup.applied().refused());
      json.writeArrayFieldStart("settings");
      for (EffectiveSetting setting : loaded.settings()) {
        json.writeStartObject();
        json.writeStringField("key", setting.key());
        json.writeStringField("value", setting.origin() == Origin.UNSET ? null : setting.value());
        json.writeStringField("origin", word(setting.origin()));
        json.writeStringField("place", setting.place());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.append('\n').toString();
  }

  private static void issue(JsonGenerator json, Issue issue) throws IOException {
    json.writeStartObject();
    json.writeStringField("severity", word(issue.severity()));
    json.writeStringField("code", issue.code());
    json.writeStringField("message", issue.message());
    json.writeStringField("file", issue.location().file());
    json.writeNumberField("line", issue.location().line());
    json.writeNumberField("column", issue.location().column());
    json.writeStringField("help", issue.help());
    json.writeEndObject();
  }

  private static void journal(JsonGenerator json, JournalEnd journal) throws IOException {
    Checkpoint checkpoint = journal.checkpoint();
    json.writeObjectFieldStart("journal");
    json.writeBooleanField("exists", journal.exists());
    json.writeStringField("position", checkpoint == null ? null : checkpoint.toString());
    json.writeEndObject();
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(java.util.Locale.ROOT);
  }
}

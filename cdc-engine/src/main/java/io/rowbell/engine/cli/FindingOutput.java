package io.rowbell.engine.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.rowbell.engine.cli.Terminal.Colour;
import io.rowbell.spi.Finding;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** What a source has found, for people and for programs. */
final class FindingOutput {
  private FindingOutput() {}

  /** What is wrong, what to do, and the SQL that does it. */
  static String text(Terminal terminal, Finding finding) {
    boolean error = finding.severity() == Finding.Severity.ERROR;
    StringBuilder text = new StringBuilder();
    text.append(
            terminal.paint(
                error ? Colour.ERROR : Colour.WARNING,
                (error ? "error " : "warning ")
                    + finding.code()
                    + ": "
                    + finding.subject()
                    + ": "
                    + finding.message()))
        .append('\n');
    text.append("  = help: ").append(finding.help()).append('\n');
    finding.sql().forEach(sql -> text.append("      ").append(sql).append('\n'));
    return text.toString();
  }

  static void json(JsonGenerator json, Finding finding) throws IOException {
    json.writeStartObject();
    json.writeStringField("severity", finding.severity().name().toLowerCase(Locale.ROOT));
    json.writeStringField("code", finding.code());
    json.writeStringField("subject", finding.subject());
    json.writeStringField("message", finding.message());
    json.writeStringField("help", finding.help());
    json.writeBooleanField("aboutPosition", finding.aboutPosition());
    strings(json, "sql", finding.sql());
    json.writeEndObject();
  }

  static void strings(JsonGenerator json, String name, List<String> values) throws IOException {
    json.writeArrayFieldStart(name);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }
}

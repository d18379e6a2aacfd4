package io.rowbell.engine.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rowbell.language.issue.Location;
import io.rowbell.language.testing.TestFailure;
import io.rowbell.language.testing.TestReport;
import io.rowbell.language.testing.TestResult;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** What {@code test} prints for programs. */
final class TestReportForms {
  private static final Pattern FORBIDDEN =
      Pattern.compile("[^\\t\\n\\r\\x20-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]");

  private TestReportForms() {}

  /** One object on one line. */
  static String json(TestReport report, String schema) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeBooleanField("passed", report.passed());
      json.writeStringField("tables", schema);
      json.writeArrayFieldStart("tests");
      for (TestResult result : report.results()) {
        json.writeStartObject();
        json.writeStringField("name", result.name());
        json.writeBooleanField("passed", result.passed());
        place(json, result.at());
        TestFailure failure = result.failure();
        if (failure != null) {
          json.writeObjectFieldStart("failure");
          place(json, failure.at());
          json.writeStringField("message", failure.message());
          json.writeEndObject();
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("neverFired");
      for (String rule : report.neverFired()) {
        json.writeString(rule);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("neverFalse");
      for (TestReport.Condition condition : report.neverFalse()) {
        json.writeStartObject();
        json.writeStringField("rule", condition.rule());
        json.writeStringField("condition", condition.text());
        place(json, condition.at());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.append('\n').toString();
  }

  private static void place(JsonGenerator json, Location at) throws IOException {
    json.writeStringField("file", at.file());
    json.writeNumberField("line", at.line());
    json.writeNumberField("column", at.column());
  }

  /** JUnit's XML, as build servers read it: each rule file is a suite. */
  static String junit(TestReport report) {
    Map<String, List<TestResult>> suites = new LinkedHashMap<>();
    for (TestResult result : report.results()) {
      suites.computeIfAbsent(result.at().file(), f -> new ArrayList<>()).add(result);
    }
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeStartElement("testsuites");
      for (Map.Entry<String, List<TestResult>> suite : suites.entrySet()) {
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", suite.getKey());
        xml.writeAttribute("tests", String.valueOf(suite.getValue().size()));
        xml.writeAttribute(
            "failures",
            String.valueOf(suite.getValue().stream().filter(test -> !test.passed()).count()));
        xml.writeAttribute("errors", "0");
        xml.writeAttribute("skipped", "0");
        for (TestResult result : suite.getValue()) {
          test(xml, result);
        }
        xml.writeEndElement();
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("writing to memory", e);
    }
    return text.append('\n').toString();
  }

  private static void test(XMLStreamWriter xml, TestResult result) throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", result.at().file());
    xml.writeAttribute("name", printable(result.name()));
    xml.writeAttribute("file", result.at().file());
    xml.writeAttribute("line", String.valueOf(result.at().line()));
    xml.writeAttribute("time", "0");
    TestFailure failure = result.failure();
    if (failure != null) {
      xml.writeStartElement("failure");
      String message = printable(failure.message());
      xml.writeAttribute("message", message.lines().findFirst().orElse(""));
      xml.writeCharacters(failure.at() + ": " + message);
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  /** XML 1.0 has no form at all for most control characters. */
  private static String printable(String text) {
    return FORBIDDEN.matcher(text).replaceAll("\uFFFD");
  }
}

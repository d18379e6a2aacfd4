package io.rowbell.engine.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.rowbell.engine.Letters;
import io.rowbell.model.DeadLetter;
import io.rowbell.model.DeadLetter.Delivery;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** Dead letters, for people and for programs. */
final class DeadLetterText {
  private static final JsonFactory JSON = new JsonFactory();

  private DeadLetterText() {}

  static Table table(List<DeadLetter> letters) {
    Table table = new Table("ID", "COMMITTED", "SUBSCRIBER", "RULE", "KEY", "CODE", "REASON");
    for (DeadLetter letter : letters) {
      table.add(
          letter.id().toString(),
          letter.time().toString(),
          Objects.requireNonNullElse(letter.subscriber(), "-"),
          letter.rule(),
          Objects.requireNonNullElse(letter.key(), "-"),
          letter.code(),
          letter.reason());
    }
    return table;
  }

  /** All that is known, one thing on a line, and what to do. */
  static String whole(DeadLetter letter) {
    StringBuilder text = new StringBuilder("dead letter ").append(letter.id());
    line(text, letter.subscriber() == null ? "rule" : "subscriber", owner(letter));
    if (letter.subscriber() != null) {
      line(text, "rule", letter.rule());
    }
    line(text, letter.subscriber() == null ? "of" : "topic", letter.topic());
    line(text, "key", Objects.requireNonNullElse(letter.key(), "none"));
    line(text, "committed", letter.time().toString());
    line(text, "code", letter.code() + " (rowbell message " + letter.code() + ")");
    line(text, "reason", letter.reason());
    Delivery delivery = letter.delivery();
    if (delivery != null) {
      line(text, "place", delivery.partition() + ":" + delivery.offset());
      line(text, "attempts", Integer.toString(delivery.attempts()));
      line(text, delivery.attempts() == 0 ? "held back" : "first", delivery.first().toString());
      if (delivery.attempts() > 0) {
        line(text, "last", delivery.last().toString());
      }
    }
    line(text, letter.subscriber() == null ? "change" : "event", letter.payload().toString());
    return text.append("\n\n").append(whatToDo(letter)).toString();
  }

  private static String owner(DeadLetter letter) {
    return Objects.requireNonNullElse(letter.subscriber(), letter.rule());
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append("\n  %-11s %s".formatted(name, value));
  }

  private static String whatToDo(DeadLetter letter) {
    String subscriber = letter.subscriber();
    String drop =
        "  rowbell dead-letters drop %s --subscriber %s --reason TEXT --yes"
            .formatted(letter.id(), subscriber);
    if (subscriber == null) {
      return "It cannot be retried: "
          + Letters.whyNoRetryOf(letter)
          + ":\n  rowbell dead-letters drop %s --reason TEXT --yes".formatted(letter.id());
    }
    if (letter.key() == null) {
      return "When the destination takes it:\n  rowbell dead-letters retry %s --subscriber %s\nTo give it up for good:\n%s"
          .formatted(letter.id(), subscriber, drop);
    }
    return "Its key is held back. When the destination takes it, all of the key in order:\n  rowbell dead-letters retry --key '%s' --subscriber %s\nTo give this one up for good; then retry the key:\n%s"
        .formatted(letter.key(), subscriber, drop);
  }

  /** One JSON object on a line. */
  static String json(DeadLetter letter) {
    StringWriter written = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(written)) {
      json.writeStartObject();
      json.writeStringField("id", letter.id().toString());
      json.writeStringField("subscriber", letter.subscriber());
      json.writeStringField("rule", letter.rule());
      json.writeStringField("topic", letter.topic());
      json.writeStringField("key", letter.key());
      json.writeStringField("time", letter.time().toString());
      json.writeStringField("code", letter.code());
      json.writeStringField("reason", letter.reason());
      Delivery delivery = letter.delivery();
      if (delivery != null) {
        json.writeStringField("partition", delivery.partition());
        json.writeNumberField("offset", delivery.offset());
        json.writeNumberField("attempts", delivery.attempts());
        json.writeStringField("first", delivery.first().toString());
        json.writeStringField("last", delivery.last().toString());
      }
      json.writeFieldName("payload");
      json.writeRawValue(letter.payload().toString());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return written.toString();
  }
}

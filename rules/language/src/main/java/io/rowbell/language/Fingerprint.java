package io.rowbell.language;

import io.rowbell.language.issue.Text;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SHA-256 over what rules say, part by part with its length, so that no two run together. */
final class Fingerprint {
  private final MessageDigest sha256;

  private Fingerprint() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** 64 hexadecimal digits; the order of the rules does not matter. */
  static String of(List<RuleBinder.Bound> rules) {
    Fingerprint fingerprint = new Fingerprint();
    rules.stream()
        .sorted(Comparator.comparing((RuleBinder.Bound rule) -> rule.rule().name()))
        .forEach(fingerprint::rule);
    return HexFormat.of().formatHex(fingerprint.sha256.digest());
  }

  /** A number of parts, for what is compared by itself. */
  static long of(Collection<String> parts) {
    Fingerprint fingerprint = new Fingerprint();
    parts.forEach(fingerprint::add);
    return ByteBuffer.wrap(fingerprint.sha256.digest()).getLong();
  }

  private void rule(RuleBinder.Bound bound) {
    RuleDeclaration rule = bound.rule().declaration();
    add(rule.name().value());
    add(bound.table() == null ? bound.prefix() : bound.table().id().sql());
    add(bound.reads().operations().stream().sorted().toList().toString());
    if (rule.on() instanceof OnClause.Table table) {
      table.columns().forEach(column -> add(column.name()));
    }
    for (NamedText let : rule.let()) {
      add(let.name()).add(let.text());
    }
    for (ChildClause child : rule.with()) {
      add("with").add(child.name()).add(child.text());
    }
    add("when").add(rule.when());
    RuleDeclaration.Output output = rule.output();
    add(output.event()).add(output.key()).add(output.id()).add(output.to());
    data(output.data());
    RuleDeclaration.Lasting lasting = rule.lasting();
    if (lasting != null) {
      add("while").add(lasting.holds()).add(lasting.until()).add(lasting.resolved());
      add(lasting.duration().toString());
    }
    add(String.valueOf(rule.memory().cooldown())).add(rule.memory().forgetAfter().toString());
    add(Integer.toString(output.version()));
    add(rule.settings().onError().word());
    add(rule.settings().vars().values().toString());
    if (rule.settings().isShadow()) {
      add("shadow");
    }
  }

  private void data(@Nullable DataClause data) {
    if (data instanceof DataClause.Fields fields) {
      fields.fields().forEach(field -> add(field.name()).add(field.text()));
    } else if (data instanceof DataClause.Whole whole) {
      add("whole").add(whole.text());
    } else {
      add("row");
    }
  }

  private Fingerprint add(@Nullable Text text) {
    return add(text == null ? null : text.value());
  }

  private Fingerprint add(@Nullable String part) {
    byte[] bytes = part == null ? new byte[0] : part.getBytes(StandardCharsets.UTF_8);
    // A part that is not there differs from an empty one.
    sha256.update(ByteBuffer.allocate(4).putInt(part == null ? -1 : bytes.length).array());
    sha256.update(bytes);
    return this;
  }
}

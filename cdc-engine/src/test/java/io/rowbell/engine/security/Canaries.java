package io.rowbell.engine.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Values that must not turn up where they are looked for: as they are, in Base64, in hex, or as a
 * list of bytes.
 */
final class Canaries {
  private final Map<String, List<String>> forms = new LinkedHashMap<>();

  /** Adds one. */
  Canaries add(String what, String value) {
    byte[] bytes = value.getBytes(UTF_8);
    String base64 = Base64.getEncoder().encodeToString(bytes);
    forms.put(
        what,
        List.of(
            value,
            // Without the end, which depends on what follows.
            base64.substring(0, base64.length() - 4),
            HexFormat.of().formatHex(bytes),
            Arrays.toString(bytes).replaceAll("[\\[\\]]", "")));
    return this;
  }

  /** Fails if one is in a text. */
  void requireAbsent(String where, String text) {
    assertThat(found(text)).as(where).isEmpty();
  }

  /** The same of a file's lines. */
  void requireAbsent(Path file) throws IOException {
    List<String> found = new ArrayList<>();
    // Any bytes are characters in this one.
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      lines.forEach(
          line -> found(line).forEach(what -> found.add(what + " in: " + shortened(line))));
    }
    assertThat(found.stream().limit(20)).as("%s", file).isEmpty();
  }

  private static String shortened(String line) {
    return line.length() < 1_000 ? line : line.substring(0, 1_000) + "…";
  }

  private List<String> found(String text) {
    return forms.entrySet().stream()
        .filter(canary -> canary.getValue().stream().anyMatch(text::contains))
        .map(Map.Entry::getKey)
        .toList();
  }
}

package io.rowbell.language.issue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CodesTest {
  private static final Pattern CODE = Pattern.compile("\"([REWX]\\d{3})\"");

  @Test
  void everyCodeThatTheSourcesNameIsInTheCatalogueOnce() throws Exception {
    Set<String> catalogue = new TreeSet<>();
    for (Field field : Codes.class.getFields()) {
      assertThat(catalogue.add((String) field.get(null))).as(field.getName()).isTrue();
    }
    assertThat(catalogue).hasSizeGreaterThan(30).isEqualTo(named());
  }

  private static Set<String> named() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      Set<String> codes = new TreeSet<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        codes.addAll(
            CODE.matcher(Files.readString(file))
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toSet()));
      }
      return codes;
    }
  }
}

package io.rowbell.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What is published about the configuration is what the records say. With {@code
 * -Drowbell.publish=true} the files are written instead of compared.
 */
class PublishedConfigurationIT {
  private static final Path DOCS = Path.of("../docs");
  private static final String BEGIN = "<!-- made from the records: begin -->\n";
  private static final String END = "<!-- made from the records: end -->";

  /** The adapters that are shipped: those of tests are left out. */
  private static Adapters shipped() {
    Adapters found = Adapters.found(PublishedConfigurationIT.class.getClassLoader());
    return new Adapters(
        shipped(found.sources()), shipped(found.journals()), shipped(found.sinks()));
  }

  private static Map<String, Shape.Adapter> shipped(Map<String, Shape.Adapter> adapters) {
    Map<String, Shape.Adapter> shipped = new TreeMap<>(adapters);
    shipped
        .values()
        .removeIf(
            adapter -> adapter.factory().getClass().getName().startsWith("io.rowbell.engine"));
    return shipped;
  }

  @Test
  void theShippedAdaptersAreThere() {
    assertThat(shipped().sources()).containsKey("postgres");
  }

  @Test
  void theSchemaIsPublished() throws IOException {
    compare(DOCS.resolve("rowbell.schema.json"), ConfigSchema.write(shipped()));
  }

  @Test
  void theReferenceIsPublished() throws IOException {
    Path page = DOCS.resolve("configuration.md");
    String published = Files.readString(page);
    int begin = published.indexOf(BEGIN) + BEGIN.length();
    int end = published.indexOf(END);

    assertThat(begin).isPositive();
    assertThat(end).isGreaterThanOrEqualTo(begin);
    compare(
        page,
        published.substring(0, begin)
            + ConfigReference.write(shipped())
            + published.substring(end));
  }

  private static void compare(Path file, String made) throws IOException {
    if (Boolean.getBoolean("rowbell.publish")) {
      Files.writeString(file, made);
    }
    assertThat(Files.readString(file))
        .as(file + "; write it anew with -Drowbell.publish=true")
        .isEqualTo(made);
  }
}

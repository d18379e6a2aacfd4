package io.rowbell.engine.security;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is delivered: which jars, that the bill of materials names each, and that nothing in ours
 * says when or where they were built.
 */
class DistributionIT {
  private static final Path DISTRIBUTION = Path.of("target", "dist");
  private static final Pattern COMPONENT =
      Pattern.compile("\"purl\"\\s*:\\s*\"pkg:maven/[^/\"]+/([^@\"]+)@([^?\"]+)");

  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

  /** As the root pom says; a jar's times have no zone. */
  private static final LocalDateTime BUILT = LocalDateTime.parse("2026-11-20T00:00:00");

  private static Set<String> jars() throws IOException {
    try (Stream<Path> files = Files.list(DISTRIBUTION.resolve("lib"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".jar"))
          .map(name -> name.substring(0, name.length() - ".jar".length()))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void theBillOfMaterialsNamesEveryJar() throws IOException {
    Path bill = DISTRIBUTION.resolve("rowbell-bom.json");
    assumeTrue(Files.exists(bill) || !Boolean.getBoolean("rowbell.offline"), "made online only");
    Set<String> named =
        COMPONENT
            .matcher(Files.readString(bill))
            .results()
            .map((MatchResult purl) -> purl.group(1) + "-" + purl.group(2))
            .collect(Collectors.toSet());

    assertThat(jars()).isNotEmpty().allSatisfy(jar -> assertThat(named).contains(jar));
  }

  @Test
  void nothingOfOthersIsAMovingTarget() throws IOException {
    assertThat(jars())
        .filteredOn(jar -> !jar.startsWith("rowbell-"))
        .isNotEmpty()
        .noneMatch(jar -> jar.contains("SNAPSHOT"));
  }

  @Test
  void nothingOfTheTestsIsDelivered() throws IOException {
    assertThat(jars())
        .noneMatch(jar -> jar.matches("(rowbell-testkit|junit|assertj|testcontainers|kafka_2).*"));
  }

  /**
   * Without it the same sources could not give the same bytes. That they do is not tried here, for
   * that takes a second build: docs/security.md says how to compare.
   */
  @Test
  void ourJarsTellNeitherWhenNorWhereTheyWereBuilt() throws IOException {
    List<String> ours = jars().stream().filter(jar -> jar.startsWith("rowbell-")).toList();
    assertThat(ours).hasSizeGreaterThan(5);
    for (String name : ours) {
      try (JarFile jar = new JarFile(DISTRIBUTION.resolve("lib/" + name + ".jar").toFile())) {
        assertThat(jar.stream())
            .as(name)
            .allSatisfy(entry -> assertThat(entry.getTimeLocal()).isEqualTo(BUILT));
        assertThat(jar.getManifest().getMainAttributes().keySet().stream().map(String::valueOf))
            .doesNotContain("Built-By", "Build-Time", "Build-Host", "Bnd-LastModified");
        for (JarEntry entry : jar.stream().toList()) {
          assertThat(new String(jar.getInputStream(entry).readAllBytes(), ISO_8859_1))
              .as("%s in %s", entry, name)
              .doesNotContain(CHECKOUT.toString());
        }
      }
    }
  }
}

package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract that lies beside the example is what its rules say now. {@code
 * -Drowbell.write-reference=true} writes it anew.
 */
class ExampleContractTest {
  private static final Path SHOP = Path.of("../examples/shop");
  private static final Path CONTRACT = SHOP.resolve("contract");

  @Test
  void theContractOfTheExampleIsCurrent(@TempDir Path directory) throws IOException {
    Path written =
        Boolean.getBoolean("rowbell.write-reference") ? CONTRACT : directory.resolve("contract");

    Invocation contract = contract("-o", written.toString());

    assertThat(contract.err()).isEmpty();
    assertThat(texts(written)).containsKey("OrderPlaced.v2.schema.json");
    assertThat(texts(CONTRACT))
        .as("run this test with -Drowbell.write-reference=true to write it anew")
        .isEqualTo(texts(written));
    assertThat(contract("diff", CONTRACT.toString()).out())
        .isEqualTo("the contracts are the same for consumers\n");
  }

  private static Invocation contract(String... args) {
    Stream<String> fixed =
        Stream.of("--offline", "--config", SHOP.resolve("rowbell.yaml").toString());
    Invocation invocation =
        Invocation.of(
            Stream.of(Stream.of("contract"), Stream.of(args), fixed)
                .flatMap(words -> words)
                .toArray(String[]::new));
    assertThat(invocation.code()).as(invocation.err()).isZero();
    return invocation;
  }

  private static Map<String, String> texts(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(directory)) {
      files = listed.toList();
    }
    Map<String, String> texts = new TreeMap<>();
    for (Path file : files) {
      texts.put(file.getFileName().toString(), Files.readString(file));
    }
    return texts;
  }
}

package io.rowbell.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class DemoIT {
  private static final Pattern SUMMARY =
      Pattern.compile("(\\d+) alerts ought to come of them, (\\d+) came");

  @ParameterizedTest
  @ValueSource(strings = {"", "--kafka"})
  @Timeout(180)
  void theMarketMakesTheAlertsThatItOught(String flavour) {
    StringWriter out = new StringWriter();
    List<String> arguments = new ArrayList<>(List.of("--for", "6s"));
    if (!flavour.isEmpty()) {
      arguments.add(flavour);
    }
    int code =
        new CommandLine(new DemoCommand())
            .setOut(new PrintWriter(out))
            .execute(arguments.toArray(String[]::new));
    assertThat(code).as(out.toString()).isZero();
    Matcher summary = SUMMARY.matcher(out.toString());
    assertThat(summary.find()).as(out.toString()).isTrue();
    assertThat(Integer.parseInt(summary.group(1))).isPositive();
    assertThat(summary.group(2)).isEqualTo(summary.group(1));
    assertThat(out.toString()).contains("StockPriceMoved  {\"symbol\":");
  }

  @Test
  void whatADirectoryHasIsNotWrittenOver(@TempDir Path directory) throws IOException {
    Path own = Files.writeString(directory.resolve("rowbell.yaml"), "name: mine\n");
    StringWriter err = new StringWriter();

    int code =
        new CommandLine(new DemoCommand())
            .setErr(new PrintWriter(err))
            .execute("--keep", directory.toString());

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("something in '" + directory + "' already");
    assertThat(own).hasContent("name: mine");
  }
}

package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a checkout of its own, with a Maven and a Java that only say what they got. */
class LauncherIT {
  private final Path home;
  private final Path tools;
  private final Map<String, String> environment;

  LauncherIT(@TempDir Path directory) throws IOException {
    home = directory.resolve("a checkout");
    Path jdk = directory.resolve("tools");
    tools = Files.createDirectories(jdk.resolve("bin"));
    Path source = home.resolve("cdc-engine/src/main/java/Source.java");
    Files.createDirectories(source.getParent());
    Files.createDirectories(home.resolve("rules"));
    Files.createDirectories(home.resolve("connectors"));
    Files.createDirectories(home.resolve("examples/demo"));
    Files.writeString(source, "");
    Files.writeString(home.resolve("pom.xml"), "");
    Files.writeString(home.resolve("examples/demo/pom.xml"), "");
    Files.copy(Path.of("../rowbell"), home.resolve("rowbell"), StandardCopyOption.COPY_ATTRIBUTES);
    program("java", "for argument; do echo \"[$argument]\"; done");
    program("javac", "exit 0");
    program("mvn", "echo \"mvn $*\"; exit \"${MVN_ENDS_WITH:-0}\"");
    environment = Map.of("JAVA_HOME", jdk.toString(), "PATH", tools + ":" + System.getenv("PATH"));
  }

  private void program(String name, String script) throws IOException {
    Path file = tools.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** What the launcher printed, and its exit code on the last line. */
  private List<String> run(Path launcher, Map<String, String> more, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("ROWBELL_"));
    builder.environment().putAll(environment);
    builder.environment().putAll(more);
    Process process = builder.start();
    process.getOutputStream().close();
    List<String> lines =
        new ArrayList<>(
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList());
    lines.add("exit " + process.waitFor());
    return lines;
  }

  private List<String> run(String... args) throws IOException, InterruptedException {
    return run(home.resolve("rowbell"), Map.of(), args);
  }

  @Test
  void itBuildsItselfOnceAndThenRuns() throws Exception {
    assertThat(run("events", "--key", "a b"))
        .startsWith(
            "rowbell: building itself, which takes a minute or two the first time (mvn package)",
            "mvn -B -q -Dstyle.color=never -Pquick package -pl cdc-engine -am")
        .containsSequence(
            "[-cp]",
            "[" + home.toRealPath() + "/cdc-engine/target/dist/lib/*]",
            "[io.rowbell.engine.cli.Main]",
            "[events]",
            "[--key]",
            "[a b]",
            "exit 0");
    assertThat(run("version")).noneMatch(line -> line.startsWith("mvn"));
  }

  @Test
  void itBuildsAgainWhenASourceIsNewerAndNotForATest() throws Exception {
    run("version");
    Instant later = Instant.ofEpochSecond(4_000_000_000L);
    Path test = home.resolve("cdc-engine/src/test/java/SourceTest.java");
    Files.createDirectories(test.getParent());
    Files.writeString(test, "");
    Files.setLastModifiedTime(test, FileTime.from(later));
    assertThat(run("version")).noneMatch(line -> line.startsWith("mvn"));

    Files.setLastModifiedTime(
        home.resolve("cdc-engine/src/main/java/Source.java"), FileTime.from(later));
    assertThat(run("version")).anyMatch(line -> line.startsWith("mvn"));
  }

  @Test
  void whatMavenItselfBuiltIsRun() throws Exception {
    Path lib = Files.createDirectories(home.resolve("cdc-engine/target/dist/lib"));
    Files.writeString(lib.resolve("rowbell-engine-1.jar"), "");

    assertThat(run("version")).noneMatch(line -> line.startsWith("mvn"));
  }

  @Test
  void theDemoHasAClassPathOfItsOwn() throws Exception {
    assertThat(run("demo"))
        .contains("mvn -B -q -Dstyle.color=never -Pquick package -pl examples/demo -am")
        .contains("[" + home.toRealPath() + "/examples/demo/target/dist/lib/*]");
  }

  @Test
  void itIsFoundThroughSymbolicLinks() throws Exception {
    Path first = Files.createSymbolicLink(tools.resolve("rowbell"), home.resolve("rowbell"));
    Path second = Files.createSymbolicLink(tools.resolve("rb"), first.getFileName());

    assertThat(run(second, Map.of(), "version"))
        .contains("[" + home.toRealPath() + "/cdc-engine/target/dist/lib/*]");
  }

  @Test
  void itPassesOnWhatItIsTold() throws Exception {
    assertThat(
            run(
                home.resolve("rowbell"),
                Map.of(
                    "ROWBELL_JAVA_OPTS", "-Xmx64m -Dx=y",
                    "ROWBELL_MVN_ARGS", "-o -Dmaven.repo.local=r"),
                "version"))
        .contains(
            "mvn -B -q -Dstyle.color=never -Pquick package -pl cdc-engine -am -o -Dmaven.repo.local=r")
        .containsSequence("[-Xmx64m]", "[-Dx=y]", "[-cp]")
        .contains("[-Drowbell.terminal=]");
  }

  @Test
  void itSaysWhatIsMissing() throws Exception {
    assertThat(run(home.resolve("rowbell"), Map.of("JAVA_HOME", "/none"), "version"))
        .containsExactly("rowbell: JAVA_HOME is '/none', which has no bin/java", "exit 70");
    assertThat(run(home.resolve("rowbell"), Map.of("MVN_ENDS_WITH", "1"), "version"))
        .contains("exit 70")
        .anyMatch(line -> line.startsWith("rowbell: the build failed: see above"));
    // A build that failed is no build.
    assertThat(run("version")).anyMatch(line -> line.startsWith("mvn"));

    program("java", "echo 'openjdk version \"11.0.2\" 2019-01-15'");
    Files.delete(home.resolve("cdc-engine/target/dist/.built"));
    assertThat(run("version"))
        .containsExactly(
            "rowbell: '" + tools + "/java' is too old: install a JDK 17 or newer, or set JAVA_HOME",
            "exit 70");
  }
}

package io.rowbell.engine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a checkout of its own, with a Maven and a Java that only say what they got. */
@Timeout(60)
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
    // What it builds is a jar that tells which build it is.
    program(
        "mvn",
        """
        echo "mvn $*"
        for module in cdc-engine examples/demo; do
          mkdir -p $module/target/dist/lib
          echo "$BUILD" >$module/target/dist/lib/rowbell-engine-1.jar
        done
        exit "${MVN_ENDS_WITH:-0}"
        """);
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

  /** The directory of the jars that a run was given. */
  private static Path lib(List<String> output) {
    String path = output.get(output.indexOf("[-cp]") + 1);
    assertThat(path).startsWith("[").endsWith("/lib/rowbell-engine-1.jar]");
    return Path.of(path.substring(1, path.length() - 1).split(":", 2)[0]).resolveSibling("");
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
        .containsSequence("[io.rowbell.engine.cli.Main]", "[events]", "[--key]", "[a b]", "exit 0");
    List<String> again = run("version");
    assertThat(again).noneMatch(line -> line.startsWith("mvn"));
    assertThat(lib(again).resolve("rowbell-engine-1.jar")).exists();
  }

  @Test
  void aBuildLeavesTheJarsOfAProgramThatRunsAlone() throws Exception {
    program("java", "echo \"$*\"; case $* in *Main*) cat ;; esac");
    ProcessBuilder builder =
        new ProcessBuilder(home.resolve("rowbell").toString(), "run").redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.environment().put("BUILD", "first");
    Process running = builder.start();
    try (BufferedReader output = running.inputReader()) {
      String line = output.readLine();
      while (!line.contains(" -cp ")) {
        line = output.readLine();
      }
      Path lib = Path.of(line.replaceAll(".* -cp (.*)/[^/]*\\.jar .*", "$1"));
      assertThat(lib.resolve("rowbell-engine-1.jar")).hasContent("first");

      program("java", "for argument; do echo \"[$argument]\"; done");
      touchSource();
      Path second = lib(run(home.resolve("rowbell"), Map.of("BUILD", "second"), "version"));
      assertThat(second.resolve("rowbell-engine-1.jar")).hasContent("second");
      assertThat(lib.resolve("rowbell-engine-1.jar")).hasContent("first");

      running.getOutputStream().close();
      assertThat(running.waitFor()).isZero();
      assertThat(lib(run("version"))).isEqualTo(second);
      assertThat(lib).as("nobody uses it any more").doesNotExist();
      assertThat(second).exists();
    }
  }

  private void touchSource() throws IOException {
    Files.setLastModifiedTime(
        home.resolve("cdc-engine/src/main/java/Source.java"), FileTime.from(Instant.now()));
  }

  @Test
  void oneBuildsWhileOthersWait() throws Exception {
    Path lock = home.resolve("target/launcher/lock");
    Files.createDirectories(lock);
    Files.writeString(lock.resolve("holder"), Long.toString(ProcessHandle.current().pid()));
    ProcessBuilder builder =
        new ProcessBuilder(home.resolve("rowbell").toString(), "version").redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process waiting = builder.start();
    try (BufferedReader output = waiting.inputReader()) {
      assertThat(output.readLine())
          .isEqualTo(
              "rowbell: waiting for process %d, which builds it"
                  .formatted(ProcessHandle.current().pid()));
      Files.delete(lock.resolve("holder"));
      Files.delete(lock);
      assertThat(output.lines()).contains("[version]");
      assertThat(waiting.waitFor()).isZero();
    }
    assertThat(lock).doesNotExist();
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
    Files.writeString(lib.resolve("rowbell-engine-1.jar"), "one");

    List<String> output = run("version");
    assertThat(output).noneMatch(line -> line.startsWith("mvn"));
    assertThat(lib(output).resolve("rowbell-engine-1.jar")).hasContent("one");
    Files.writeString(lib.resolve("another.jar"), "two");
    assertThat(lib(run("version")).resolve("another.jar")).hasContent("two");
  }

  @Test
  void aDistributionIsRunFromWhereItIs() throws Exception {
    Files.delete(home.resolve("pom.xml"));
    Path lib = Files.createDirectories(home.resolve("cdc-engine/target/dist/lib"));
    Files.writeString(lib.resolve("rowbell-engine-1.jar"), "one");
    assertThat(lib(run("version"))).isEqualTo(lib.toRealPath());
    assertThat(home.resolve("target")).doesNotExist();
  }

  @Test
  void theDemoHasAClassPathOfItsOwn() throws Exception {
    List<String> output = run("demo");
    assertThat(output)
        .contains("mvn -B -q -Dstyle.color=never -Pquick package -pl examples/demo -am");
    assertThat(lib(output)).startsWith(home.toRealPath().resolve("target/launcher/examples/demo"));
  }

  @Test
  void itIsFoundThroughSymbolicLinks() throws Exception {
    Path first = Files.createSymbolicLink(tools.resolve("rowbell"), home.resolve("rowbell"));
    Path second = Files.createSymbolicLink(tools.resolve("rb"), first.getFileName());

    assertThat(lib(run(second, Map.of(), "version")))
        .startsWith(home.toRealPath().resolve("target/launcher/cdc-engine"));
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

    Path lock = Files.createDirectories(home.resolve("target/launcher/lock"));
    Files.writeString(lock.resolve("holder"), "99999999");
    assertThat(run("version"))
        .containsExactly(
            "rowbell: process 99999999 was killed while it built: remove '%s' and try again"
                .formatted(lock.toRealPath()),
            "exit 70");
    Files.delete(lock.resolve("holder"));
    Files.delete(lock);

    program("java", "echo 'openjdk version \"11.0.2\" 2019-01-15'");
    touchSource();
    assertThat(run("version"))
        .containsExactly(
            "rowbell: '" + tools + "/java' is too old: install a JDK 17 or newer, or set JAVA_HOME",
            "exit 70");
  }

  @Test
  void theHelpKnowsTheDemo() throws Exception {
    assertThat(run("--help"))
        .containsSequence("[--help]", "", "In a checkout also:")
        .anyMatch(line -> line.startsWith("  demo "));
    assertThat(lib(run("help", "demo"))).asString().contains("/launcher/examples/demo/");
    assertThat(run("help", "check")).doesNotContain("In a checkout also:");
    assertThat(run("version")).doesNotContain("In a checkout also:");

    Files.delete(home.resolve("examples/demo/pom.xml"));
    assertThat(run("--help")).doesNotContain("In a checkout also:").endsWith("exit 0");
  }
}

package io.rowbell.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveIT {
  private static final String CLASS_PATH = ClassArchive.ofThisJvm().classPath();

  @TempDir private Path directory;

  /** Takes a class out of a jar. */
  static final class Main {
    private Main() {}

    public static void main(String[] args) {
      System.out.println(Direct.class.getName() + " " + Ports.free());
    }
  }

  /** A class that is in no jar. */
  static final class Direct {}

  private String list() throws Exception {
    return Files.writeString(directory.resolve("classes"), "io/rowbell/testkit/Ports\n").toString();
  }

  private static String loaded(ClassArchive archive) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(archive.options());
    command.addAll(List.of("-Xlog:class+load", Main.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", archive.classPath());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void classesOfJarsComeFromIt() throws Exception {
    ClassArchive archive = ClassArchive.of(CLASS_PATH, list(), directory);
    assertThat(archive.options()).isNotEmpty();
    assertThat(loaded(archive))
        .containsPattern("testkit.Ports source: shared objects file")
        .containsPattern("Direct source: file:");
    assertThat(loaded(ClassArchive.of(CLASS_PATH, "", directory)))
        .containsPattern("testkit.Ports source: (file|jar):");
  }

  @Test
  void itIsMadeOnceForEachList() throws Exception {
    String list = list();
    ClassArchive archive = ClassArchive.of(CLASS_PATH, list, directory);
    List<Path> files = files();
    assertThat(ClassArchive.of(CLASS_PATH, list, directory)).isEqualTo(archive);
    assertThat(files()).isEqualTo(files);

    Files.setLastModifiedTime(Path.of(list), FileTime.fromMillis(0));
    assertThat(ClassArchive.of(CLASS_PATH, list, directory).options())
        .isNotEmpty()
        .isNotEqualTo(archive.options());
    assertThat(files()).as("the one before is gone").hasSameSizeAs(files);
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  @Test
  void withoutAListOrAPlaceThereIsNone() throws Exception {
    ClassArchive none = new ClassArchive(CLASS_PATH, List.of());
    assertThat(ClassArchive.of(CLASS_PATH, "", directory)).isEqualTo(none);
    assertThat(ClassArchive.of(CLASS_PATH, "/nowhere", directory)).isEqualTo(none);
    assertThat(ClassArchive.of(CLASS_PATH, list(), directory.resolve("target"))).isEqualTo(none);
  }
}

package io.rowbell.engine;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The arrows between the modules, and what each may not touch. */
class ArchitectureTest {
  private static final List<String> ADAPTERS = List.of("postgres", "sqlite", "kafka", "webhook");

  /** How many classes of a module are surely looked at. */
  private static final Map<String, Integer> ENOUGH =
      Map.of(
          "engine",
          80,
          "kafka",
          30,
          "language",
          80,
          "model",
          30,
          "postgres",
          60,
          "spi",
          30,
          "sqlite",
          15,
          "webhook",
          8);

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.rowbell");

  /** A rule that sees nothing holds always. */
  @Test
  void everyModuleIsLookedAt() {
    Map<String, Integer> seen = new TreeMap<>();
    for (JavaClass type : CLASSES) {
      seen.merge(module(type), 1, Integer::sum);
    }
    seen.remove("testkit");

    assertThat(seen)
        .containsOnlyKeys(
            "engine", "kafka", "language", "model", "postgres", "spi", "sqlite", "webhook")
        .allSatisfy(
            (module, count) -> assertThat(count).as(module).isGreaterThan(ENOUGH.get(module)));
  }

  /** The third part of the package's name. */
  private static String module(JavaClass type) {
    String below = type.getPackageName().substring("io.rowbell.".length());
    int dot = below.indexOf('.');
    return dot < 0 ? below : below.substring(0, dot);
  }

  @Test
  void rulesArePure() {
    noClasses()
        .that()
        .resideInAnyPackage("io.rowbell.model..", "io.rowbell.language..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "java.nio.file..",
                    "java.net..",
                    "java.sql..",
                    "java.util.concurrent..",
                    "java.util.logging..",
                    "org.slf4j..",
                    "io.rowbell.spi..",
                    "io.rowbell.engine..")
                .and(DescribedPredicate.not(atomicsAndMaps()))
                .or(oneOf(Thread.class, java.time.Clock.class, java.time.InstantSource.class))
                .or(fileClasses()))
        .because("a rule sees rows and nothing else: no I/O, sockets, SQL, threads, clocks, logs")
        .check(CLASSES);
  }

  /** Plain memory that several threads may use: no threads of its own. */
  private static DescribedPredicate<JavaClass> atomicsAndMaps() {
    return DescribedPredicate.<JavaClass>describe(
        "atomics and maps",
        type ->
            type.getPackageName().equals("java.util.concurrent.atomic")
                || type.getName().equals("java.util.concurrent.ConcurrentHashMap"));
  }

  private static DescribedPredicate<JavaClass> fileClasses() {
    return DescribedPredicate.describe(
        "files",
        type ->
            type.getName().startsWith("java.io.File")
                || type.getName().equals("java.io.RandomAccessFile"));
  }

  private static DescribedPredicate<JavaClass> oneOf(Class<?>... types) {
    return DescribedPredicate.describe(
        List.of(types).toString(), type -> List.of(types).stream().anyMatch(type::isEquivalentTo));
  }

  @Test
  void portsDependOnTheModelOnly() {
    noClasses()
        .that()
        .resideInAPackage("io.rowbell.spi..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.rowbell..")
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage("io.rowbell.spi..", "io.rowbell.model.."))))
        .check(CLASSES);
  }

  @Test
  void adaptersKnowNeitherTheEngineNorTheRulesNorEachOther() {
    for (String adapter : ADAPTERS) {
      noClasses()
          .that()
          .resideInAPackage("io.rowbell." + adapter + "..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.rowbell..")
                  .and(
                      DescribedPredicate.not(
                          resideInAnyPackage(
                              "io.rowbell." + adapter + "..",
                              "io.rowbell.spi..",
                              "io.rowbell.model.."))))
          // Until an adapter has a class of its own.
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  @Test
  void theEngineImportsNoAdapter() {
    noClasses()
        .that()
        .resideInAPackage("io.rowbell.engine..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.rowbell.postgres..",
            "io.rowbell.sqlite..",
            "io.rowbell.kafka..",
            "io.rowbell.webhook..",
            "io.rowbell.testkit..")
        .check(CLASSES);
  }

  @Test
  void debeziumAndKafkaAreKnownInOnePlaceEach() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.rowbell.postgres..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.debezium..", "org.apache.kafka.connect..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackages("io.rowbell.kafka..", "io.rowbell.testkit..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.kafka.clients..")
        .check(CLASSES);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("io.rowbell.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    JavaPackage root = CLASSES.getPackage("io.rowbell");

    assertThat(root.getSubpackagesInTree())
        .filteredOn(found -> !found.getClasses().isEmpty())
        .hasSizeGreaterThan(10)
        .allSatisfy(
            found ->
                assertThat(found.isAnnotatedWith(NullMarked.class)).as(found.getName()).isTrue());
  }

  @Test
  void onlyTheCommandLineWritesToStandardStreams() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.rowbell.engine.cli..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }

  @Test
  void nobodySleepsAndNobodyReadsTheClockByTheWay() {
    noClasses()
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", long.class, int.class)
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .because("waits are bounded and interruptible, and clocks are passed in")
        .check(CLASSES);
  }
}

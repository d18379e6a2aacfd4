package io.rowbell.kafka;

import static io.rowbell.testkit.Samples.TOPIC;
import static io.rowbell.testkit.Samples.batch;
import static io.rowbell.testkit.Samples.deadLetter;
import static io.rowbell.testkit.Samples.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.rowbell.kafka.KafkaSecurity.Mechanism;
import io.rowbell.kafka.KafkaSecurity.Protocol;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Journal;
import io.rowbell.spi.Journal.Start;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.Secret;
import io.rowbell.spi.Subscription;
import io.rowbell.spi.Subscription.ParkedKey;
import io.rowbell.spi.Subscription.Progress;
import io.rowbell.testkit.KafkaBroker;
import io.rowbell.testkit.TestCertificate;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker that encrypts, asks for a certificate and who we are, and lets us do what README.md says
 * we need, and no more.
 */
class KafkaSecurityIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String PIPELINE = "shop";

  /** Relative, as a user writes it beside the configuration. */
  private static final Path RIGHT = Path.of("broker", "certificate.pem");

  @TempDir private static Path directory;
  private static TestCertificate ours;
  private static KafkaBroker broker;
  private static Admin admin;

  private final KafkaJournalFactory factory = new KafkaJournalFactory();

  @BeforeAll
  static void startBroker() throws Exception {
    TestCertificate shown = TestCertificate.of(directory.resolve("broker"), "ip:127.0.0.1");
    ours = TestCertificate.of(directory.resolve("client"), "dns:rowbell", "canary-passphrase");
    broker =
        KafkaBroker.encrypted(shown, ours, Map.of("rowbell", "r"))
            .with(
                "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
            .with("super.users", "User:admin;User:ANONYMOUS")
            .start();
    admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.bootstrapServers(),
                "security.protocol",
                "SASL_SSL",
                "ssl.truststore.type",
                "PEM",
                "ssl.truststore.location",
                shown.certificate().toString(),
                "ssl.keystore.type",
                "PKCS12",
                "ssl.keystore.location",
                shown.store().toString(),
                "ssl.keystore.password",
                shown.password(),
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required"
                    + " username=\"admin\" password=\"admin\";"));
  }

  @AfterAll
  static void stopBroker() {
    admin.close(Duration.ZERO);
    broker.close();
  }

  @AfterEach
  void revokeAll() throws Exception {
    admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get();
  }

  private static void grant(
      ResourceType type, String name, PatternType pattern, AclOperation... operations)
      throws Exception {
    List<AclBinding> acls = new ArrayList<>();
    for (AclOperation operation : operations) {
      acls.add(
          new AclBinding(
              new ResourcePattern(type, name, pattern),
              new AccessControlEntry("User:rowbell", "*", operation, AclPermissionType.ALLOW)));
    }
    admin.createAcls(acls).all().get();
  }

  private static void grantTopics() throws Exception {
    AclOperation[] operations = {
      AclOperation.DESCRIBE,
      AclOperation.DESCRIBE_CONFIGS,
      AclOperation.READ,
      AclOperation.WRITE,
      AclOperation.CREATE
    };
    grant(ResourceType.TOPIC, PIPELINE + ".", PatternType.PREFIXED, operations);
    grant(ResourceType.TOPIC, TOPIC, PatternType.LITERAL, operations);
  }

  private static void grantTransactions() throws Exception {
    grant(
        ResourceType.TRANSACTIONAL_ID,
        "rowbell." + PIPELINE + ".",
        PatternType.PREFIXED,
        AclOperation.DESCRIBE,
        AclOperation.WRITE);
  }

  private Journal open(String password) throws JournalException, InterruptedException {
    return open(broker.bootstrapServers(), RIGHT, "canary-passphrase", password);
  }

  private Journal open(String bootstrap, Path authority, String passphrase, String password)
      throws JournalException, InterruptedException {
    return factory.open(settings(bootstrap, authority, passphrase, password), context());
  }

  private static AdapterContext context() {
    return new AdapterContext(PIPELINE, directory, Map.of());
  }

  private static KafkaJournalSettings settings(
      String bootstrap, Path authority, String passphrase, String password) {
    KafkaJournalSettings settings = Settings.journal(bootstrap);
    return new KafkaJournalSettings(
        settings.bootstrap(),
        true,
        1,
        1,
        Compression.LZ4,
        settings.timeout(),
        settings.transactionTimeout(),
        new KafkaSecurity(
            Protocol.SASL_SSL,
            authority,
            directory.relativize(ours.certificate()),
            directory.relativize(ours.encryptedKey()),
            new Secret(passphrase),
            Mechanism.PLAIN,
            "rowbell",
            new Secret(password)),
        Map.of());
  }

  private JournalException refusal(String password) {
    return refusal(() -> open(password));
  }

  private static JournalException refusal(Callable<Journal> opening) {
    JournalException refusal =
        catchThrowableOfType(JournalException.class, () -> opening.call().close());
    assertThat(refusal.kind()).isEqualTo(JournalException.Kind.FATAL);
    assertThat(refusal).hasMessageNotContaining("canary");
    return refusal;
  }

  @Test
  void aWrongPasswordIsFatalAndNotPrinted() {
    assertThat(refusal("secret-canary"))
        .hasMessageContaining("does not let us in")
        .hasMessageNotContaining("secret-canary");
  }

  @Test
  void anotherAuthorityIsNotBelieved() throws Exception {
    Path another = TestCertificate.of(directory.resolve("another"), "ip:127.0.0.1").certificate();
    assertThat(refusal(() -> open(broker.bootstrapServers(), another, "canary-passphrase", "r")))
        .hasMessageContaining("does not let us in")
        .hasMessageContaining("security");
  }

  @Test
  void anotherNameIsNotBelieved() {
    String renamed = broker.bootstrapServers().replace("127.0.0.1", "localhost");
    assertThat(refusal(() -> open(renamed, RIGHT, "canary-passphrase", "r")))
        .hasMessageContaining("does not let us in")
        .hasMessageContaining("security");
  }

  @Test
  void aWrongPassphraseOfTheKeyIsFatalAndNotPrinted() {
    assertThat(refusal(() -> open(broker.bootstrapServers(), RIGHT, "canary-wrong", "r")))
        .hasMessageContaining("check the files of the section 'security', and its key-password");
  }

  @Test
  void eachPermissionThatIsMissingIsNamed() throws Exception {
    assertThat(refusal("r")).hasMessageContaining("topic").hasMessageContaining(PIPELINE + ".");
    grantTopics();
    assertThat(refusal("r")).hasMessageContaining("transactional ids");
    grantTransactions();
    try (Journal journal = open("r")) {
      journal.append(batch(1, event("A", "k", 1)));
      JournalException group =
          catchThrowableOfType(
              JournalException.class, () -> journal.subscribe("s", Set.of(), Start.EARLIEST));
      assertThat(group.kind()).isEqualTo(JournalException.Kind.FATAL);
      assertThat(group).hasMessageContaining("group " + PIPELINE + ".s");
    }
  }

  @Test
  void whatTheReadmeListsIsEnough() throws Exception {
    grantTopics();
    grantTransactions();
    grant(ResourceType.GROUP, PIPELINE + ".", PatternType.PREFIXED, AclOperation.READ);
    try (Journal journal = open("r");
        Subscription subscription = journal.subscribe("all", Set.of(), Start.EARLIEST)) {
      journal.append(batch(1_000, event("A", "k", 1)));
      subscription.commit(
          new Progress(
              Map.of(), List.of(deadLetter("all", "k", 1)), Set.of(new ParkedKey(TOPIC, "k"))));
      assertThat(subscription.parkedKeys()).hasSize(1);
      assertThat(journal.status().parkedKeys()).containsEntry("all", 1);
      await().atMost(PATIENCE).until(() -> journal.status().deadLetters() == 1);
      assertThat(journal.status().bytes()).as("may not be asked").isEqualTo(-1);
    }
    grant(ResourceType.CLUSTER, "kafka-cluster", PatternType.LITERAL, AclOperation.DESCRIBE);
    try (Journal journal = open("r")) {
      await().atMost(PATIENCE).until(() -> journal.status().bytes() > 0);
    }
  }

  @Test
  void aSizeThatMayNotBeAskedForIsToldOnce() throws Exception {
    grantTopics();
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(log, true, UTF_8));
    try {
      List<Long> asked =
          KafkaJournal.beside(
              settings(broker.bootstrapServers(), RIGHT, "canary-passphrase", "r"),
              context(),
              "asking",
              connection -> {
                TopicSizes sizes = new TopicSizes(connection);
                return List.of(sizes.of(Set.of(TOPIC)), sizes.of(Set.of(TOPIC)));
              });
      assertThat(asked).containsExactly(-1L, -1L);
    } finally {
      System.setOut(out);
    }
    assertThat(log.toString(UTF_8))
        .containsOnlyOnce("rowbell_journal_bytes is NaN): that needs the permission Describe");
  }
}

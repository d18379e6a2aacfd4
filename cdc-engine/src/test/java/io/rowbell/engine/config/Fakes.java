package io.rowbell.engine.config;

import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Act;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.InvalidSettingException;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.Resume;
import io.rowbell.spi.Secret;
import io.rowbell.spi.Setting;
import io.rowbell.spi.Sink;
import io.rowbell.spi.SinkFactory;
import io.rowbell.spi.Source;
import io.rowbell.spi.SourceFactory;
import io.rowbell.spi.SubscriberRecord;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Adapters that can be configured and nothing else. */
final class Fakes {
  private Fakes() {}

  static final Adapters ADAPTERS =
      new Adapters(
          Map.of("postgres", Shape.Adapter.of(new Database())),
          Map.of(
              "sqlite", Shape.Adapter.of(new OneFile()),
              "kafka", Shape.Adapter.of(new Topics())),
          Map.of("webhook", Shape.Adapter.of(new Web())));

  record DatabaseSettings(
      @Setting(value = "The host.", byDefault = "localhost") String host,
      @Setting("The database.") String database,
      @Setting("The password.") @Nullable Secret password,
      @Setting(value = "TLS.", byDefault = "{mode: prefer}") Tls tls) {
    record Tls(@Setting(value = "Mode.", byDefault = "prefer") String mode) {}
  }

  record FileSettings(@Setting(value = "The file.", byDefault = "data/journal.db") Path file) {}

  record TopicSettings(@Setting("Where the brokers are.") String bootstrap) {}

  record WebSettings(@Setting("Where to.") URI url) {}

  private static final class Database implements SourceFactory<DatabaseSettings> {
    @Override
    public String name() {
      return "postgres";
    }

    @Override
    public Class<DatabaseSettings> settingsType() {
      return DatabaseSettings.class;
    }

    @Override
    public Source open(DatabaseSettings settings, AdapterContext context) {
      throw new InvalidSettingException("tls.mode", "there is no TLS on a socket");
    }
  }

  private static final class OneFile implements JournalFactory<FileSettings> {
    @Override
    public String name() {
      return "sqlite";
    }

    @Override
    public Class<FileSettings> settingsType() {
      return FileSettings.class;
    }

    @Override
    public Journal open(FileSettings settings, AdapterContext context) {
      throw new InvalidSettingException("file", "it cannot be kept there");
    }

    @Override
    public Optional<Resume> peek(FileSettings settings, AdapterContext context) {
      throw new UnsupportedOperationException();
    }

    @Override
    public EventReader openReader(
        FileSettings settings, AdapterContext context, Journal.Start start) {
      throw new InvalidSettingException("file", "it cannot be read there");
    }

    @Override
    public void readDeadLetters(
        FileSettings settings,
        AdapterContext context,
        Predicate<DeadLetter> wanted,
        int max,
        Consumer<DeadLetter> reader) {}

    @Override
    public List<SubscriberRecord> readSubscribers(FileSettings settings, AdapterContext context) {
      return List.of();
    }

    @Override
    public List<Act> readActs(FileSettings settings, AdapterContext context, int max) {
      return List.of();
    }
  }

  private static final class Topics implements JournalFactory<TopicSettings> {
    @Override
    public String name() {
      return "kafka";
    }

    @Override
    public Class<TopicSettings> settingsType() {
      return TopicSettings.class;
    }

    @Override
    public Journal open(TopicSettings settings, AdapterContext context) {
      throw new InvalidSettingException("bootstrap", "nobody is there");
    }

    @Override
    public Optional<Resume> peek(TopicSettings settings, AdapterContext context) {
      throw new UnsupportedOperationException();
    }

    @Override
    public EventReader openReader(
        TopicSettings settings, AdapterContext context, Journal.Start start) {
      throw new InvalidSettingException("bootstrap", "nobody is there");
    }

    @Override
    public void readDeadLetters(
        TopicSettings settings,
        AdapterContext context,
        Predicate<DeadLetter> wanted,
        int max,
        Consumer<DeadLetter> reader) {}

    @Override
    public List<SubscriberRecord> readSubscribers(TopicSettings settings, AdapterContext context) {
      return List.of();
    }

    @Override
    public List<Act> readActs(TopicSettings settings, AdapterContext context, int max) {
      return List.of();
    }
  }

  private static final class Web implements SinkFactory<WebSettings> {
    @Override
    public String name() {
      return "webhook";
    }

    @Override
    public Class<WebSettings> settingsType() {
      return WebSettings.class;
    }

    @Override
    public Sink open(WebSettings settings, AdapterContext context) {
      throw new InvalidSettingException("", "it is of no use");
    }
  }
}

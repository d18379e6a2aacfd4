package io.rowbell.engine;

import io.rowbell.engine.config.ConfigLoader;
import io.rowbell.engine.config.EngineConfig;
import io.rowbell.engine.config.JournalConfig;
import io.rowbell.model.DeadLetter;
import io.rowbell.spi.Act;
import io.rowbell.spi.AdapterContext;
import io.rowbell.spi.Batch;
import io.rowbell.spi.EventReader;
import io.rowbell.spi.Journal;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.JournalFactory;
import io.rowbell.spi.Resume;
import io.rowbell.spi.SubscriberRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A real engine in a JVM of its own that stands still at a chosen place of the commit protocol,
 * says so, and waits to be killed there.
 */
public final class HaltingEngine {
  /** Where it stands still. */
  enum Place {
    /** The events are made, nothing is durable. */
    BEFORE_APPEND,
    /** All is durable, nothing is confirmed to PostgreSQL. */
    AFTER_APPEND,
    NOWHERE
  }

  private HaltingEngine() {}

  /**
   * Runs until it is killed.
   *
   * @param args the configuration file, the place, and at which append with events, from 1
   */
  public static void main(String[] args) throws InterruptedException {
    EngineConfig config = ConfigLoader.load(Path.of(args[0]));
    Halt halt = new Halt(Place.valueOf(args[1]), Integer.parseInt(args[2]));
    try (Engine engine = Engine.from(with(config, halting(config.journal(), halt))).start()) {
      ExitCode code = engine.awaitStop();
      engine.failure().ifPresent(why -> System.out.println("failed: " + why.getMessage()));
      System.exit(code.code());
    }
  }

  private static EngineConfig with(EngineConfig config, JournalConfig<?> journal) {
    return new EngineConfig(
        config.name(),
        config.directory(),
        config.source(),
        config.rules(),
        journal,
        config.subscribers(),
        config.standby(),
        config.http(),
        config.watchdog(),
        config.debezium(),
        config.hashKey(),
        config.classes());
  }

  private static <S extends Record> JournalConfig<S> halting(JournalConfig<S> journal, Halt halt) {
    return new JournalConfig<>(
        new HaltingFactory<>(journal.factory(), halt), journal.settings(), journal.section());
  }

  /** Counts appends with events and stands still at the chosen one. */
  private static final class Halt {
    private final Place place;
    private final int append;
    private int appends;

    Halt(Place place, int append) {
      this.place = place;
      this.append = append;
    }

    void at(Place here, Batch batch) throws InterruptedException {
      if (here == Place.BEFORE_APPEND && !batch.events().isEmpty()) {
        appends++;
      }
      if (here == place && appends == append && !batch.events().isEmpty()) {
        System.out.println("halted " + here + " " + batch.checkpoint());
        new CountDownLatch(1).await();
      }
    }
  }

  private record HaltingFactory<S extends Record>(JournalFactory<S> journals, Halt halt)
      implements JournalFactory<S> {
    @Override
    public String name() {
      return journals.name();
    }

    @Override
    public Class<S> settingsType() {
      return journals.settingsType();
    }

    @Override
    public Journal open(S settings, AdapterContext context)
        throws JournalException, InterruptedException {
      return new HaltingJournal(journals.open(settings, context), halt);
    }

    @Override
    public Optional<Resume> peek(S settings, AdapterContext context)
        throws JournalException, InterruptedException {
      return journals.peek(settings, context);
    }

    @Override
    public EventReader openReader(S settings, AdapterContext context, Journal.Start start)
        throws JournalException, InterruptedException {
      return journals.openReader(settings, context, start);
    }

    @Override
    public void readDeadLetters(
        S settings,
        AdapterContext context,
        Predicate<DeadLetter> wanted,
        int max,
        Consumer<DeadLetter> reader)
        throws JournalException, InterruptedException {
      journals.readDeadLetters(settings, context, wanted, max, reader);
    }

    @Override
    public List<SubscriberRecord> readSubscribers(S settings, AdapterContext context)
        throws JournalException, InterruptedException {
      return journals.readSubscribers(settings, context);
    }

    @Override
    public List<Act> readActs(S settings, AdapterContext context, int max)
        throws JournalException, InterruptedException {
      return journals.readActs(settings, context, max);
    }
  }

  private static final class HaltingJournal extends ForwardingJournal {
    private final Halt halt;

    HaltingJournal(Journal journal, Halt halt) {
      super(journal);
      this.halt = halt;
    }

    @Override
    public void append(Batch batch) throws JournalException, InterruptedException {
      halt.at(Place.BEFORE_APPEND, batch);
      super.append(batch);
      halt.at(Place.AFTER_APPEND, batch);
    }
  }
}

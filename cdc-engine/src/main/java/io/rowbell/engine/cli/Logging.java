package io.rowbell.engine.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Sets the log up in code, without looking for files: it goes to standard error, and a healthy
 * stream is silent.
 *
 * <p>A file of one's own, named by {@code -Dlogback.configurationFile}, is left as it is, but for
 * what would write secrets.
 */
final class Logging {
  /** How a line is written. */
  enum Form {
    TEXT,
    JSON;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Says no where a library would write secrets or rows, whatever levels a file names. */
  private static final class Discretion extends TurboFilter {
    /** At DEBUG they write settings, or what is posted with its token. */
    private static final List<String> TALKATIVE =
        List.of("io.debezium", "org.apache.kafka.connect", "org.apache.hc");

    static void watchOver(LoggerContext context) {
      if (context.getTurboFilterList().stream().noneMatch(Discretion.class::isInstance)) {
        context.addTurboFilter(new Discretion());
      }
    }

    @Override
    public FilterReply decide(
        Marker marker, Logger logger, Level level, String format, Object[] params, Throwable t) {
      return !level.isGreaterOrEqual(Level.INFO)
              && TALKATIVE.stream().anyMatch(logger.getName()::startsWith)
          ? FilterReply.DENY
          : FilterReply.NEUTRAL;
    }
  }

  private Logging() {}

  /**
   * @param verbosity 0 for state changes of Rowbell's own, 1 for those of libraries too, 2 for all
   */
  static void configure(Form form, int verbosity) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return;
    }
    if (System.getProperty("logback.configurationFile") != null) {
      Discretion.watchOver(context);
      return;
    }
    context.reset();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName("standard error");
    appender.setTarget("System.err");
    EncoderBase<ILoggingEvent> encoder = encoder(form);
    encoder.setContext(context);
    encoder.start();
    appender.setEncoder(encoder);
    appender.start();
    var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    root.setLevel(verbosity == 0 ? Level.WARN : verbosity == 1 ? Level.INFO : Level.DEBUG);
    context.getLogger("io.rowbell").setLevel(verbosity < 2 ? Level.INFO : Level.DEBUG);
    Discretion.watchOver(context);
    for (String name : Discretion.TALKATIVE) {
      context.getLogger(name).setLevel(verbosity == 0 ? Level.WARN : Level.INFO);
    }
    if (verbosity == 0) {
      // A lost connection, or a run that is stopped while it hands records on, is told by ours, in
      // a line; these print their stacks besides.
      context.getLogger("io.debezium.embedded").setLevel(Level.OFF);
      context.getLogger("io.debezium.util.Threads").setLevel(Level.OFF);
      context
          .getLogger("io.debezium.connector.postgresql.connection.PostgresReplicationConnection")
          .setLevel(Level.OFF);
      // What they warn of many times a second, the journal says once, with what to do.
      context.getLogger("org.apache.kafka.clients").setLevel(Level.ERROR);
    }
  }

  private static EncoderBase<ILoggingEvent> encoder(Form form) {
    if (form == Form.TEXT) {
      PatternLayoutEncoder encoder = new PatternLayoutEncoder();
      encoder.setPattern("%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\"} %-5level %msg%n");
      return encoder;
    }
    JsonEncoder encoder = new JsonEncoder();
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMarkers(false);
    encoder.setWithArguments(false);
    encoder.setWithMessage(false);
    encoder.setWithFormattedMessage(true);
    return encoder;
  }
}

package io.rowbell.engine;

import io.rowbell.engine.config.ConfigException;
import io.rowbell.spi.Finding;
import io.rowbell.spi.JournalException;
import io.rowbell.spi.SourceException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/** From what an adapter throws to what the process ends with. */
public final class Failures {
  private Failures() {}

  public static EngineException of(SourceException e) {
    ExitCode code =
        switch (e.kind()) {
          case UNREACHABLE, TAKEN_OVER -> ExitCode.SOURCE_UNREACHABLE;
          case MISCONFIGURED -> ExitCode.CONFIGURATION;
          case POSITION_MISMATCH -> ExitCode.POSITION_MISMATCH;
          case FAILED -> ExitCode.INTERNAL;
        };
    if (e.findings().isEmpty()) {
      return new EngineException(code, String.valueOf(e.getMessage()), e);
    }
    StringBuilder text = new StringBuilder("the database is not ready:");
    e.findings().stream()
        .filter(finding -> finding.severity() == Finding.Severity.ERROR)
        .forEach(finding -> append(text, finding));
    return new EngineException(code, text.toString(), e);
  }

  /** A finding on lines of its own. */
  static void append(StringBuilder text, Finding finding) {
    text.append("\n  ").append(finding.code()).append(' ').append(finding.message());
    text.append("\n    = help: ").append(finding.help());
    finding.sql().forEach(sql -> text.append("\n      ").append(sql));
  }

  public static EngineException of(JournalException e) {
    return new EngineException(ExitCode.DESTINATION_FATAL, String.valueOf(e.getMessage()), e);
  }

  public static EngineException of(ConfigException e) {
    return new EngineException(ExitCode.CONFIGURATION, String.valueOf(e.getMessage()), e);
  }

  /**
   * A file that cannot be read or written.
   *
   * @param what for example {@code rule file rules.yaml cannot be read}
   */
  public static EngineException of(String what, IOException e) {
    return new EngineException(ExitCode.CONFIGURATION, what + ": " + why(e), e);
  }

  private static String why(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "it is not there";
    }
    if (e instanceof AccessDeniedException) {
      return "this user may not";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "there is a file of that name";
    }
    if (e instanceof CharacterCodingException) {
      return "it is not text in UTF-8";
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** What nobody foresaw: our fault until shown otherwise. */
  public static EngineException unforeseen(Throwable e) {
    return e instanceof EngineException known
        ? known
        : new EngineException(ExitCode.INTERNAL, "an unforeseen error: " + e, e);
  }
}

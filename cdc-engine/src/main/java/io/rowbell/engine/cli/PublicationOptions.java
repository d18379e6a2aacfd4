package io.rowbell.engine.cli;

import io.rowbell.engine.PublicationReview;
import io.rowbell.engine.config.EngineConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands about the publication have in common. */
final class PublicationOptions {
  @Mixin private ConfigOption config;
  @Mixin private LogOptions log;

  @Option(
      names = "--keys-stay",
      description =
          "The application never changes a primary key: rules that listen to inserts or deletes"
              + " then need no updates.")
  private boolean keysStay;

  @Mixin private FormatOption format;

  PublicationReview review(boolean apply) throws InterruptedException {
    log.apply();
    EngineConfig pipeline = config.load().config();
    return PublicationReview.of(pipeline, keysStay, apply);
  }

  boolean json() {
    return format.isJson();
  }
}
